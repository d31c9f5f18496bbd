# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moments (whole seconds since 1970, UTC) and lengths of time as people write them."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import datetime, timedelta

from ..errors import refuse

DAY = 86400
_EPOCH = datetime(1970, 1, 1)
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_LENGTH = re.compile(r"([0-9]+)(d|h|%)?")


def iso(moment: int) -> str:
    """``2026-11-21T13:00:00Z``."""
    return (_EPOCH + timedelta(seconds=moment)).strftime(_FORMAT)


def parse_moment(text: str) -> int:
    """The other way; a date alone is its first second. NXC-PKI-0002 for anything else."""
    for form in (_FORMAT, "%Y-%m-%d"):
        try:
            return timegm(datetime.strptime(text, form).timetuple())
        except ValueError:
            continue
    raise refuse("NXC-PKI-0002", text=text, wanted="a moment such as 2026-11-21T13:00:00Z or a date")


def parse_length(text: str) -> int:
    """Seconds of ``30d`` or ``12h``; a bare number counts days. NXC-PKI-0002 for anything else."""
    found = _LENGTH.fullmatch(str(text).strip())
    if not found or found.group(2) == "%":
        raise refuse("NXC-PKI-0002", text=text, wanted="a length such as 30d or 12h")
    return int(found.group(1)) * (3600 if found.group(2) == "h" else DAY)


def days(seconds: int) -> str:
    """A length for people: ``12 days``, below two days ``31 hours``."""
    if abs(seconds) < 2 * DAY:
        return "%d hours" % (seconds // 3600)
    return "%d days" % (seconds // DAY)
