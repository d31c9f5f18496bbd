# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes in MiB and port ranges, as people write them and as we compute with them."""

from __future__ import annotations

import re
from fractions import Fraction

SIZE_PATTERN = r"^[0-9]{1,9}(\.[0-9]{1,3})? ?(MiB|GiB|TiB)$"
PORTS_PATTERN = "^[0-9]{1,5} ?- ?[0-9]{1,5}$"

PORT_MIN = 1024  # lower ones belong to the system
PORT_MAX = 65535

_MIB = {"MiB": 1, "GiB": 1024, "TiB": 1024 * 1024}


def parse_size(text: str | int) -> int:
    """``2GiB`` → 2048, ``1.5GiB`` → 1536, ``512MiB`` → 512; a bare number is MiB already.

    Raises ValueError for anything else, also for what is no whole number of MiB.
    """
    if isinstance(text, str):
        if re.fullmatch(SIZE_PATTERN, text) is None:
            raise ValueError("%r is not a size such as 512MiB or 2GiB" % text)
        amount = Fraction(text[:-3].strip()) * _MIB[text[-3:]]
    else:
        amount = Fraction(text)
    if amount.denominator != 1 or amount < 0:
        raise ValueError("%r is not a whole number of MiB" % text)
    return int(amount)


def format_size(mib: int) -> str:
    """2048 → ``2GiB``, 1536 → ``1536MiB``: the largest unit that needs no fraction."""
    for unit in ("TiB", "GiB"):
        if mib and mib % _MIB[unit] == 0:
            return "%d%s" % (mib // _MIB[unit], unit)
    return "%dMiB" % mib


def parse_ports(text: str) -> tuple[int, int]:
    """``20000-20999`` → (20000, 20999), both included.

    Raises ValueError unless both are ports from 1 on and the first is not above the last.
    """
    if re.fullmatch(PORTS_PATTERN, text) is None:
        raise ValueError("%r is not a range of ports such as 20000-20999" % text)
    low, high = (int(end) for end in text.split("-"))
    if not 1 <= low <= high <= PORT_MAX:
        raise ValueError("%r must rise, from 1 to %d at most" % (text, PORT_MAX))
    return low, high


def format_ports(ports: tuple[int, int]) -> str:
    """(20000, 20999) → ``20000-20999``."""
    return "%d-%d" % (ports[0], ports[1])
