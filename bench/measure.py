# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One row of the benchmark, and the way to time two things fairly."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """``ours`` and ``reference`` in ``unit``; ``goal``: what ours / reference may be at most."""

    name: str
    unit: str
    ours: float
    reference: float
    reference_name: str
    goal: float

    @property
    def ratio(self) -> float:
        return self.ours / self.reference

    @property
    def met(self) -> bool:
        return self.ratio <= self.goal

    def as_dict(self) -> dict[str, Any]:
        values = {**asdict(self), "ratio": self.ratio, "met": self.met}
        return {key: round(value, 6) if isinstance(value, float) else value for key, value in values.items()}


def seconds(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def compare(ours: Callable[[], object], reference: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median seconds of both, taken in turns, so that a busy moment of the machine hits both."""
    pairs = [(seconds(ours), seconds(reference)) for _round in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
