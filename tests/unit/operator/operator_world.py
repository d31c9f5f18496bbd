# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests and snapshots for the tables, and what carrying out a mutation would make of a snapshot."""

from __future__ import annotations

import json
from dataclasses import replace

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.manifests import read_manifests
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.plan import plan
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.snapshot import (
    Agent,
    Snapshot,
    Task,
    Volume,
)

NOW = 1000.0
HEALTH = {"kind": "tcp", "port": "api", "interval": 1, "timeout": 1, "grace": 10, "failures": 3}


def top(cpus=4.0, mem=4096, **more):
    return {
        "schema": 1,
        "kind": "cloud",
        "cloud": "dev",
        "name": "dev",
        "quota": {"cpus": cpus, "mem": mem},
        "weight": 1.0,
        "ports": [20000, 20049],
        "route_ports": [20000, 20009],
        **more,
    }


def service(name, **more):
    return {
        "schema": 1,
        "kind": "service",
        "cloud": "dev",
        "name": name,
        "image": name,
        "instances": 1,
        "resources": {"cpus": 0.5, "mem": 128, "disk": 16},
        "ports": {"api": 80},
        "health": HEALTH,
        "update": "surge",
        "kill_grace": 10,
        **more,
    }


def job(name, **more):
    manifest = service(name, kind="job", timeout=60, **more)
    for key in ("instances", "ports", "health", "update"):
        del manifest[key]
    return manifest


def route(name):
    return {"schema": 1, "kind": "route", "cloud": "dev", "name": name, "service": name, "port": "api"}


def agent(number=0, **more):
    values = {
        "id": "S%d" % number,
        "hostname": "node%d" % number,
        "address": "10.0.0.%d" % (number + 1),
        "free": {"cpus": 8.0, "mem": 8192.0, "disk": 10000.0},
        "ports": ((20000, 20999),),
        "attributes": {"zone": "ab"[number % 2]},
    }
    return Agent(**{**values, **more})


def empty(*agents, **more):
    return Snapshot("aio", "dev", "dev", agents=agents or (agent(),), **more)


def wanted(*manifests, revisions=None):
    manifests = [*manifests] if any(m["kind"] == "cloud" for m in manifests) else [top(), *manifests]
    return read_manifests("dev", manifests, revisions)


def _change(snapshot, id_, **values):
    return replace(
        snapshot, agents=tuple(replace(each, **values) if each.id == id_ else each for each in snapshot.agents)
    )


def _launch(snapshot, mutation):
    infos = [each["launch"]["task_infos"] for each in mutation.body["operations"] if each["type"] == "LAUNCH"]
    ((info,),) = infos
    labels = {each["key"]: each["value"] for each in info["labels"]["labels"]}
    scalars = {"cpus": 0.0, "mem": 0.0, "disk": 0.0}
    ports, volumes = {}, []
    for resource in info["resources"]:
        if "disk" in resource:
            volumes.append(Volume(resource["disk"]["persistence"]["id"], resource["scalar"]["value"], resource))
        elif resource["name"] in scalars:
            scalars[resource["name"]] += resource["scalar"]["value"]
    for port in info.get("discovery", {}).get("ports", {}).get("ports", []):
        ports[port["name"]] = port["number"]
    one_shot = labels["nextgen.kind"] == "job"
    task = Task(
        id=info["task_id"]["value"],
        name=labels["nextgen.name"],
        kind=labels["nextgen.kind"],
        digest=labels["nextgen.digest"],
        index=int(labels["nextgen.index"]),
        state="TASK_FINISHED" if one_shot else "TASK_RUNNING",
        checked="health_check" in info,
        healthy=True if "health_check" in info else None,
        agent=info["agent_id"]["value"],
        address=labels["nextgen.address"],
        started=NOW,
        ports=ports,
        volumes=tuple(sorted(volume.id for volume in volumes)),
        revisions=json.loads(labels.get("nextgen.revisions", "{}")),
        **scalars,
    )
    host = snapshot.agent(task.agent)
    if not one_shot:
        free = {key: host.free[key] - scalars[key] for key in scalars}
        there = {volume.id for volume in host.volumes}
        made = tuple(volume for volume in volumes if volume.id not in there)
        free["disk"] -= sum(volume.size for volume in made)
        used = tuple(sorted((*host.used_ports, *ports.values())))
        snapshot = _change(snapshot, host.id, free=free, used_ports=used, volumes=host.volumes + made)
    places = {**snapshot.places, **mutation.body["volumes"]}
    jobs = tuple(sorted({*snapshot.jobs, task.digest})) if one_shot else snapshot.jobs
    return replace(snapshot, tasks=(*snapshot.tasks, task), places=places, jobs=jobs, recorded=True)


def end(snapshot, id_, state="TASK_KILLED"):
    """The task is over and what it held is free."""
    task = snapshot.task(id_)
    host = snapshot.agent(task.agent)
    if host:
        free = {key: host.free[key] + getattr(task, key) for key in ("cpus", "mem", "disk")}
        used = tuple(port for port in host.used_ports if port not in task.ports.values())
        snapshot = _change(snapshot, host.id, free=free, used_ports=used)
    ended = replace(task, state=state)
    return replace(snapshot, tasks=tuple(ended if each is task else each for each in snapshot.tasks))


def _set(snapshot, mutation):
    if mutation.kind == "quota":
        (config,) = mutation.body["update_quota"]["quota_configs"]
        limits = {key: value["value"] for key, value in config.get("limits", {}).items()}
        return replace(snapshot, quota=limits or None)
    (info,) = mutation.body["update_weights"]["weight_infos"]
    return replace(snapshot, weight=info["weight"])


def _register(snapshot, mutation):
    id_ = mutation.body["framework_info"]["id"]["value"]
    return replace(snapshot, framework=id_, registered=True, adoptable="", recorded=True)


def _teardown(snapshot, mutation):
    if mutation.target != snapshot.cloud:
        return replace(snapshot, others=tuple(id_ for id_ in snapshot.others if id_ != mutation.target))
    return replace(snapshot, registered=False, adoptable="", tasks=())


def _remove(snapshot, mutation):
    if mutation.kind == "quota":
        return _set(snapshot, mutation)
    return replace(snapshot, framework="", registered=False, jobs=(), places={}, recorded=False)


VERBS = {
    "set": _set,
    "register": _register,
    "launch": _launch,
    "run": _launch,
    "record": lambda snapshot, mutation: replace(snapshot, jobs=tuple(sorted({*snapshot.jobs, mutation.target}))),
    "kill": lambda snapshot, mutation: end(snapshot, mutation.target),
    "teardown": _teardown,
    "destroy": lambda snapshot, mutation: _change(snapshot, mutation.target, volumes=()),
    "unreserve": lambda snapshot, mutation: _change(snapshot, mutation.target, stray=()),
    "remove": _remove,
}


def carry_out(snapshot, mutations):
    """What the world looks like when all of it was done and has taken effect."""
    for mutation in mutations:
        snapshot = VERBS[mutation.verb](snapshot, mutation)
    return snapshot


def everything_routed(snapshot):
    return [task.id for task in snapshot.tasks if task.up]


def converge(snapshot, cloud, now=NOW):
    """Carry out one whole plan; the snapshot after it."""
    return carry_out(snapshot, plan(snapshot, cloud, everything_routed(snapshot), now).mutations)
