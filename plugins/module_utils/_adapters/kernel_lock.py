# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lock that the kernel drops with the process, also after kill -9, and that is not waited for without end."""

from __future__ import annotations

import fcntl
import time

_PAUSE = 0.02


def acquire(descriptor: int, seconds: float) -> bool:
    """Take the exclusive lock of an open file or folder; False if others hold it for ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE)
