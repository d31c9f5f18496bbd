# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a certificate is renewed: a share of its life or a length before its end, and not all holders at once."""

from __future__ import annotations

import hashlib
import re

from ..errors import refuse
from .moments import parse_length

_PERCENT = re.compile(r"([0-9]+)%")
# A holder renews earlier than it has to by up to this share of its window, so that a site does not renew in one run.
_SPREAD = 0.1


def renewal_moment(not_before: int, not_after: int, renew: str, holder: str) -> int:
    """From when on the certificate is renewed.

    ``renew`` is ``66%`` (of the life, counted from its start) or ``30d`` (before the end). A window never covers more
    than half of the life: where an authority can only give a short life, every run would renew otherwise.
    """
    life = not_after - not_before
    window = min(_window(renew, life), life // 2)
    return not_after - window - int(window * _SPREAD * _share(holder))


def check_window(renew: str) -> str:
    """The text itself; NXC-PKI-0002 if it is none."""
    _window(renew, 0)
    return renew


def _window(renew: str, life: int) -> int:
    found = _PERCENT.fullmatch(str(renew).strip())
    if not found:
        return parse_length(renew)
    percent = int(found.group(1))
    if not 0 < percent < 100:
        raise refuse("NXC-PKI-0002", text=renew, wanted="a share from 1% to 99%")
    return life * (100 - percent) // 100


def _share(holder: str) -> float:
    """From 0 to 1, always the same for the same holder."""
    return int(hashlib.sha256(holder.encode("utf-8")).hexdigest()[:8], 16) / 0xFFFFFFFF
