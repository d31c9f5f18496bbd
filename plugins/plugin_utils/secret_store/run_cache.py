# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that the processes of one ``ansible-playbook`` run make once and share: derived keys, logins, reads."""

from __future__ import annotations

from typing import Callable

_here: dict[str, bytes] = {}


def get(key: str, make: Callable[[], bytes]) -> bytes:
    """The value of ``key``; made by ``make`` in one process of the run while the others wait for it."""
    if key not in _here:
        _here[key] = make()
    return _here[key]


def forget(prefix: str) -> None:
    """Drop every value whose key begins with ``prefix``, for the whole run."""
    for key in [key for key in _here if key.startswith(prefix)]:
        del _here[key]
