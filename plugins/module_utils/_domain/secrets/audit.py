# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit log as text: a record per line, each with the hash of the line before it.

Who changes, removes or exchanges a line breaks the chain from there on. Records cut off at the end leave no gap;
whoever has to notice that keeps a copy of the last line elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

START = "0" * 64


def line_hash(line: str) -> str:
    """Of one line without its newline."""
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def append(records: Iterable[Mapping[str, str | int]], last: str) -> list[str]:
    """The lines (without newlines) for ``records``; ``last`` is the last line there is, '' for a new log."""
    lines = []
    previous = line_hash(last) if last else START
    for record in records:
        lines.append(json.dumps({**record, "previous": previous}, sort_keys=True))
        previous = line_hash(lines[-1])
    return lines


def broken_line(lines: Iterable[str]) -> int:
    """Number (from 1) of the first line that does not follow from the one before; 0 if all do."""
    previous = START
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
        except ValueError:
            return number
        if not isinstance(record, dict) or record.get("previous") != previous:
            return number
        previous = line_hash(line)
    return 0
