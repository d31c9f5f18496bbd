# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moments as the store keeps them: ``2026-11-21T13:00:00Z``, always UTC, so texts compare as times do."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ..errors import refuse

_FORM = "%Y-%m-%dT%H:%M:%SZ"
_SPAN = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_UNITS = (604800, 86400, 3600, 60, 1)


def moment(seconds: float) -> str:
    """Seconds since the epoch as a moment."""
    return (datetime(1970, 1, 1) + timedelta(seconds=int(seconds))).strftime(_FORM)


def later(now: str, seconds: int) -> str:
    """The moment that many seconds after ``now``."""
    return (datetime.strptime(now, _FORM) + timedelta(seconds=seconds)).strftime(_FORM)


def seconds_between(start: str, end: str) -> int:
    """Seconds from one moment to another; negative when ``end`` is earlier."""
    return int((datetime.strptime(end, _FORM) - datetime.strptime(start, _FORM)).total_seconds())


def parse_span(text: str) -> int:
    """``7d``, ``1w2d``, ``12h30m``, ``90s``, or ``0`` as seconds; NXC-SECR-0014 for anything else."""
    found = _SPAN.fullmatch(text)
    if text == "0":
        return 0
    if not text or not found:
        raise refuse("NXC-SECR-0014", text=text)
    return sum(int(count) * unit for count, unit in zip(found.groups(), _UNITS) if count)
