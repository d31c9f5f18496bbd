# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on certificates: rows, a table for people, and what is due too soon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .moments import days, iso

_HEAD = ("SOURCE", "HOLDER", "NAMES", "AUTHORITY", "EXPIRES", "LEFT", "STATE")


@dataclass(frozen=True)
class ReportRow:
    """One certificate as seen by ``source``: authority, ledger, node or endpoint. ``problem``: empty if all is well."""

    source: str
    holder: str
    names: tuple[str, ...]
    authority: str
    serial: str
    not_after: int
    state: str
    problem: str = ""

    def as_dict(self, now: int) -> dict[str, Any]:
        """JSON-ready form with dates as text and ``seconds_left``."""
        values = {**asdict(self), "names": list(self.names), "not_after": iso(self.not_after) if self.not_after else ""}
        return {**values, "seconds_left": self.not_after - now if self.not_after else 0}


def due(rows: Iterable[ReportRow], now: int, threshold: int) -> list[ReportRow]:
    """Rows with a problem, and those in use with fewer than ``threshold`` seconds left; the soonest first."""
    found = [row for row in rows if row.problem or (row.state != "revoked" and row.not_after - now < threshold)]
    return sorted(found, key=lambda row: (row.not_after, row.holder))


def table(rows: Sequence[ReportRow], now: int) -> str:
    """Columns for people, sorted by expiry."""
    lines = [_HEAD]
    for row in sorted(rows, key=lambda one: (one.not_after, one.source, one.holder)):
        date, left = (iso(row.not_after)[:10], days(row.not_after - now)) if row.not_after else ("-", "-")
        names = " ".join(row.names) or "-"
        lines.append((row.source, row.holder, names, row.authority or "-", date, left, row.problem or row.state))
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    texts = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    return "\n".join(texts) + "\n"
