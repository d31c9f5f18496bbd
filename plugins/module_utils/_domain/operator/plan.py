# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a snapshot and the wanted cloud to a plan. Pure: no I/O, no clock, no chance."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, Iterable, Mapping

from ..naming import cloud_user
from .draft import Draft
from .jobs import plan_job
from .manifests import Wanted, digest
from .mutation import Plan
from .room import Room, volume_id
from .services import plan_service
from .snapshot import Snapshot
from .taskinfo import Command, container_command

# Tasks outlive everything but a deliberate teardown: about ten years.
FAILOVER_TIMEOUT = 315360000.0
_CAPABILITIES = ("MULTI_ROLE", "PARTITION_AWARE", "RESERVATION_REFINEMENT", "TASK_KILLING_STATE")


def plan(
    snapshot: Snapshot,
    wanted: Wanted,
    routed: Iterable[str] | None,
    now: float,
    seed: int = 0,
    command: Command = container_command,
) -> Plan:
    """All mutations that lead from ``snapshot`` to ``wanted``.

    ``routed``: task ids the edge has, None: it was not asked yet. ``now``: seconds of the epoch.
    ``seed`` shuffles what was read before anything is looked at: another seed has to give the same
    plan, which proves that no order of reading matters.
    """
    snapshot = _shuffled(snapshot, seed)
    asked = routed is not None
    draft = Draft(snapshot, wanted, frozenset(routed or ()), asked, now, command, Room(snapshot, wanted))
    _plan_quota(draft)
    _plan_weight(draft)
    if draft.agents_recover():
        return draft.plan()
    _plan_framework(draft)
    _plan_strays(draft)
    _plan_unwanted(draft)
    for work in wanted.works:
        (plan_job if work.kind == "job" else plan_service)(draft, work)
    _tell_kept_volumes(draft)
    return draft.plan()


def _shuffled(snapshot: Snapshot, seed: int) -> Snapshot:
    chance = random.Random(seed)
    agents, tasks = list(snapshot.agents), list(snapshot.tasks)
    chance.shuffle(agents)
    chance.shuffle(tasks)
    return replace(snapshot, agents=tuple(agents), tasks=tuple(tasks))


def _plan_quota(draft: Draft) -> None:
    """Limits, no guarantees: the sum of all clouds fits the site (preflight checks it), so a limit is
    as good as a guarantee, and Mesos does not hold back what an idle cloud does not use."""
    wanted, old = dict(draft.wanted.quota), draft.snapshot.quota
    if old == wanted:
        return
    use = {key: sum(getattr(task, key) for task in draft.snapshot.tasks if task.alive) for key in wanted}
    below = [key for key in sorted(wanted) if use[key] > wanted[key]]
    if below:
        text = "more %s in use than the quota allows; nothing new starts until it is less" % " and ".join(below)
        draft.condition("QuotaBelowUse", "QuotaLowered", text)
    draft.add(
        "set",
        "quota",
        draft.wanted.cloud,
        "quota %s" % ", ".join(_change(key, (old or {}).get(key), wanted[key]) for key in sorted(wanted)),
        quota_call(draft.wanted.cloud, wanted, bool(below)),
        reads=("quota",),
        inverse=quota_call(draft.wanted.cloud, dict(old or {}), True),
        risk="medium" if below else "low",
    )


def quota_call(role: str, limits: Mapping[str, float], force: bool) -> dict[str, Any]:
    """UPDATE_QUOTA; without ``limits`` it takes the quota away."""
    config: dict[str, Any] = {"role": role}
    if limits:
        config["limits"] = {key: {"value": value} for key, value in sorted(limits.items())}
    return {"type": "UPDATE_QUOTA", "update_quota": {"force": force, "quota_configs": [config]}}


def weight_call(role: str, weight: float) -> dict[str, Any]:
    """UPDATE_WEIGHTS for one role."""
    return {"type": "UPDATE_WEIGHTS", "update_weights": {"weight_infos": [{"role": role, "weight": weight}]}}


def _change(key: str, old: float | None, new: float) -> str:
    return "%s %g" % (key, new) if old is None else "%s %g -> %g" % (key, old, new)


def _plan_weight(draft: Draft) -> None:
    old, new = draft.snapshot.weight, draft.wanted.weight
    if (1.0 if old is None else old) == new:
        return
    draft.add(
        "set",
        "weight",
        draft.wanted.cloud,
        "weight %g -> %g" % (old or 1.0, new),
        weight_call(draft.wanted.cloud, new),
        reads=("weight",),
        inverse=weight_call(draft.wanted.cloud, old or 1.0),
    )


def framework_info(snapshot: Snapshot, id_: str) -> dict[str, Any]:
    """FrameworkInfo of a cloud."""
    return {
        "id": {"value": id_},
        "name": snapshot.cloud,
        "user": cloud_user(snapshot.cloud),
        "roles": [snapshot.cloud],
        "principal": snapshot.principal,
        "checkpoint": True,
        "failover_timeout": FAILOVER_TIMEOUT,
        "capabilities": [{"type": each} for each in _CAPABILITIES],
    }


def framework_id(snapshot: Snapshot, now: float) -> str:
    """The id to use: the registered one, one that is found, or a new one.

    A recorded id that the master does not know is spent: agents may still be ending its tasks after a
    teardown, and would silently drop new ones.
    """
    if snapshot.registered:
        return snapshot.framework
    fresh = "%s-%s" % (snapshot.cloud, digest([snapshot.site, snapshot.cloud, now])[:8])
    return snapshot.adoptable or fresh


def _plan_framework(draft: Draft) -> None:
    snapshot = draft.snapshot
    plan_other_frameworks(draft)
    if snapshot.registered:
        return
    id_ = framework_id(snapshot, draft.now)
    draft.add(
        "register",
        "framework",
        snapshot.cloud,
        "register framework %s" % id_,
        {"framework_info": framework_info(snapshot, id_)},
        reads=("framework",),
        inverse={"type": "TEARDOWN", "teardown": {"framework_id": {"value": id_}}},
    )


def plan_other_frameworks(draft: Draft) -> None:
    """A cloud has one framework. Others are left from before the master lost sight of them."""
    for id_ in draft.snapshot.others:
        draft.add(
            "teardown",
            "framework",
            id_,
            "tear down framework %s, which is not in use any more" % id_,
            {"type": "TEARDOWN", "teardown": {"framework_id": {"value": id_}}},
            reads=("others",),
            irreversible="the tasks of the framework in use replace its tasks",
            risk="high",
        )


def _plan_strays(draft: Draft) -> None:
    """Disk reserved for a volume that was never made: a run was cut off in between."""
    for agent in sorted(draft.snapshot.agents, key=lambda agent: agent.id):
        if agent.stray:
            draft.add(
                "unreserve",
                "reservation",
                agent.id,
                "give back disk on %s that no volume uses" % agent.hostname,
                unreserve_call(agent.id, agent.stray),
                reads=("disks:%s" % agent.id,),
                irreversible="nothing is lost: the reservation is empty",
            )


def unreserve_call(agent: str, resources: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """UNRESERVE_RESOURCES on one agent."""
    plain = [{key: value for key, value in each.items() if key != "disk"} for each in resources]
    return {"type": "UNRESERVE_RESOURCES", "unreserve_resources": {"agent_id": {"value": agent}, "resources": plain}}


def _plan_unwanted(draft: Draft) -> None:
    for task in sorted(draft.snapshot.tasks, key=lambda task: task.id):
        work = draft.wanted.work(task.name)
        if task.alive and (work is None or work.kind != task.kind):
            draft.kill(task, "no manifest wants it")


def _tell_kept_volumes(draft: Draft) -> None:
    """A volume outlives its service: data goes only with the whole cloud."""
    wanted = {
        volume_id(draft.wanted.cloud, work.name, index, volume["name"])
        for work in draft.wanted.works
        for index in range(work.instances)
        for volume in work.volumes
    }
    there = {volume.id: agent.hostname for agent in draft.snapshot.agents for volume in agent.volumes}
    for id_ in sorted(set(there) - wanted):
        draft.condition(
            "VolumeKept", "ServiceRemoved", "volume %s on %s is kept, no instance uses it" % (id_, there[id_])
        )
