# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service of a cloud: its instances, replaced when they are dead, sick or of an older digest."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, islice

from .draft import Draft, Gate, health_of, order_of, release_of, route_of
from .manifests import Work
from .mutation import Failure, Wait
from .room import volume_id
from .snapshot import Task

_ENDED = ("TASK_FAILED", "TASK_KILLED", "TASK_FINISHED", "TASK_ERROR")
_PATIENCE = 3


@dataclass(frozen=True)
class _Parts:
    """The tasks of a service. ``keep``: of the wanted digest, at most one per instance; ``spare``: up but
    to go once the kept ones do the work; ``leaving``: to go at once or already on the way out."""

    keep: tuple[Task, ...]
    spare: tuple[Task, ...]
    leaving: tuple[tuple[Task, str], ...]
    missing: tuple[int, ...]


def plan_service(draft: Draft, work: Work) -> None:
    """Bring the service to its instances of the wanted digest, and set the gate for those who require it."""
    parts = _sort(draft, work)
    for task, why in parts.leaving:
        draft.kill(task, why)
    draft.waiting.extend(health_of(task) for task in parts.keep if not task.up)
    launches: list[int] = []
    spare = list(parts.spare)
    if not _gives_up(draft, work):
        launches = _launch_missing(draft, work, parts, spare)
    _end_spare(draft, work, parts, spare, launches)
    draft.gates[work.name] = _gate(draft, work, parts, launches)


def _sort(draft: Draft, work: Work) -> _Parts:
    keep: list[Task] = []
    spare: list[Task] = []
    leaving: list[tuple[Task, str]] = []
    for task in _alive(draft, work):
        why = _why_now(draft, work, task)
        if why:
            leaving.append((task, why))
        elif task.digest == work.digest and _free_slot(work, keep, task):
            keep.append(task)
        else:
            spare.append(task)
    waiting = [task for task in spare if not task.up]
    leaving += [(task, "it is not wanted any more and never became healthy") for task in waiting]
    used = {task.index for task in keep}
    missing = islice((index for index in count() if index not in used), max(0, work.instances - len(keep)))
    return _Parts(tuple(keep), tuple(task for task in spare if task.up), tuple(leaving), tuple(missing))


def _alive(draft: Draft, work: Work) -> list[Task]:
    """Those worth keeping first: routed, healthy, old."""
    tasks = [task for task in draft.snapshot.tasks if task.kind == "service" and task.name == work.name and task.alive]
    never = float("inf")
    return sorted(tasks, key=lambda task: (not task.up, task.id not in draft.routed, task.started or never, task.id))


def _free_slot(work: Work, keep: list[Task], task: Task) -> bool:
    if len(keep) >= work.instances:
        return False
    if not work.volumes:
        return True
    return task.index < work.instances and all(task.index != other.index for other in keep)


def _why_now(draft: Draft, work: Work, task: Task) -> str:
    if draft.stopping(task):
        return "it is on its way out"
    if task.state == "TASK_RUNNING" and task.healthy is False and work.health:
        patience = float(work.health.get("failures", 3)) * (
            float(work.health.get("interval", 5)) + float(work.health.get("timeout", 5))
        )
        if draft.now - task.changed > patience:
            return "unhealthy for %d s" % (draft.now - task.changed)
    return ""


def _launch_missing(draft: Draft, work: Work, parts: _Parts, spare: list[Task]) -> list[int]:
    """Launch what is missing. Takes from ``spare`` those that have to make room first."""
    required = draft.gate(work)
    launches: list[int] = []
    for index in parts.missing:
        pin, wait = _pin(draft, work, index)
        if wait:
            draft.waiting.append(wait)
            continue
        old = _of_slot(work, spare, index)
        if old and not work.recreate and not work.volumes:
            seq = draft.launch(work, index, required, pin, "now")
            if seq:
                launches.append(seq)
                continue
            text = "no room for a second instance of %s beside the old one: it is replaced in place" % work.name
            draft.condition("SurgeFellBack", "NoRoomForSurge", text)
        if old:
            draft.room.release(old)
        placement = draft.room.place(work, index, pin, "later" if old else "any")
        if placement is None:
            _tell_no_room(draft, work, old)
            continue
        gate = _one_at_a_time(draft, work, parts, required, launches if old else [])
        if old:
            gate = _make_way(draft, spare, old, gate)
        launches.append(draft.start(work, index, gate, placement))
    return launches


def _tell_no_room(draft: Draft, work: Work, old: Task | None) -> None:
    """An old task is not ended for a new one that has no place."""
    if old:
        draft.room.restore(old)
    wanted = ", ".join("%s=%s" % item for item in sorted(work.attributes.items()))
    text = "no agent%s has room for an instance of %s within the quota and the ports of the cloud"
    draft.condition("NoRoom", "ServiceDoesNotFit", text % (" with %s" % wanted if wanted else "", work.name))
    draft.waiting.append(Wait("room", work.name, "room for %s" % work.name))


def _make_way(draft: Draft, spare: list[Task], old: Task, gate: Gate) -> Gate:
    """End the old task first; it serves until then."""
    spare.remove(old)
    draft.serve(old)
    kill = draft.kill(old, "replaced in place by a newer one", gate.after, gate.waits)
    return Gate(gate.after + (kill,), gate.waits + (order_of(old.id, "%s to end" % old.id),))


def _of_slot(work: Work, spare: list[Task], index: int) -> Task | None:
    same = [task for task in spare if task.index == index]
    others = same or ([] if work.volumes else spare)
    return others[0] if others else None


def _one_at_a_time(draft: Draft, work: Work, parts: _Parts, required: Gate, launches: list[int]) -> Gate:
    """In place: the one before has to be up, and what leaves has to be gone, before the next goes."""
    waits = list(required.waits)
    if work.recreate or work.volumes:
        waits += [release_of(task) for task, dummy in parts.leaving]
    if launches:
        waits.append(order_of(work.name, "%s #%d to be healthy" % (work.name, len(launches) - 1)))
    if parts.spare:
        waits += [health_of(task) for task in parts.keep if not task.up]
    return Gate(required.after + tuple(launches[-1:]), tuple(waits))


def _pin(draft: Draft, work: Work, index: int) -> tuple[str, Wait | None]:
    """The agent that has the volumes of this instance, or what to wait for."""
    for volume in work.volumes:
        id_ = volume_id(draft.wanted.cloud, work.name, index, volume["name"])
        for agent in draft.snapshot.agents:
            for each in agent.volumes:
                if each.id == id_:
                    if each.size != float(volume["size"]):
                        text = "volume %s keeps its %g MiB, wanted are %g" % (id_, each.size, volume["size"])
                        draft.condition("VolumeSizeDiffers", "VolumesAreNotResized", text)
                    return agent.id, _active(agent.active, id_, agent.hostname)
        hostname = draft.snapshot.places.get(id_)
        if hostname:
            there = [agent for agent in draft.snapshot.agents if agent.hostname == hostname and agent.active]
            if not there:
                draft.condition("VolumeAway", "AgentAway", "volume %s is on %s, which is away" % (id_, hostname))
            return (there[0].id if there else "", _active(bool(there), id_, hostname))
    return "", None


def _active(active: bool, id_: str, hostname: str) -> Wait | None:
    return None if active else Wait("agent", id_, "agent %s, which has volume %s" % (hostname, id_))


def _end_spare(draft: Draft, work: Work, parts: _Parts, spare: list[Task], launches: list[int]) -> None:
    """End what is too much, as far as the kept ones already do its work, and tell the edge who serves."""
    up = [task for task in parts.keep if task.up]
    ready = [task for task in up if not work.routed or task.id in draft.routed]
    unready = tuple(route_of(task) if task.up else health_of(task) for task in parts.keep if task not in ready)
    planned = tuple(order_of(work.name, "the new %s to serve" % work.name) for dummy in launches[:1])
    leave = sorted(spare, key=lambda task: (task.digest == work.digest, -task.started, task.id))
    hold = max(0, work.instances - len(ready))
    serve = max(0, work.instances - len(up))
    for position, task in enumerate(leave):
        left = len(leave) - position
        waits: tuple[Wait, ...] = ()
        if left <= hold:
            waits = unready + planned
        elif work.routed and draft.may_be_routed(task):
            waits = (Wait("route", task.id, "the edge to let go of %s" % task.id),)
        if left <= serve:
            draft.serve(task)
        why = "one instance less is wanted" if task.digest == work.digest else "a newer one has taken over"
        draft.kill(task, why, tuple(launches), waits)
    for task in up:
        draft.serve(task)


def _gate(draft: Draft, work: Work, parts: _Parts, launches: list[int]) -> Gate:
    up = [task for task in parts.keep if task.up]
    if any(not work.routed or task.id in draft.routed for task in up):
        return Gate()
    if up:
        return Gate((), tuple(route_of(task) for task in up))
    if parts.keep:
        return Gate((), tuple(health_of(task) for task in parts.keep))
    return Gate(tuple(launches), (order_of(work.name, "service %s to be up" % work.name),))


def _gives_up(draft: Draft, work: Work) -> bool:
    """Its tasks ended again and again in this run: starting one more would not help."""
    ended = [
        own
        for own in draft.snapshot.own
        if own.name == work.name and own.state in _ENDED and own.task not in draft.snapshot.killed
    ]
    refused = any(own.state == "TASK_ERROR" for own in ended)
    if len(ended) < _PATIENCE and not refused:
        return False
    last = ended[-1]
    task = draft.snapshot.task(last.task)
    values = {
        "name": work.name,
        "cloud": draft.wanted.cloud,
        "count": len(ended),
        "task": last.task,
        "state": last.state,
        "message": last.message or last.reason or "no message",
    }
    draft.failures.append(Failure("NXC-PLAN-0007", values, last.task, task.agent if task else ""))
    return True
