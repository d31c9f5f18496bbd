# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection raises: a code, a place, what is wrong and what to do.

Codes look like ``NXC-SITE-0012`` and come from the catalogue (``_domain/catalogue``),
one literal table per area; documentation pages are generated from the same tables.
Inner code raises, the rim (``_ansible``, ``plugin_utils``) turns it into a failure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Iterable, Mapping

if TYPE_CHECKING:
    from .catalogue.entry import Entry


@dataclass(frozen=True, order=True)
class Place:
    """Where in a file the operator wrote what we refuse. Lines and columns count from 1."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return "%s:%d:%d" % (self.file, self.line, self.column)


@dataclass(frozen=True)
class Problem:
    """One finding. ``code`` must be in the catalogue; ``values`` fill its templates."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None
    hint: str = ""

    @property
    def message(self) -> str:
        return _entry(self.code).title.format(**self.values)

    @property
    def remedy(self) -> str:
        return _entry(self.code).remedy.format(**self.values)

    @property
    def retryable(self) -> bool:
        return _entry(self.code).retryable

    def __str__(self) -> str:
        where = "%s: " % self.place if self.place else ""
        hint = " %s" % self.hint if self.hint else ""
        return "%s%s: %s%s Remedy: %s" % (where, self.code, self.message, hint, self.remedy)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form: code, message, hint, remedy, retryable, file, line, column."""
        place = self.place or Place("")
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "remedy": self.remedy,
            "retryable": self.retryable,
            "file": place.file,
            "line": place.line,
            "column": place.column,
        }


def _entry(code: str) -> Entry:
    """The catalogue is read with the first error: Ansible compiles what it imports in every process anew."""
    from .catalogue import CATALOGUE

    return CATALOGUE[code]


class CloudError(Exception):
    """One or more problems that stop the work. Raised before anything is changed if possible."""

    def __init__(self, problems: Problem | Iterable[Problem]):
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def refuse(code: str, *, place: Place | None = None, hint: str = "", **values: Any) -> CloudError:
    """Build the error for one problem: ``raise refuse("NXC-NODE-0001", name=name)``."""
    return CloudError(Problem(code, values, place, hint))
