# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a site means for the driver ``podman``: names, facts, engine settings.

A node is a container with a fixed address in the site's own network, and two volumes:
its containers and its Mesos work directory live on the filesystem of the machine.
"""

from __future__ import annotations

import hashlib
import ipaddress
from typing import Any, Collection, Mapping

from ..errors import CloudError, Problem, refuse
from .model import NETWORK, NODE, VOLUME, Item

# Volume suffix -> where the node has it. Overlay filesystems want a plain filesystem below them.
VOLUMES = {"containers": "/var/lib/containers", "mesos": "/var/lib/mesos"}

NOFILE = 65536
# podman itself runs under the kernel's default bound of process ids and cannot give more than it has.
NPROC = 32768


def network_name(site: str) -> str:
    """``aio`` → ``nextgen-aio``."""
    return "nextgen-%s" % site


def machine_name(site: str, node: str) -> str:
    """``aio``, ``aio-1`` → ``nextgen-aio-aio-1``."""
    return "nextgen-%s-%s" % (site, node)


def volume_name(site: str, node: str, volume: str) -> str:
    """``aio``, ``aio-1``, ``mesos`` → ``nextgen-aio-aio-1-mesos``."""
    return "%s-%s" % (machine_name(site, node), volume)


def hardware_address(site: str, node: str) -> str:
    """A locally administered address that the node has for good.

    A node that is made anew under its old address would otherwise be unreachable until its neighbours, this
    machine among them, have forgotten the old hardware address: up to a minute.
    """
    digest = hashlib.sha256(machine_name(site, node).encode()).hexdigest()
    return ":".join(("02", *(digest[index : index + 2] for index in range(0, 10, 2))))


def items(site: Mapping[str, Any]) -> tuple[Item, ...]:
    """The things of a normalized site in the order of their making: network, volumes, nodes."""
    name, subnet, nodes = site["site"], site["driver"]["subnet"], site["nodes"]
    _check_nodes(subnet, nodes)
    network = Item(NETWORK, network_name(name), "", {"subnet": subnet})
    volumes = [Item(VOLUME, volume_name(name, node, volume), node) for node in nodes for volume in VOLUMES]
    machines = [Item(NODE, machine_name(name, node), node, {"address": row["address"]}) for node, row in nodes.items()]
    return (network, *volumes, *machines)


def _check_nodes(subnet: str, nodes: Mapping[str, Mapping[str, Any]]) -> None:
    """Addresses lie in the subnet, and ssh is what the image has."""
    network = ipaddress.ip_network(subnet)
    gateway = network.network_address + 1
    problems = []
    for node, row in nodes.items():
        address = ipaddress.ip_address(row["address"])
        if address not in network or address in (network.network_address, gateway):
            problems.append(Problem("NXC-NODE-0008", {"node": node, "address": str(address), "subnet": subnet}))
        ssh = row.get("ssh") or {}
        if (ssh.get("user", "root"), ssh.get("port", 22)) != ("root", 22):
            problems.append(Problem("NXC-NODE-0009", {"node": node}))
    if problems:
        raise CloudError(problems)


def choose_runtime(unified: bool, installed: Collection[str]) -> str:
    """The container runtime for this machine's control groups.

    crun refuses hierarchies of version 1, also beside a version 2 one (hybrid); runc takes them all.
    """
    for runtime in ("crun", "runc") if unified else ("runc",):
        if runtime in installed:
            return runtime
    raise refuse("NXC-NODE-0010", groups="version 2" if unified else "version 1")


def engine_settings(runtime: str, manager: str, nofile: int, nproc: int) -> str:
    """The ``containers.conf`` that every podman command of the driver reads instead of the machine's own.

    ``nofile`` and ``nproc`` are the hard limits of this process, -1 for none: a container cannot have more.
    """
    limits = (_bounded(nofile, NOFILE), _bounded(nproc, NPROC))
    return (
        "[engine]\n"
        'runtime = "%s"\n'
        'cgroup_manager = "%s"\n'
        "[containers]\n"
        'log_driver = "k8s-file"\n'
        "log_size_max = 1048576\n"
        'default_ulimits = ["nofile=%d:%d", "nproc=%d:%d"]\n'
    ) % (runtime, manager, limits[0], limits[0], limits[1], limits[1])


def _bounded(limit: int, bound: int) -> int:
    return bound if limit < 0 else min(limit, bound)


def image_reference(image: str, images: Mapping[str, str]) -> str:
    """The container image that the site's word for it means; a word nobody knows is a reference itself."""
    return images.get(image, image)
