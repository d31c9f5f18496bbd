# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers of the master's operator API, turned into a ``Snapshot``."""

from __future__ import annotations

import json
import re
from typing import Any, Iterable, Mapping

from .snapshot import Agent, Snapshot, Task, Volume

_SCALARS = ("cpus", "mem", "disk")


def read_snapshot(
    site: str,
    cloud: str,
    principal: str,
    answers: Mapping[str, Any],
    records: Mapping[str, Any],
) -> Snapshot:
    """``answers``: the bodies of GET_STATE, GET_QUOTA and GET_WEIGHTS under ``state``, ``quota``, ``weights``.

    ``records``: what ZooKeeper has, ``framework`` (id or ""), ``jobs`` (digests), ``volumes`` (id to
    hostname), ``any`` (is there anything at all).
    """
    state = answers["state"]
    agents = state.get("get_agents") or {}
    frameworks = list(_frameworks(state, cloud))
    recorded = str(records.get("framework") or "")
    ours = sorted(item["id"] for item in frameworks if item["ours"])
    registered = recorded in {item["id"] for item in frameworks}
    mine = recorded if registered else (ours or [""])[0]
    return Snapshot(
        site=site,
        cloud=cloud,
        principal=principal,
        framework=recorded,
        registered=registered,
        adoptable="" if registered else mine,
        others=tuple(id_ for id_ in ours if id_ != mine),
        quota=_quota(answers.get("quota") or {}, cloud),
        weight=_weight(answers.get("weights") or {}, cloud),
        agents=tuple(_agent(item, cloud) for item in agents.get("agents") or ()),
        tasks=tuple(_tasks(state.get("get_tasks") or {}, mine)),
        jobs=tuple(sorted(records.get("jobs") or ())),
        places=dict(records.get("volumes") or {}),
        recorded=bool(records.get("any")),
        recovering=len(agents.get("recovered_agents") or ()),
    )


def _frameworks(state: Mapping[str, Any], cloud: str) -> Iterable[dict[str, Any]]:
    for item in (state.get("get_frameworks") or {}).get("frameworks") or ():
        info = item["framework_info"]
        id_ = (info.get("id") or {}).get("value", "")
        ours = info.get("name") == cloud and bool(re.match("%s-[0-9a-f]{8}$" % re.escape(cloud), id_))
        yield {"id": id_, "ours": ours}


def _quota(answer: Mapping[str, Any], role: str) -> dict[str, float] | None:
    for item in (answer.get("status") or {}).get("configs") or ():
        if item.get("role") == role and (item.get("limits") or item.get("guarantees")):
            return {key: float(value["value"]) for key, value in sorted((item.get("limits") or {}).items())}
    return None


def _weight(answer: Mapping[str, Any], role: str) -> float | None:
    for item in answer.get("weight_infos") or ():
        if item.get("role") == role:
            return float(item["weight"])
    return None


def _agent(item: Mapping[str, Any], role: str) -> Agent:
    info = item["agent_info"]
    total = item.get("total_resources") or ()
    used = item.get("allocated_resources") or ()
    free = _scalars(total)
    for key, value in _scalars(used).items():
        free[key] = free.get(key, 0.0) - value
    ours = [resource for resource in total if _role(resource) == role]
    volumes = [resource for resource in ours if (resource.get("disk") or {}).get("persistence")]
    return Agent(
        id=info["id"]["value"],
        hostname=info.get("hostname", ""),
        address=_address(item.get("pid", "")),
        port=int(info.get("port", 5051)),
        attributes=_attributes(info.get("attributes") or ()),
        active=bool(item.get("active", True)) and not item.get("deactivated"),
        free=free,
        ports=tuple(_ranges(total)),
        used_ports=tuple(sorted(port for first, last in _ranges(used) for port in range(first, last + 1))),
        volumes=tuple(_volume(resource) for resource in volumes),
        stray=tuple(_plain(resource) for resource in ours if resource not in volumes),
    )


def _role(resource: Mapping[str, Any]) -> str:
    """The role a resource is reserved for, "" = nobody's."""
    reservations = resource.get("reservations") or ()
    if reservations:
        return reservations[-1].get("role", "")
    role = resource.get("role", "*")
    return "" if role == "*" else role


def _plain(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource as it may be sent back: without the twin fields that endpoints add."""
    return {key: value for key, value in resource.items() if key not in ("role", "reservation", "allocation_info")}


def _volume(resource: Mapping[str, Any]) -> Volume:
    return Volume(
        id=resource["disk"]["persistence"]["id"],
        size=float(resource["scalar"]["value"]),
        resource=_plain(resource),
    )


def _scalars(resources: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Sums of what nobody has reserved."""
    sums = dict.fromkeys(_SCALARS, 0.0)
    for resource in resources:
        if resource.get("name") in sums and not _role(resource):
            sums[resource["name"]] += float(resource["scalar"]["value"])
    return sums


def _ranges(resources: Iterable[Mapping[str, Any]]) -> Iterable[tuple[int, int]]:
    for resource in resources:
        if resource.get("name") == "ports":
            for item in (resource.get("ranges") or {}).get("range") or ():
                yield int(item["begin"]), int(item["end"])


def _address(pid: str) -> str:
    """``slave(1)@10.0.0.1:5051`` to ``10.0.0.1``."""
    return pid.rpartition("@")[2].rpartition(":")[0]


def _attributes(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    found = {}
    for item in items:
        if "text" in item:
            found[item["name"]] = str(item["text"]["value"])
        elif "scalar" in item:
            found[item["name"]] = "%g" % item["scalar"]["value"]
    return found


def _tasks(answer: Mapping[str, Any], framework: str) -> Iterable[Task]:
    """Later lists win: a task is in one only, but the order of reading must not matter."""
    found: dict[str, Task] = {}
    for part in ("completed_tasks", "unreachable_tasks", "pending_tasks", "tasks"):
        for item in answer.get(part) or ():
            if framework and item["framework_id"]["value"] == framework:
                task = _task(item, "TASK_UNREACHABLE" if part == "unreachable_tasks" else "")
                found[task.id] = task
    return [found[key] for key in sorted(found)]


def _task(item: Mapping[str, Any], state: str) -> Task:
    labels = {each["key"]: each.get("value", "") for each in (item.get("labels") or {}).get("labels") or ()}
    statuses = list(item.get("statuses") or ())
    last = statuses[-1] if statuses else {}
    resources = item.get("resources") or ()
    disks = [(each.get("disk") or {}).get("persistence") or {} for each in resources]
    return Task(
        id=item["task_id"]["value"],
        name=labels.get("nextgen.name", ""),
        kind=labels.get("nextgen.kind", ""),
        digest=labels.get("nextgen.digest", ""),
        state=state or item.get("state", "TASK_STAGING"),
        agent=(item.get("agent_id") or {}).get("value", ""),
        index=int(labels.get("nextgen.index") or 0),
        checked=labels.get("nextgen.checked") == "true",
        healthy=last.get("healthy"),
        started=float(statuses[0].get("timestamp", 0.0)) if statuses else 0.0,
        changed=float(last.get("timestamp", 0.0)),
        ports=_named_ports(item),
        address=labels.get("nextgen.address", ""),
        volumes=tuple(sorted(each["id"] for each in disks if each)),
        message=str(last.get("message", "")),
        reason=str(last.get("reason", "")),
        revisions=json.loads(labels.get("nextgen.revisions") or "{}"),
        **_scalars(resources),
    )


def _named_ports(item: Mapping[str, Any]) -> dict[str, int]:
    ports = ((item.get("discovery") or {}).get("ports") or {}).get("ports") or ()
    return {port.get("name", ""): int(port["number"]) for port in ports}
