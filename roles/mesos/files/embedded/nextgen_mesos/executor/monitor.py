# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repeat the probes of one health check and tell what changes."""

from __future__ import annotations

import os
import signal
import time
from typing import Callable

from . import probe
from .health import HealthCheck, HealthTracker
from .loop import Loop


class Monitor:
    """``changed(healthy, kill, message)`` is called for every result the scheduler should see."""

    def __init__(
        self,
        check: HealthCheck,
        host: str,
        loop: Loop,
        become: Callable[[], None],
        environment: dict[str, str],
        changed: Callable[[bool, bool, str], None],
    ):
        self._check, self._host, self._loop = check, host, loop
        self._become, self._environment, self._changed = become, environment, changed
        self._tracker = HealthTracker(check, time.monotonic())
        self._pid = 0  # of the probe, while it runs
        self._result = -1
        self._timeout: list | None = None
        self._timer: list | None = loop.after(check.delay, self._probe)

    def stop(self) -> None:
        """No more probes; one that runs is killed."""
        self._loop.cancel(self._timer)
        self._timer = None
        self._kill_probe()

    def ended(self, pid: int, wait_status: int) -> bool:
        """A child ended: whether it was our probe."""
        if pid != self._pid or pid == 0:
            return False
        self._pid = 0
        self._loop.cancel(self._timeout)
        message = probe.reason(self._result, wait_status)
        if self._timer is None:
            return True
        self._timer = self._loop.after(self._check.interval, self._probe)
        if wait_status == 0:
            if self._tracker.passed():
                self._changed(True, False, "")
        else:
            report, kill = self._tracker.failed(time.monotonic())
            if report:
                self._changed(False, kill, message)
        return True

    def _probe(self) -> None:
        try:
            self._pid, self._result = probe.start(self._check, self._host, self._become, self._environment)
        except OSError:
            # That says nothing about the task, and must not end it: ask again later.
            self._timer = self._loop.after(self._check.interval, self._probe)
            return
        if self._check.timeout > 0:
            self._timeout = self._loop.after(self._check.timeout, self._kill_probe)

    def _kill_probe(self) -> None:
        if self._pid:
            try:
                os.killpg(self._pid, signal.SIGKILL)
            except ProcessLookupError:  # it has not made its own process group yet
                os.kill(self._pid, signal.SIGKILL)
            except PermissionError:  # it went on as another user, and has to end by itself
                return
