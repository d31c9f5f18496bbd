# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a plan: mutations, what they wait for, conditions and failures."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Mapping

SIGNS = {
    "set": "~",
    "register": "+",
    "launch": "+",
    "run": "+",
    "record": "+",
    "kill": "-",
    "teardown": "-",
    "destroy": "-",
    "unreserve": "-",
    "remove": "-",
}


@dataclass(frozen=True, order=True)
class Wait:
    """What has to come true first. Kinds: health, job, route, room, release, agent, kill."""

    kind: str
    subject: str
    text: str


@dataclass(frozen=True)
class Mutation:
    """One write. ``body`` is what is sent; ``reads`` name the facts behind ``precondition``.

    ``after``: numbers of mutations that come first; ``waits``: what of the world is not so yet.
    ``inverse`` undoes it; where nothing does, ``irreversible`` says why. ``risk``: low, medium, high.
    """

    seq: int
    verb: str
    kind: str
    target: str
    summary: str
    body: Mapping[str, Any]
    reads: tuple[str, ...]
    precondition: str
    inverse: Mapping[str, Any] | None = None
    irreversible: str = ""
    risk: str = "low"
    after: tuple[int, ...] = ()
    waits: tuple[Wait, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str]:
        """What it is, whatever its number in this plan."""
        return self.verb, self.kind, self.target

    @property
    def line(self) -> str:
        """One line for people."""
        return "%s %s" % (SIGNS[self.verb], self.summary)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


@dataclass(frozen=True, order=True)
class Condition:
    """``type`` is always worded so that ``True`` deserves a look. ``since``: seconds of the epoch."""

    type: str
    status: str
    reason: str
    message: str
    since: float = 0.0


@dataclass(frozen=True)
class Failure:
    """Why going on is pointless: ``code`` and ``values`` of the error, the ``task`` whose output tells more."""

    code: str
    values: Mapping[str, Any]
    task: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Plan:
    """All that is left to do, in order. ``waiting``: what is under way with nothing left to write."""

    mutations: tuple[Mutation, ...] = ()
    conditions: tuple[Condition, ...] = ()
    waiting: tuple[Wait, ...] = ()
    failures: tuple[Failure, ...] = ()
    instances: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)

    @property
    def waits(self) -> tuple[Wait, ...]:
        """Everything that something waits for, once."""
        found = set(self.waiting)
        for mutation in self.mutations:
            found.update(mutation.waits)
        return tuple(sorted(found))

    @property
    def ready(self) -> tuple[Mutation, ...]:
        """What may be written now: nothing to wait for, and only ready ones before it."""
        numbers: set[int] = set()
        for mutation in self.mutations:
            if not mutation.waits and numbers.issuperset(mutation.after):
                numbers.add(mutation.seq)
        return tuple(mutation for mutation in self.mutations if mutation.seq in numbers)

    @property
    def text(self) -> str:
        """The numbered plan for people."""
        lines = []
        for mutation in self.mutations:
            tail = ["after %s" % ", ".join(str(number) for number in mutation.after)] if mutation.after else []
            tail += [wait.text for wait in mutation.waits]
            lines.append("%3d %s%s" % (mutation.seq, mutation.line, "  [%s]" % "; ".join(tail) if tail else ""))
        lines += ["    ! %s: %s" % (each.type, each.message) for each in self.conditions if each.status == "True"]
        return "".join(line + "\n" for line in lines)
