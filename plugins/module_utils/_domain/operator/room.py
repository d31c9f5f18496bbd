# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the next task goes: agents, ports and quota, kept as a ledger while a plan is drawn up.

Two books are kept. ``now`` is what is free at this moment, ``later`` also counts what the
mutations of the plan so far and the tasks on their way out give back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Iterable, Mapping

from .manifests import Wanted, Work
from .snapshot import Agent, Snapshot, Task

_EPSILON = 1e-6
_QUOTA = ("cpus", "mem")


@dataclass(frozen=True)
class Placement:
    """An agent and host ports by port name. ``now``: is there room at this moment."""

    agent: Agent
    ports: Mapping[str, int]
    now: bool


class _Book:
    """What is free: per agent scalars and taken ports, and the rest of the quota."""

    def __init__(self, snapshot: Snapshot, quota: Mapping[str, float]):
        self.quota = dict(quota)
        self.free = {agent.id: dict(agent.free) for agent in snapshot.agents}
        self.taken = {agent.id: set(agent.used_ports) for agent in snapshot.agents}

    def take(self, agent: str, needs: Mapping[str, float], ports: Iterable[int]) -> None:
        for key, value in needs.items():
            self.free[agent][key] = self.free[agent].get(key, 0.0) - value
        for key in _QUOTA:
            self.quota[key] -= needs.get(key, 0.0)
        self.taken[agent].update(ports)

    def give(self, agent: str, needs: Mapping[str, float], ports: Iterable[int]) -> None:
        if agent not in self.free:
            return
        for key, value in needs.items():
            self.free[agent][key] = self.free[agent].get(key, 0.0) + value
        for key in _QUOTA:
            self.quota[key] += needs.get(key, 0.0)
        self.taken[agent].difference_update(ports)

    def fits(self, agent: str, needs: Mapping[str, float]) -> bool:
        scalars = all(self.free[agent].get(key, 0.0) + _EPSILON >= value for key, value in needs.items())
        return scalars and all(self.quota[key] + _EPSILON >= needs.get(key, 0.0) for key in _QUOTA)


class Room:
    """The ledger of one plan."""

    def __init__(self, snapshot: Snapshot, wanted: Wanted):
        self._snapshot = snapshot
        self._wanted = wanted
        quota = dict(wanted.quota)
        for task in snapshot.tasks:
            if task.alive:
                quota["cpus"] -= task.cpus
                quota["mem"] -= task.mem
        self.now = _Book(snapshot, quota)
        self.later = _Book(snapshot, quota)
        self._placed: dict[str, list[str]] = {}
        self._released: set[str] = set()
        for task in snapshot.tasks:
            if task.alive:
                self._placed.setdefault(task.name, []).append(task.agent)

    def release(self, task: Task) -> None:
        """The task is on its way out; its room comes back later."""
        if task.id in self._released or not task.alive:
            return
        self._released.add(task.id)
        self.later.give(task.agent, _held(task), task.ports.values())
        if task.agent in self._placed.get(task.name, []):
            self._placed[task.name].remove(task.agent)

    def restore(self, task: Task) -> None:
        """Take a release back: the task stays after all."""
        if task.id in self._released:
            self._released.remove(task.id)
            self.later.take(task.agent, _held(task), task.ports.values())
            self._placed.setdefault(task.name, []).append(task.agent)

    def place(self, work: Work, index: int, pin: str = "", when: str = "any") -> Placement | None:
        """Find a place and take it. ``pin``: agent id the volumes bind it to.

        ``when``: "now", "later" (in the place of one that goes first), or "any" of both.
        """
        for book in {"now": (self.now,), "later": (self.later,), "any": (self.now, self.later)}[when]:
            for agent in self._candidates(work, pin):
                needs = self._needs(work, index, agent)
                ports = self._ports(work, index, agent, book)
                if ports is not None and book.fits(agent.id, needs):
                    self.now.take(agent.id, needs, ports.values())
                    self.later.take(agent.id, needs, ports.values())
                    self._placed.setdefault(work.name, []).append(agent.id)
                    return Placement(agent, ports, book is self.now or when == "later")
        return None

    def _candidates(self, work: Work, pin: str) -> list[Agent]:
        """Spread first, then the one with most room, then by name: the same answer for the same input."""
        fitting = [
            agent
            for agent in self._snapshot.agents
            if agent.active
            and (not pin or agent.id == pin)
            and all(agent.attributes.get(key) == value for key, value in work.attributes.items())
        ]
        placed = self._placed.get(work.name, [])
        return sorted(
            fitting,
            key=lambda agent: (
                placed.count(agent.id),
                -self.now.free[agent.id].get("cpus", 0.0),
                agent.hostname,
                agent.id,
            ),
        )

    def _needs(self, work: Work, index: int, agent: Agent) -> dict[str, float]:
        needs = dict(work.needs)
        there = {volume.id for volume in agent.volumes}
        for volume in work.volumes:
            if volume_id(self._wanted.cloud, work.name, index, volume["name"]) not in there:
                needs["disk"] += float(volume["size"])
        return needs

    def _ports(self, work: Work, index: int, agent: Agent, book: _Book) -> dict[str, int] | None:
        pool = self._pool(agent, book)
        chosen: dict[str, int] = {}
        for name in sorted(work.ports):
            free = [port for port in pool if port not in chosen.values()]
            if not free:
                return None
            before = self._previous(work, name, agent)
            chosen[name] = before if before in free else _pick(free, "%s/%d/%s" % (work.name, index, name))
        return chosen

    def _pool(self, agent: Agent, book: _Book) -> list[int]:
        """The cloud's ports on this agent that neither tasks nor the edge use."""
        first, last = self._wanted.ports
        low, high = self._wanted.route_ports
        offered = [range(max(first, begin), min(last, end) + 1) for begin, end in agent.ports]
        taken = book.taken[agent.id]
        return sorted(port for part in offered for port in part if port not in taken and not low <= port <= high)

    def _previous(self, work: Work, name: str, agent: Agent) -> int | None:
        """The port the last task of this service had there: clients that remember it find it again."""
        tasks = [
            task
            for task in self._snapshot.tasks
            if task.name == work.name and task.agent == agent.id and name in task.ports
        ]
        latest = max(tasks, key=lambda task: (task.started, task.id), default=None)
        return latest.ports[name] if latest else None


def _held(task: Task) -> dict[str, float]:
    return {"cpus": task.cpus, "mem": task.mem, "disk": task.disk}


def _pick(free: list[int], key: str) -> int:
    """Scatter over the pool by name, so that a port that was just given back is seldom the next."""
    start = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % len(free)
    return free[start]


def volume_id(cloud: str, service: str, index: int, volume: str) -> str:
    """The id Mesos knows a volume by; unique on the site."""
    return "%s.%s.%d.%s" % (cloud, service, index, volume)
