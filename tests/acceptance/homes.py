# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where values of secrets may be, and nowhere else. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Home:
    """Files (a pattern of their whole path; groups may be named in ``secrets``) that may hold these secrets.

    ``owners``: who they may belong to, as patterns; None where the tasks of clouds have their own users.
    """

    files: str
    secrets: str
    owners: tuple[str, ...]
    reason: str


_ANY_TASK_USER = (r"\d+",)

NODE = (
    Home(r"/etc/nextgen\.cloud/clouds/(?P<cloud>[^/]+)/secrets/.+", r"clouds/{cloud}/.+", ("root",),
         "container-task takes the secrets of its task from here"),
    Home(r"/run/nextgen\.cloud/tasks/(?P<cloud>[^.]+)\.[^/]+/files/\d+", r"(clouds/{cloud}/|key:/etc/nextgen\.cloud/"
         r"clouds/{cloud}/).+", _ANY_TASK_USER, "the files of a running task, on tmpfs"),
    Home(r"/etc/nextgen\.cloud/clouds/(?P<cloud>[^/]+)/certificates/.+", r"key:/etc/nextgen\.cloud/clouds/{cloud}/.+",
         ("root",), "keys of the cloud's services that run here"),
    Home(r"/etc/nextgen\.cloud/pki/.+", r"key:/etc/nextgen\.cloud/pki/.+", ("root", "zookeeper", "docker-registry"),
         "keys of the site's services; each belongs to the user of its service"),
    Home(r"/etc/haproxy/.+", r"key:/etc/haproxy/.+", ("root",), "keys of the edge"),
    Home(r"/etc/ssl/private/.+", r"key:/etc/ssl/private/.+", ("root",), "a key that Debian makes and nobody uses"),
    Home(r"/etc/mesos-master/secret/.+", r"mesos/principals/.+", ("root",), "whom the master lets in"),
    Home(r"/etc/mesos-agent/secret/.+", r"mesos/principals/(agent|operator)", ("root",), "who the agent is"),
    Home(r"/etc/mesos/zk", r"site/zookeeper/mesos", ("root",), "how masters and agents get to ZooKeeper"),
    Home(r"/etc/zookeeper/.+", r"(site/zookeeper/.+|key:/etc/(zookeeper|nextgen\.cloud/pki)/.+)", ("root", "zookeeper"),
         "whom ZooKeeper lets in, and its key"),
    Home(r"/var/lib/containers/storage/overlay-containers/[^/]+/userdata/shm/.+", r"clouds/.+", _ANY_TASK_USER,
         "the shared memory of a container, where a server makes its own form of a password"),
    Home(r"/run/docker-registry/key\.pem", r"key:/etc/nextgen\.cloud/pki/.+", ("docker-registry",),
         "the key of the registry, in memory for the user that it runs as"),
    Home(r"/etc/nextgen\.cloud/registry\.json", r"site/registry/.+", ("root",), "how podman gets into the registry"),
    Home(r"/var/lib/containers/nextgen-images/account\.json", r"site/registry/.+", ("root",),
         "how buildah gets into the registry, while images are built"),
)  # fmt: skip

CONTROLLER = (
    Home(r"ssh/id_ed25519", r"file:ssh/id_ed25519", (".*",), "the key to machines that we made"),
    Home(r"pki/ca\.key", r"file:pki/ca\.key", (".*",), "the key of the site's authority"),
    Home(r"secrets/store\.json", r".*", (".*",), "the store"),
)  # fmt: skip

# In the folder for the person at the controller.
ACCESS = (
    Home(r"access:clouds\.yaml", r"clouds/.+/keystone/admin_password", (".*",), "how the administrator logs in"),
)  # fmt: skip


def home_of(path: str, secret: str, homes: Iterable[Home]) -> Home | None:
    """The home of this secret that the file is; None if it has no business there."""
    # A former value lives where the present one does.
    secret = secret.partition("#")[0]
    for home in homes:
        match = re.fullmatch(home.files, path)
        if match and re.fullmatch(
            home.secrets.format(**{name: re.escape(value) for name, value in match.groupdict().items()}), secret
        ):
            return home
    return None


def leaks(hits: Iterable[Mapping[str, Any]], homes: Iterable[Home]) -> list[Mapping[str, Any]]:
    """Hits that are not files at home."""
    homes = list(homes)
    return [hit for hit in hits if hit["kind"] != "file" or not home_of(hit["place"], hit["secret"], homes)]


def ajar(hits: Iterable[Mapping[str, Any]], homes: Iterable[Home]) -> list[dict[str, Any]]:
    """Files at home that others than their owner may read, or that belong to somebody else."""
    homes, found = list(homes), []
    for hit in hits:
        home = home_of(hit["place"], hit["secret"], homes) if hit["kind"] == "file" else None
        if home is None:
            continue
        faults = []
        if hit["mode"] & 0o177:
            faults.append("mode %04o" % hit["mode"])
        # In a sticky folder others may add files, and not replace this one.
        if hit["folder_mode"] & 0o022 and not hit["folder_mode"] & 0o1000:
            faults.append("folder %04o" % hit["folder_mode"])
        if not any(re.fullmatch(owner, hit["owner"]) for owner in home.owners):
            faults.append("owner " + hit["owner"])
        if faults:
            found.append({**hit, "fault": ", ".join(faults)})
    return found
