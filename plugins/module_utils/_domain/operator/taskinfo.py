# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is handed to Mesos: a task and the operations that make its volumes, as v1 JSON."""

from __future__ import annotations

import hashlib
from typing import Any, Callable, Mapping

from ..naming import cloud_user
from .manifests import Work, canonical
from .room import Placement, volume_id
from .snapshot import Snapshot

CONTAINER_TASK = "/usr/libexec/nextgen.cloud/container-task"
_NS = 1000000000

Command = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def container_command(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The CommandInfo that starts ``spec`` (variable NEXTGEN_CONTAINER) as a container on the worker.

    The user is said with each task, because Mesos never changes that of a framework which is there already.
    """
    return {
        "shell": False,
        "value": CONTAINER_TASK,
        "arguments": ["container-task", spec["task"]],
        "user": cloud_user(spec["cloud"]),
        "environment": {"variables": [{"name": "NEXTGEN_CONTAINER", "type": "VALUE", "value": canonical(spec)}]},
    }


def task_id(cloud: str, work: Work, index: int, now: float) -> str:
    """``<cloud>.<name>.<digest 8>.<nonce>``; the nonce differs from run to run and index to index."""
    seed = "%s %s %d %.6f" % (work.name, work.digest, index, now)
    return "%s.%s.%s.%s" % (cloud, work.name, work.digest[:8], hashlib.sha256(seed.encode()).hexdigest()[:6])


def container_spec(snapshot: Snapshot, work: Work, task: str, placement: Placement) -> dict[str, Any]:
    """All that the program on the worker needs to know; for secrets it has tokens, which are replaced over there."""
    manifest = work.manifest
    ports = [
        {"name": name, "container": work.ports[name], "host": host, "address": placement.agent.address}
        for name, host in sorted(placement.ports.items())
    ]
    return {
        "schema": 1,
        "site": snapshot.site,
        "cloud": snapshot.cloud,
        "name": work.name,
        "kind": work.kind,
        "task": task,
        "image": manifest.get("image", ""),
        "command": list(manifest.get("command") or ()),
        "user": manifest.get("user") or "",
        "environment": {**(manifest.get("environment") or {}), **(manifest.get("secret_environment") or {})},
        "ports": ports,
        "files": list(manifest.get("files") or ()),
        "volumes": [{"name": each["name"], "path": each["path"], "source": each["name"]} for each in work.volumes],
        "resources": {"cpus": work.needs["cpus"], "mem": work.needs["mem"]},
        "stop_grace": max(1, int(work.kill_grace) - 2),
    }


def operations(
    snapshot: Snapshot, work: Work, index: int, task: str, placement: Placement, command: Command
) -> list[dict[str, Any]]:
    """The operations of one ACCEPT: make what volumes are missing, then launch."""
    made, disks = [], []
    there = {volume.id: volume for volume in placement.agent.volumes}
    for volume in work.volumes:
        id_ = volume_id(snapshot.cloud, work.name, index, volume["name"])
        if id_ in there:
            disks.append(_mounted(there[id_].resource, volume["name"]))
            continue
        reserved = _reserved(snapshot, float(volume["size"]))
        resource = dict(reserved, disk=_persistent(id_, snapshot.principal, volume["name"]))
        made.append({"type": "RESERVE", "reserve": {"resources": [reserved]}})
        made.append({"type": "CREATE", "create": {"volumes": [resource]}})
        disks.append(resource)
    info = _task_info(snapshot, work, index, task, placement, command)
    info["resources"] += disks
    return made + [{"type": "LAUNCH", "launch": {"task_infos": [info]}}]


def _reserved(snapshot: Snapshot, size: float) -> dict[str, Any]:
    reservation = {"type": "DYNAMIC", "role": snapshot.cloud, "principal": snapshot.principal}
    return {"name": "disk", "type": "SCALAR", "scalar": {"value": size}, "reservations": [reservation]}


def _persistent(id_: str, principal: str, path: str) -> dict[str, Any]:
    return {
        "persistence": {"id": id_, "principal": principal},
        "volume": {"mode": "RW", "container_path": path},
    }


def _mounted(resource: Mapping[str, Any], path: str) -> dict[str, Any]:
    disk = dict(resource["disk"], volume={"mode": "RW", "container_path": path})
    return dict(resource, disk=disk)


def _task_info(
    snapshot: Snapshot, work: Work, index: int, task: str, placement: Placement, command: Command
) -> dict[str, Any]:
    spec = container_spec(snapshot, work, task, placement)
    info: dict[str, Any] = {
        "name": "%s.%s" % (work.name, snapshot.cloud),
        "task_id": {"value": task},
        "agent_id": {"value": placement.agent.id},
        "resources": _resources(work, placement),
        "command": command(spec),
        "kill_policy": {"grace_period": {"nanoseconds": int(work.kill_grace * _NS)}},
        "labels": {"labels": _labels(snapshot, work, index, placement)},
    }
    if placement.ports:
        ports = [{"number": host, "name": name, "protocol": "tcp"} for name, host in sorted(placement.ports.items())]
        info["discovery"] = {
            "visibility": "CLUSTER",
            "name": "%s.%s" % (work.name, snapshot.cloud),
            "ports": {"ports": ports},
        }
    if work.health:
        info["health_check"] = health_check(work.health, task, placement.ports)
    return info


def _resources(work: Work, placement: Placement) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "type": "SCALAR", "scalar": {"value": value}} for name, value in work.needs.items() if value > 0
    ]
    if placement.ports:
        ranges = [{"begin": port, "end": port} for port in sorted(placement.ports.values())]
        found.append({"name": "ports", "type": "RANGES", "ranges": {"range": ranges}})
    return found


def _labels(snapshot: Snapshot, work: Work, index: int, placement: Placement) -> list[dict[str, str]]:
    labels = {
        "nextgen.site": snapshot.site,
        "nextgen.cloud": snapshot.cloud,
        "nextgen.kind": work.kind,
        "nextgen.name": work.name,
        "nextgen.digest": work.digest,
        "nextgen.index": str(index),
        "nextgen.checked": "true" if work.health else "false",
        "nextgen.address": placement.agent.address,
    }
    if work.revisions:
        labels["nextgen.revisions"] = canonical(dict(work.revisions))
    return [{"key": key, "value": value} for key, value in sorted(labels.items())]


def health_check(health: Mapping[str, Any], task: str, ports: Mapping[str, int]) -> dict[str, Any]:
    """The HealthCheck of a manifest's ``health``; ports become those on the host."""
    check: dict[str, Any] = {
        "type": health["kind"].upper(),
        "delay_seconds": 0.0,
        "interval_seconds": float(health.get("interval", 5)),
        "timeout_seconds": float(health.get("timeout", 5)),
        "grace_period_seconds": float(health.get("grace", 60)),
        "consecutive_failures": int(health.get("failures", 3)),
    }
    if health["kind"] == "http":
        check["http"] = {"scheme": "http", "port": ports[health["port"]], "path": health.get("path", "/")}
    elif health["kind"] == "tcp":
        check["tcp"] = {"port": ports[health["port"]]}
    else:
        arguments = ["container-task", "--exec", task] + list(health["command"])
        check["command"] = {"shell": False, "value": CONTAINER_TASK, "arguments": arguments}
    return check
