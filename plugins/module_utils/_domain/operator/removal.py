# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that takes a cloud away: exactly what carries its name, and nothing else."""

from __future__ import annotations

from typing import Any

from .draft import Draft, order_of
from .manifests import Wanted
from .mutation import Plan
from .plan import plan_other_frameworks, quota_call, unreserve_call, weight_call
from .room import Room
from .snapshot import Agent, Snapshot
from .taskinfo import container_command


def plan_removal(snapshot: Snapshot, now: float) -> Plan:
    """End the tasks as gently as always, then the framework, volumes, quota and records."""
    wanted = Wanted(snapshot.cloud, {"cpus": 0.0, "mem": 0.0}, 1.0, (0, -1), (0, -1), ())
    draft = Draft(snapshot, wanted, frozenset(), False, now, container_command, Room(snapshot, wanted))
    if draft.agents_recover():
        return draft.plan()
    plan_other_frameworks(draft)
    kills = _end_tasks(draft)
    _tear_down(draft, kills)
    for agent in sorted(snapshot.agents, key=lambda agent: agent.id):
        _free_disks(draft, agent)
    _tell_left_volumes(draft)
    _remove_rights(draft)
    if snapshot.recorded:
        draft.add(
            "remove",
            "records",
            snapshot.cloud,
            "remove the records of cloud %s" % snapshot.cloud,
            {"records": snapshot.cloud},
            reads=("records",),
            irreversible="the next deploy runs every job again",
            risk="medium",
            after=tuple(range(1, len(draft.mutations) + 1)),
            waits=_ends(draft),
        )
    return draft.plan()


def _end_tasks(draft: Draft) -> tuple[int, ...]:
    alive = sorted((task for task in draft.snapshot.tasks if task.alive), key=lambda task: task.id)
    kills = tuple(draft.kill(task, "the cloud is taken away") for task in alive)
    return tuple(number for number in kills if number)


def _ends(draft: Draft) -> tuple[Any, ...]:
    alive = any(task.alive for task in draft.snapshot.tasks)
    return (order_of(draft.snapshot.cloud, "the tasks to end"),) if alive else ()


def _tear_down(draft: Draft, kills: tuple[int, ...]) -> None:
    snapshot = draft.snapshot
    id_ = snapshot.framework if snapshot.registered else snapshot.adoptable
    if id_:
        draft.add(
            "teardown",
            "framework",
            snapshot.cloud,
            "tear down framework %s" % id_,
            {"type": "TEARDOWN", "teardown": {"framework_id": {"value": id_}}},
            reads=("framework",),
            irreversible="the master does not take back a framework id; the next deploy uses a new one",
            risk="high",
            after=kills,
            waits=_ends(draft),
        )


def _free_disks(draft: Draft, agent: Agent) -> None:
    earlier = tuple(range(1, len(draft.mutations) + 1))
    if agent.volumes:
        names = ", ".join(sorted(volume.id for volume in agent.volumes))
        volumes = [dict(volume.resource) for volume in agent.volumes]
        draft.add(
            "destroy",
            "volume",
            agent.id,
            "destroy on %s the volumes %s" % (agent.hostname, names),
            {"type": "DESTROY_VOLUMES", "destroy_volumes": {"agent_id": {"value": agent.id}, "volumes": volumes}},
            reads=("disks:%s" % agent.id,),
            irreversible="the data is gone",
            risk="high",
            after=earlier,
            waits=_ends(draft),
        )
    resources = [volume.resource for volume in agent.volumes] + list(agent.stray)
    if resources:
        draft.add(
            "unreserve",
            "reservation",
            agent.id,
            "give back the disk reserved on %s" % agent.hostname,
            unreserve_call(agent.id, resources),
            irreversible="nothing is lost: the reservation is empty",
            after=tuple(range(1, len(draft.mutations) + 1)),
            waits=_ends(draft),
        )


def _tell_left_volumes(draft: Draft) -> None:
    there = {volume.id for agent in draft.snapshot.agents for volume in agent.volumes}
    for id_, hostname in sorted(draft.snapshot.places.items()):
        if id_ not in there and hostname not in {agent.hostname for agent in draft.snapshot.agents}:
            text = "volume %s may be left on %s, which is away" % (id_, hostname)
            draft.condition("VolumeLeft", "AgentAway", text)


def _remove_rights(draft: Draft) -> None:
    snapshot = draft.snapshot
    if snapshot.quota is not None:
        draft.add(
            "remove",
            "quota",
            snapshot.cloud,
            "remove the quota of role %s" % snapshot.cloud,
            quota_call(snapshot.cloud, {}, True),
            reads=("quota",),
            inverse=quota_call(snapshot.cloud, dict(snapshot.quota), True),
        )
    if snapshot.weight not in (None, 1.0):
        draft.add(
            "set",
            "weight",
            snapshot.cloud,
            "weight %g -> 1" % snapshot.weight,
            weight_call(snapshot.cloud, 1.0),
            reads=("weight",),
            inverse=weight_call(snapshot.cloud, snapshot.weight),
        )
