# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small event loop: one file descriptor, child processes and timers in one thread."""

from __future__ import annotations

import heapq
import itertools
import os
import select
import signal
import time
from typing import Callable

_LONGEST_SLEEP = 3600.0  # seconds


class Loop:
    """``run`` until ``stop``; callbacks run one at a time."""

    def __init__(self, on_child: Callable[[int, int], None], on_terminate: Callable[[], None]):
        self._on_child = on_child
        self._on_terminate = on_terminate
        self._timers: list[list] = []  # [when, number, callback or None if cancelled]
        self._numbers = itertools.count()
        self._terminated = False
        self._stopped = False
        self._wake, writing = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.signal(signal.SIGTERM, self._terminate)

    def _terminate(self, _number: int, _frame: object) -> None:
        self._terminated = True

    def after(self, seconds: float, callback: Callable[[], None]) -> list:
        """Call once, later. The result is for ``cancel``."""
        timer = [time.monotonic() + seconds, next(self._numbers), callback]
        heapq.heappush(self._timers, timer)
        return timer

    @staticmethod
    def cancel(timer: list | None) -> None:
        if timer is not None:
            timer[2] = None

    def stop(self) -> None:
        self._stopped = True

    def run(self, descriptor: Callable[[], int | None], on_readable: Callable[[], None]) -> None:
        """``descriptor`` is asked before every wait, because the connection changes."""
        while not self._stopped:
            readable = self._wait(descriptor())
            if self._terminated:
                self._terminated = False
                self._on_terminate()
            self._reap()
            if readable and not self._stopped:
                on_readable()
            self._run_timers()

    def _wait(self, descriptor: int | None) -> bool:
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if descriptor is not None:
            poll.register(descriptor, select.POLLIN)
        timeout = min(self._timers[0][0] - time.monotonic(), _LONGEST_SLEEP) if self._timers else _LONGEST_SLEEP
        ready = {fd for fd, _event in poll.poll(max(0.0, timeout) * 1000)}
        if self._wake in ready:
            os.read(self._wake, 4096)
        return descriptor in ready

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._on_child(pid, status)

    def _run_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now and not self._stopped:
            callback = heapq.heappop(self._timers)[2]
            if callback is not None:
                callback()
