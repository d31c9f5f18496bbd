# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read of a cloud, as plain values. A plan follows from this and nothing else."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Mapping

from .manifests import digest

ALIVE = ("TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING")
AWAY = ("TASK_UNREACHABLE",)


@dataclass(frozen=True)
class Task:
    """A task of the cloud's framework. Times are seconds of the epoch, 0 = not known.

    ``checked``: has it a health check; ``healthy``: its last verdict, None = none yet;
    ``revisions``: of the secrets and certificates it was started with.
    """

    id: str
    name: str
    kind: str
    digest: str
    state: str
    agent: str
    index: int = 0
    checked: bool = False
    healthy: bool | None = None
    started: float = 0.0
    changed: float = 0.0
    cpus: float = 0.0
    mem: float = 0.0
    disk: float = 0.0
    ports: Mapping[str, int] = field(default_factory=dict)
    address: str = ""
    volumes: tuple[str, ...] = ()
    message: str = ""
    reason: str = ""
    revisions: Mapping[str, str] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        """Does it hold resources on an agent that the master can reach."""
        return self.state in ALIVE

    @property
    def up(self) -> bool:
        """Does it run and, where it is checked, pass its check."""
        return self.state == "TASK_RUNNING" and (self.healthy is True or not self.checked and self.healthy is None)


@dataclass(frozen=True)
class Volume:
    """A persistent volume of the cloud. ``resource`` is the master's own description of it."""

    id: str
    size: float
    resource: Mapping[str, Any]


@dataclass(frozen=True)
class Agent:
    """An agent with what of it is free for this cloud (cpus, mem and disk in MiB, not reserved)."""

    id: str
    hostname: str
    address: str
    port: int = 5051
    attributes: Mapping[str, str] = field(default_factory=dict)
    active: bool = True
    free: Mapping[str, float] = field(default_factory=dict)
    ports: tuple[tuple[int, int], ...] = ()
    used_ports: tuple[int, ...] = ()
    volumes: tuple[Volume, ...] = ()
    stray: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Own:
    """A task this very run has launched, with the last that was heard of it."""

    task: str
    name: str
    kind: str
    state: str = ""
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class Snapshot:
    """One look at a cloud.

    ``framework``: id in the record, "" = none; ``registered``: the master knows it;
    ``adoptable``: id of an unrecorded framework of this cloud to go on with; ``others``: ids of more of
    them, which came back with an agent that was away for long; ``jobs``: digests of finished jobs;
    ``places``: volume id to agent hostname, as recorded before the volume was made;
    ``recovering``: agents the master still waits for after its own restart;
    ``revisions``: of all secrets and certificates of the cloud, as the caller gave them.
    """

    site: str
    cloud: str
    principal: str
    framework: str = ""
    registered: bool = False
    adoptable: str = ""
    others: tuple[str, ...] = ()
    quota: Mapping[str, float] | None = None
    weight: float | None = None
    agents: tuple[Agent, ...] = ()
    tasks: tuple[Task, ...] = ()
    jobs: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    recorded: bool = False
    recovering: int = 0
    own: tuple[Own, ...] = ()
    killed: tuple[str, ...] = ()
    revisions: Mapping[str, str] = field(default_factory=dict)

    def agent(self, id_: str) -> Agent | None:
        return next((agent for agent in self.agents if agent.id == id_), None)

    def task(self, id_: str) -> Task | None:
        return next((task for task in self.tasks if task.id == id_), None)

    def fact(self, read: str) -> Any:
        """The value behind one name in a mutation's ``reads``; plain JSON types."""
        what, dummy, name = read.partition(":")
        return _FACTS[what](self, name)

    def facts(self, reads: tuple[str, ...]) -> str:
        """Digest over all of them: the precondition of a mutation."""
        return digest({read: self.fact(read) for read in reads})

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form for the run directory. Holds no secret: none is ever read."""
        return asdict(self)


def _service(snapshot: Snapshot, name: str) -> list[str]:
    return sorted(task.id for task in snapshot.tasks if task.name == name and task.alive)


def _task(snapshot: Snapshot, name: str) -> bool:
    task = snapshot.task(name)
    return bool(task and task.alive)


def _framework(snapshot: Snapshot, dummy: str) -> list[Any]:
    return [snapshot.framework, snapshot.registered]


def _disks(snapshot: Snapshot, name: str) -> list[Any]:
    agent = snapshot.agent(name)
    return [sorted(volume.id for volume in agent.volumes), len(agent.stray)] if agent else []


_FACTS: dict[str, Callable[[Snapshot, str], Any]] = {
    "quota": lambda snapshot, dummy: snapshot.quota and dict(snapshot.quota),
    "weight": lambda snapshot, dummy: snapshot.weight,
    "framework": _framework,
    "others": lambda snapshot, dummy: list(snapshot.others),
    "work": _service,
    "task": _task,
    "job": lambda snapshot, name: name in snapshot.jobs,
    "disks": _disks,
    "records": lambda snapshot, dummy: snapshot.recorded,
}
