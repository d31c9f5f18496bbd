# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shape of one row of the error catalogue."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """``title`` says what is wrong, ``remedy`` what to do; ``retryable``: may the same call succeed later."""

    title: str
    remedy: str
    retryable: bool = False
