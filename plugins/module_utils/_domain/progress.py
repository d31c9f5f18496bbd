# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a playbook run looks like to a person: phases, what changed, what failed, where the time went.

Events go in with the time they happened at (seconds of any clock that only goes forward), text and
figures come out. Plays are named ``Phase | detail``; neighbouring plays of one phase are one phase.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping

PHASE_WIDTH = 20
SLOWEST = 10
STATUSES = ("ok", "changed", "failed", "unreachable", "skipped", "ignored")


@dataclass
class Phase:
    """One phase: ``began`` and ``seconds`` in seconds, ``counts`` of results by status."""

    name: str
    began: float
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))

    @property
    def failed(self) -> int:
        return self.counts["failed"] + self.counts["unreachable"]

    def line(self) -> str:
        """``Install                  32.1 s  14 changed, 1 failed``"""
        said = ["%d %s" % (self.counts[status], status) for status in STATUSES[1:4] if self.counts[status]]
        if self.counts["ignored"]:
            said.append("%d failed but ignored" % self.counts["ignored"])
        return "%s %7.1f s  %s" % (self.name.ljust(PHASE_WIDTH), self.seconds, ", ".join(said) or "no change")


@dataclass
class Task:
    name: str
    phase: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began


class Progress:
    """The state of one run. Nothing here reads a clock or prints."""

    def __init__(self, now: float) -> None:
        self.began = now
        self.ended = now
        self.phases: list[Phase] = []
        self.detail = ""
        self.hosts: dict[str, dict[str, int]] = {}
        self.tasks: dict[str, Task] = {}
        self._open: Phase | None = None

    def play_started(self, name: str, now: float) -> Phase | None:
        """A play begins. Returns the phase that this ends, if it does."""
        title, _mark, detail = (part.strip() for part in name.partition("|"))
        self.detail = detail
        if self._open is not None and self._open.name == title:
            return None
        ended = self.phase_ended(now)
        self._open = Phase(title or "Play", now)
        self.phases.append(self._open)
        return ended

    def phase_ended(self, now: float) -> Phase | None:
        """Close the open phase, if there is one, and return it."""
        self.ended = now
        phase, self._open = self._open, None
        if phase is not None:
            phase.seconds = now - phase.began
        return phase

    def task_started(self, key: str, name: str, now: float) -> None:
        """``key`` tells tasks of one name apart."""
        self.ended = now
        self.tasks.setdefault(key, Task(name, self._open.name if self._open else "", now, now))

    def result(self, key: str, host: str, status: str, now: float) -> None:
        """One host has finished one task with one of ``STATUSES``."""
        self.ended = now
        if self._open is not None:
            self._open.counts[status] += 1
        counts = self.hosts.setdefault(host, dict.fromkeys(STATUSES, 0))
        counts[status] += 1
        if key in self.tasks:
            self.tasks[key].ended = now

    @property
    def changed(self) -> int:
        return sum(counts["changed"] for counts in self.hosts.values())

    @property
    def failed(self) -> int:
        return sum(counts["failed"] + counts["unreachable"] for counts in self.hosts.values())

    @property
    def now_doing(self) -> str:
        """Where the run is: ``Install - control nodes``."""
        phase = self._open.name if self._open else ""
        return " - ".join(part for part in (phase, self.detail) if part)

    def slowest(self) -> list[Task]:
        return sorted(self.tasks.values(), key=lambda task: -task.seconds)[:SLOWEST]

    def recap(self, phases: bool = True) -> list[str]:
        """Time per phase, if wanted and if there are several, then results per host."""
        lines: list[str] = []
        if phases and len(self.phases) > 1:
            lines += [phase.line() for phase in self.phases]
            lines.append("%s %7.1f s" % ("Total".ljust(PHASE_WIDTH), self.ended - self.began))
            lines.append("")
        width = max((len(host) for host in self.hosts), default=0)
        for host in sorted(self.hosts):
            figures = ("%s=%d" % (status, self.hosts[host][status]) for status in STATUSES)
            lines.append("%s  %s" % (host.ljust(width), "  ".join(figures)))
        return lines

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: seconds, changed, failed, phases, hosts, slowest tasks. Times in seconds."""
        return {
            "seconds": round(self.ended - self.began, 3),
            "changed": self.changed,
            "failed": self.failed,
            "phases": [
                {
                    "name": phase.name,
                    "seconds": round(phase.seconds, 3),
                    "changed": phase.counts["changed"],
                    "failed": phase.failed,
                }
                for phase in self.phases
            ],
            "hosts": self.hosts,
            "slowest": [
                {"phase": task.phase, "task": task.name, "seconds": round(task.seconds, 3)} for task in self.slowest()
            ],
        }


def problem_lines(problems: Iterable[Mapping[str, Any]]) -> list[str]:
    """Findings as ``Problem.as_dict`` gives them: code and place, what is wrong, what to do."""
    lines: list[str] = []
    for problem in problems:
        place = ":".join(str(problem[part]) for part in ("file", "line", "column") if problem.get(part))
        message = " ".join(str(problem[part]) for part in ("message", "hint") if problem.get(part))
        lines.append("%s: %s%s" % (problem.get("code", "error"), "%s: " % place if place else "", message))
        if problem.get("remedy"):
            lines.append("    Remedy: %s" % problem["remedy"])
    return lines
