# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the results of a health check mean, as Mesos' own health checker decides it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Defaults of HealthCheck in mesos.proto, in seconds.
_DELAY, _INTERVAL, _TIMEOUT, _FAILURES, _GRACE = 15.0, 10.0, 20.0, 3, 10.0
ADDRESS_LABEL = "nextgen.address"
_LOOPBACK, _ANY = "127.0.0.1", "0.0.0.0"  # noqa: S104 - compared, not bound


@dataclass(frozen=True)
class HealthCheck:
    """kind: HTTP, TCP or COMMAND; times in seconds; ``definition``: the http, tcp or command message."""

    kind: str
    definition: dict[str, Any]
    delay: float
    interval: float
    timeout: float
    grace: float
    failures: int


def parse(info: dict[str, Any]) -> HealthCheck:
    """From a HealthCheck message; ``ValueError`` if it says nothing that can be run."""
    kind = info.get("type", "UNKNOWN")
    if kind == "UNKNOWN":
        kind = next((name.upper() for name in ("http", "tcp", "command") if name in info), kind)
    definition = info.get(kind.lower())
    if kind not in ("HTTP", "TCP", "COMMAND") or definition is None:
        raise ValueError("health check of type %s without its definition" % kind)
    return HealthCheck(
        kind=kind,
        definition=definition,
        delay=float(info.get("delay_seconds", _DELAY)),
        interval=float(info.get("interval_seconds", _INTERVAL)),
        timeout=float(info.get("timeout_seconds", _TIMEOUT)),
        grace=float(info.get("grace_period_seconds", _GRACE)),
        failures=int(info.get("consecutive_failures", _FAILURES)),
    )


def address(task: dict[str, Any], environment: dict[str, str]) -> str:
    """Where HTTP and TCP checks connect: the task's label, else the agent's address, else loopback."""
    for label in task.get("labels", {}).get("labels", []):
        if label.get("key") == ADDRESS_LABEL and label.get("value"):
            return label["value"]
    own = environment.get("LIBPROCESS_IP", "")
    return own if own and own != _ANY else _LOOPBACK


class HealthTracker:
    """Counts. ``started`` and ``now`` are seconds of one monotonic clock."""

    def __init__(self, check: HealthCheck, started: float):
        self._check = check
        self._grace_end = started + check.grace
        self._failures = 0
        self._reported = False

    def passed(self) -> bool:
        """A probe passed: whether that is news for the scheduler."""
        news = not self._reported or self._failures > 0
        self._failures, self._reported = 0, True
        return news

    def failed(self, now: float) -> tuple[bool, bool]:
        """A probe failed: (report as unhealthy, kill the task).

        Failures within the grace period count only once the task was healthy.
        """
        if not self._reported and now < self._grace_end:
            return False, False
        self._reported = True
        self._failures += 1
        return True, self._failures >= self._check.failures
