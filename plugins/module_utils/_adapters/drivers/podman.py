# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Driver ``podman``: nodes are systemd containers on the controller, made with the podman command.

Nothing of the machine is changed for it: engine settings come from a file of the site
(``CONTAINERS_CONF``), and every network, volume and container carries the site's labels.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..._domain.errors import refuse
from ..._domain.nodes import podman as names
from ..._domain.nodes.model import BROKEN, NETWORK, NODE, READY, STOPPED, VOLUME, Action, Item, Mark, Thing
from .base import Access, Run, answers_ssh, failure, wait_for

LABEL_SITE = "nextgen.site"
LABEL_ID = "nextgen.site-id"
LABEL_NODE = "nextgen.node"
LABEL_ADDRESS = "nextgen.address"

SSH_PORT = 22
BOOTED = ("running", "degraded")

# Container states of podman that mean something else than stopped.
_STATES = {"running": READY, "paused": STOPPED, "removing": BROKEN, "storage": BROKEN}

# First line: how far systemd is. Then the host keys, a separator, and who may enter.
_PROBE = (
    "systemctl is-system-running 2>/dev/null || true; cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null || true;"
    " echo --; cat /root/.ssh/authorized_keys 2>/dev/null || true"
)
# The key of this site replaces an earlier one of the same site (the last word of the line says whose it is).
_AUTHORIZE = (
    "set -eu; umask 077; key=$(cat); mkdir -p /root/.ssh; cd /root/.ssh; touch authorized_keys;"
    ' new=$(mktemp .new.XXXXXX); grep -v " ${key##* }\\$" authorized_keys > "$new" || true;'
    ' printf "%s\\n" "$key" >> "$new"; mv "$new" authorized_keys'
)


def engine_settings_here() -> str:
    """The engine settings for this machine, by its control groups, runtimes and limits."""
    unified = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
    runtime = names.choose_runtime(unified, [name for name in ("crun", "runc") if shutil.which(name)])
    manager = "systemd" if unified and os.path.isdir("/run/systemd/system") else "cgroupfs"
    nofile = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    nproc = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    return names.engine_settings(runtime, manager, nofile, nproc)


class PodmanDriver:
    """``run`` must set CONTAINERS_CONF; ``journal`` is a directory for notes about containers in the making."""

    kind = "podman"
    manages_access = True

    def __init__(
        self, site: Mapping[str, Any], mark: Mark, run: Run, *, images: Mapping[str, str], journal: str, timeout: float
    ):
        self.mark = mark
        self._site = site
        self._run = run
        self._image = names.image_reference(site["driver"]["image"], images)
        self._journal = journal
        self._timeout = timeout
        self._items = {(item.kind, item.name): item for item in names.items(site)}

    def items(self) -> Sequence[Item]:
        return tuple(self._items.values())

    def prepare(self) -> None:
        if self._podman("image", "exists", self._image, check=False)[0] != 0:
            raise refuse("NXC-NODE-0013", image=self._image)

    def observe(self) -> Sequence[Thing]:
        return (*self._networks(), *self._volumes(), *self._containers())

    def create(self, action: Action) -> None:
        item = self._items[(action.kind, action.name)]
        make = {NETWORK: self._create_network, VOLUME: self._create_volume, NODE: self._create_container}[item.kind]
        rc, err = make(item)
        # A podman command of a run that was killed may have gone on and been faster.
        if rc != 0 and not self._is_ours(action):
            raise failure(["podman", "create", item.kind, item.name], err)

    def claim(self, action: Action) -> None:
        raise refuse("NXC-NODE-0001", kind=action.kind, name=action.name, site=self.mark.site)

    def start(self, action: Action) -> None:
        # In a session of its own: podman cannot take back what a start that is killed with Ansible has half done.
        rc, _out, err = self._podman("start", action.name, check=False, before=("setsid", "--wait"))
        if rc != 0 and "paused" in err:
            rc, _out, err = self._podman("unpause", action.name, check=False)
        if rc != 0 and "already allocated" in err:
            address = self._items[(action.kind, action.name)].facts["address"]
            raise refuse("NXC-NODE-0017", node=action.node, address=address)
        if rc != 0:
            raise failure(["podman", "start", action.name], err)

    def repair(self, action: Action) -> None:
        self._podman("rm", "--force", "--time", "0", action.name)
        self.create(action)

    def destroy(self, action: Action) -> None:
        argv = {
            NODE: ("rm", "--force", "--ignore", "--time", "0"),
            VOLUME: ("volume", "rm"),
            NETWORK: ("network", "rm"),
        }[action.kind]
        if action.kind == NETWORK:
            self._clear_bridge(action.name)
        rc, _out, err = self._podman(*argv, action.name, check=False)
        if rc != 0 and self._is_ours(action):
            raise failure(["podman", *argv[:2], action.name], err)
        self._forget(action.name)

    def reach(self, node: str, public_key: str) -> Access:
        address = self._site["nodes"][node]["address"]
        name = names.machine_name(self._site["site"], node)

        def look() -> tuple[Access | None, str]:
            if not answers_ssh(address, SSH_PORT):
                return None, "no SSH server answers on %s" % address
            # Read after the greeting: by then the server has all its keys.
            _rc, out, _err = self._podman("exec", name, "sh", "-c", _PROBE, check=False)
            head, _mark, keys = out.partition("--\n")
            state, *host_keys = head.splitlines() or [""]
            if state not in BOOTED or not host_keys:
                return None, "systemd is %s" % (state or "silent")
            return Access(public_key in keys.splitlines(), tuple(host_keys)), ""

        return wait_for(
            look,
            self._timeout,
            lambda detail: refuse("NXC-NODE-0015", node=node, name=name, seconds=self._timeout, detail=detail),
        )

    def authorize(self, node: str, public_key: str) -> None:
        name = names.machine_name(self._site["site"], node)
        self._podman("exec", "--interactive", name, "sh", "-c", _AUTHORIZE, stdin=public_key)

    # -- reading

    def _networks(self) -> Iterable[Thing]:
        for row in self._listing("network", "ls"):
            subnets = [entry["subnet"] for entry in row.get("subnets") or []]
            facts = {"subnet": subnets[0]} if subnets else {}
            yield Thing(NETWORK, row["name"], READY, _mark(row.get("labels")), facts=facts)

    def _volumes(self) -> Iterable[Thing]:
        for row in self._listing("volume", "ls"):
            thing = Thing(VOLUME, row["Name"], READY, _mark(row.get("Labels")), _label(row.get("Labels"), LABEL_NODE))
            if self._concerns(thing):
                yield thing

    def _containers(self) -> Iterable[Thing]:
        for row in self._listing("ps", "--all", "--external"):
            labels = row.get("Labels")
            name = (row.get("Names") or [""])[0]
            address = _label(labels, LABEL_ADDRESS)
            thing = Thing(
                NODE,
                name,
                _STATES.get(row["State"], STOPPED),
                self._mark_of_leftover(name) if row["State"] == "storage" else _mark(labels),
                _label(labels, LABEL_NODE),
                {"address": address} if address else {},
                row.get("Image", ""),
            )
            if self._concerns(thing):
                yield thing

    def _concerns(self, thing: Thing) -> bool:
        """A wanted name, or our site's name on it; what else runs on this machine is not our business."""
        return (thing.kind, thing.name) in self._items or bool(thing.mark and thing.mark.site == self.mark.site)

    def _is_ours(self, action: Action) -> bool:
        things = {(thing.kind, thing.name): thing for thing in self.observe()}
        thing = things.get((action.kind, action.name))
        return thing is not None and thing.mark == self.mark and thing.state != BROKEN

    def _listing(self, *argv: str) -> list[dict[str, Any]]:
        return json.loads(self._podman(*argv, "--format", "json")[1] or "[]") or []

    # -- making

    def _clear_bridge(self, network: str) -> None:
        """Remove the links of starts that were killed: nobody else does, and they hold on to addresses.

        On a network without running containers every link is such a leftover.
        """
        running = [row for row in self._listing("ps") if network in (row.get("Networks") or [])]
        bridges = [row["network_interface"] for row in self._listing("network", "ls") if row["name"] == network]
        if running:
            return
        for bridge in bridges:
            members = os.path.join("/sys/class/net", bridge, "brif")
            for link in sorted(os.listdir(members)) + [bridge] if os.path.isdir(members) else []:
                self._run(("ip", "link", "delete", link), None)

    def _create_network(self, item: Item) -> tuple[int, str]:
        argv = ("network", "create", *self._labels(item), "--disable-dns", "--subnet", item.facts["subnet"], item.name)
        rc, _out, err = self._podman(*argv, check=False)
        return rc, err

    def _create_volume(self, item: Item) -> tuple[int, str]:
        rc, _out, err = self._podman("volume", "create", *self._labels(item), item.name, check=False)
        return rc, err

    def _create_container(self, item: Item) -> tuple[int, str]:
        site = self._site["site"]
        mounts = (
            "%s:%s:exec,dev,suid" % (names.volume_name(site, item.node, volume), path)
            for volume, path in names.VOLUMES.items()
        )
        argv = [
            "create",
            *self._labels(item),
            *("--label", "%s=%s" % (LABEL_ADDRESS, item.facts["address"])),
            *("--name", item.name, "--hostname", item.node),
            *("--network", names.network_name(site), "--ip", item.facts["address"]),
            *("--mac-address", names.hardware_address(site, item.node)),
            # The node runs containers itself, and systemd; it writes its own /etc/hosts.
            *("--privileged", "--systemd", "always", "--pids-limit", "-1", "--no-hosts"),
            *(word for mount in mounts for word in ("--volume", mount)),
            self._image,
        ]
        # A kill inside podman can leave storage with our name on it that cannot carry labels; the note says it is ours.
        self._note(item.name)
        rc, _out, err = self._podman(*argv, check=False)
        if rc == 0:
            self._forget(item.name)
        return rc, err

    def _labels(self, item: Item) -> tuple[str, ...]:
        labels = {LABEL_SITE: self.mark.site, LABEL_ID: self.mark.id}
        if item.node:
            labels[LABEL_NODE] = item.node
        return tuple(word for key, value in labels.items() for word in ("--label", "%s=%s" % (key, value)))

    # -- notes about containers in the making

    def _note(self, name: str) -> None:
        os.makedirs(self._journal, mode=0o700, exist_ok=True)
        with open(os.path.join(self._journal, name), "w", encoding="utf-8") as stream:
            stream.write(self.mark.to_line())

    def _forget(self, name: str) -> None:
        path = os.path.join(self._journal, name)
        if os.path.exists(path):
            os.unlink(path)

    def _mark_of_leftover(self, name: str) -> Mark | None:
        return self.mark if os.path.exists(os.path.join(self._journal, name)) else None

    def _podman(
        self, *argv: str, stdin: str | None = None, check: bool = True, before: Sequence[str] = ()
    ) -> tuple[int, str, str]:
        rc, out, err = self._run((*before, "podman", "--log-level", "error", *argv), stdin)
        if check and rc != 0:
            raise failure(["podman", *argv], err)
        return rc, out, err


def _label(labels: Mapping[str, str] | None, key: str) -> str:
    return (labels or {}).get(key, "")


def _mark(labels: Mapping[str, str] | None) -> Mark | None:
    site = _label(labels, LABEL_SITE)
    return Mark(site, _label(labels, LABEL_ID)) if site else None
