# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan while it is drawn up: what all its parts share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

from .manifests import Wanted, Work
from .mutation import Condition, Failure, Mutation, Plan, Wait
from .room import Placement, Room, volume_id
from .snapshot import Snapshot, Task
from .taskinfo import Command, operations, task_id


@dataclass(frozen=True)
class Gate:
    """What one who requires a service or job has to come after and to wait for."""

    after: tuple[int, ...] = ()
    waits: tuple[Wait, ...] = ()


@dataclass
class Draft:
    """``routed``: task ids the edge has, nothing before it was asked (``asked``); ``now``: seconds of the epoch;
    ``gates``: by name of service or job."""

    snapshot: Snapshot
    wanted: Wanted
    routed: frozenset[str]
    asked: bool
    now: float
    command: Command
    room: Room
    mutations: list[Mutation] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    waiting: list[Wait] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    instances: list[dict[str, Any]] = field(default_factory=list)
    gates: dict[str, Gate] = field(default_factory=dict)

    def add(self, verb: str, kind: str, target: str, summary: str, body: Mapping[str, Any], **more: Any) -> int:
        """Append a mutation and return its number. ``more``: the other fields of ``Mutation``."""
        reads = tuple(more.pop("reads", ()))
        mutation = Mutation(
            seq=len(self.mutations) + 1,
            verb=verb,
            kind=kind,
            target=target,
            summary=summary,
            body=body,
            reads=reads,
            precondition=self.snapshot.facts(reads),
            **more,
        )
        self.mutations.append(mutation)
        return mutation.seq

    def condition(self, type_: str, reason: str, message: str) -> None:
        self.conditions.append(Condition(type_, "True", reason, message, self.now))

    def agents_recover(self) -> bool:
        """Does the master still wait for agents after its own restart? Then what it shows of tasks is not all."""
        count = self.snapshot.recovering
        if count:
            text = "%d agents to come back after the master's restart" % count
            self.waiting.append(Wait("agent", "recovering", text))
            self.condition("AgentsRecovering", "MasterRestarted", text)
        return bool(count)

    def may_be_routed(self, task: Task) -> bool:
        """Could a request still reach this task through the edge?"""
        return not self.asked or task.id in self.routed

    def serve(self, task: Task) -> None:
        """This task belongs on the edge."""
        for port, number in sorted(task.ports.items()):
            entry = {"task": task.id, "service": task.name, "port": port, "address": task.address}
            self.instances.append(dict(entry, host_port=number))

    def gate(self, work: Work) -> Gate:
        """All gates of what ``work`` requires, as one."""
        after: set[int] = set()
        waits: set[Wait] = set()
        for name in work.requires:
            after.update(self.gates[name].after)
            waits.update(self.gates[name].waits)
        return Gate(tuple(sorted(after)), tuple(sorted(waits)))

    def kill(self, task: Task, why: str, after: tuple[int, ...] = (), waits: tuple[Wait, ...] = ()) -> int:
        """End a task; its room comes back. One that is already on its way out is only waited for."""
        self.room.release(task)
        if self.stopping(task):
            self.waiting.append(release_of(task))
            return 0
        return self.add(
            "kill",
            "task",
            task.id,
            "kill %s: %s" % (task.id, why),
            {"type": "KILL", "kill": {"task_id": {"value": task.id}, "agent_id": {"value": task.agent}}},
            reads=("task:%s" % task.id,),
            irreversible="a process that has ended cannot be resumed; the service starts a new one",
            risk="medium",
            after=tuple(number for number in after if number),
            waits=tuple(sorted(set(waits))),
        )

    def stopping(self, task: Task) -> bool:
        return task.state == "TASK_KILLING" or task.alive and task.id in self.snapshot.killed

    def launch(self, work: Work, index: int, gate: Gate, pin: str = "", when: str = "any") -> int:
        """Start a task where there is room; 0 = there is none."""
        placement = self.room.place(work, index, pin, when)
        return self.start(work, index, gate, placement) if placement else 0

    def start(self, work: Work, index: int, gate: Gate, placement: Placement) -> int:
        """Start a task there."""
        waits = set(gate.waits)
        if not placement.now:
            waits.add(Wait("room", work.name, "room on %s" % placement.agent.hostname))
        task = task_id(self.snapshot.cloud, work, index, self.now)
        verb = "run" if work.kind == "job" else "launch"
        return self.add(
            verb,
            work.kind,
            "%s/%d" % (work.name, index),
            self._told(verb, work, index, placement),
            self._accept(work, index, task, placement),
            reads=("work:%s" % work.name, "disks:%s" % placement.agent.id if work.volumes else "framework"),
            inverse=None if work.kind == "job" else {"type": "KILL", "kill": {"task_id": {"value": task}}},
            irreversible="what a job has done stays done" if work.kind == "job" else "",
            risk="medium" if work.kind == "job" else "low",
            after=gate.after,
            waits=tuple(sorted(waits)),
        )

    def _told(self, verb: str, work: Work, index: int, placement: Placement) -> str:
        ports = ", ".join("%s:%d" % item for item in sorted(placement.ports.items()))
        number = " #%d" % index if work.instances > 1 else ""
        where = " on %s" % placement.agent.hostname
        told = "%s %s %s%s%s%s" % (verb, work.kind, work.name, number, where, " (%s)" % ports if ports else "")
        renewed = self._renewed(work)
        return "%s: new revision of %s" % (told, ", ".join(renewed)) if renewed else told

    def _renewed(self, work: Work) -> list[str]:
        """Which of its secrets and certificates are other ones than its latest task had."""
        tasks = [task for task in self.snapshot.tasks if (task.kind, task.name) == (work.kind, work.name)]
        latest = max(tasks, key=lambda task: (task.started, task.id), default=None)
        if latest is None or latest.digest == work.digest:
            return []
        sources = sorted(set(latest.revisions) & set(work.revisions))
        return [source.replace(":", " ") for source in sources if latest.revisions[source] != work.revisions[source]]

    def _accept(self, work: Work, index: int, task: str, placement: Placement) -> dict[str, Any]:
        """What apply needs: the agent to wait for an offer of, and the operations."""
        volumes = [volume_id(self.snapshot.cloud, work.name, index, each["name"]) for each in work.volumes]
        return {
            "task": task,
            "name": work.name,
            "kind": work.kind,
            "agent": placement.agent.id,
            "volumes": {volume: placement.agent.hostname for volume in volumes},
            "operations": operations(self.snapshot, work, index, task, placement, self.command),
        }

    def plan(self) -> Plan:
        """What came of it."""
        return Plan(
            mutations=tuple(self.mutations),
            conditions=tuple(self.conditions),
            waiting=tuple(sorted(set(self.waiting))),
            failures=tuple(self.failures),
            instances=tuple(sorted(self.instances, key=lambda item: (item["service"], item["task"], item["port"]))),
        )


def release_of(task: Task) -> Wait:
    return Wait("release", task.id, "%s to end" % task.id)


def health_of(task: Task) -> Wait:
    return Wait("health", task.id, "%s to be healthy" % task.id)


def route_of(task: Task) -> Wait:
    return Wait("route", task.id, "the edge to route to %s" % task.id)


def order_of(name: str, text: str) -> Wait:
    """Something this very plan brings about; what really holds it up is among the other waits."""
    return Wait("order", name, text)
