# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rules look at: the parts of a site file that can be used, with their places."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .. import units
from ..errors import Problem
from .defaults import default
from .document import Document, Path, show


@dataclass(frozen=True)
class Draft:
    """A document of which the values at the paths ``broken``, and what is under them, must not be used."""

    document: Document
    broken: frozenset[Path] = frozenset()
    components: Collection[str] = ()  # names of the components that exist

    def get(self, *path: Any) -> Any:
        """The value at ``path``; None if it is absent or broken."""
        value = self.document.data
        for depth, step in enumerate(path, start=1):
            if path[:depth] in self.broken or not isinstance(value, dict):
                return None
            value = value.get(step)
        return value

    def get_or_default(self, *path: str) -> Any:
        """As ``get``; if the value is absent, what the schema gives it; None if it is broken."""
        value = self.get(*path)
        if value is None and not any(path[:depth] in self.broken for depth in range(1, len(path) + 1)):
            return default(*path)
        return value

    def names(self, section: str) -> list[str]:
        """The nodes or clouds, in file order, that are mappings."""
        return [name for name in self.get(section) or {} if isinstance(self.get(section, name), dict)]

    def with_role(self, role: str) -> list[str]:
        """The nodes that have the role, in file order."""
        return [node for node in self.names("nodes") if role in (self.get("nodes", node, "roles") or ())]

    def roles_are_known(self) -> bool:
        """Whether nothing hides a role, so that one can say which is missing."""
        hiding = [path for path in self.broken if path[:1] == ("nodes",)]
        return self.get("nodes") is not None and all(len(path) > 2 and path[2] != "roles" for path in hiding)

    def size(self, *path: Any) -> int | None:
        """A size in MiB; None if it is absent or unreadable."""
        value = self.get(*path)
        try:
            return None if value is None else units.parse_size(value)
        except ValueError:
            return None

    def ports(self, *path: Any) -> tuple[int, int] | None:
        """A range of ports above 1023; None if it is absent or unreadable."""
        value = self.get_or_default(*path) if len(path) == 1 else self.get(*path)
        try:
            low, high = units.parse_ports(value or "")
        except ValueError:
            return None
        return (low, high) if low >= units.PORT_MIN else None

    def problem(self, code: str, path: Path, hint: str = "", **values: Any) -> Problem:
        """A problem at the value of ``path``."""
        return Problem(code, _shown(values), self.document.place(path), hint)

    def problem_at_key(self, code: str, path: Path, hint: str = "", **values: Any) -> Problem:
        """A problem at the key of ``path``."""
        return Problem(code, _shown(values), self.document.key_place(path), hint)


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    """Names come as they were written; messages are one line."""
    return {key: show(value, 400) if isinstance(value, str) else value for key, value in values.items()}
