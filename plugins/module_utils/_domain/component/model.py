# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rest of hydrate works on: a component that was read, and the findings about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Union

from ..errors import CloudError, Place, Problem

Locate = Callable[[Sequence[Union[str, int]]], Place]
"""From a path of keys and indexes in a document to where it stands in its file."""


@dataclass(frozen=True)
class RecipeFile:
    """One file of an image's recipe; ``path`` relative to the recipe, ``mode`` as ``0644`` or ``0755``."""

    path: str
    mode: str
    content: str


@dataclass(frozen=True)
class Component:
    """A component that was read and obeys the schema.

    ``document`` is component.yml with defaults filled in, ``templates`` maps a name below ``templates/`` to its
    text, ``recipes`` an image to its files in order of path. ``locate`` finds a key of the document in its file.
    """

    name: str
    directory: str
    document: Mapping[str, Any]
    templates: Mapping[str, str]
    recipes: Mapping[str, Sequence[RecipeFile]]
    locate: Locate

    @property
    def version(self) -> str:
        return str(self.document["version"])

    def section(self, name: str) -> Mapping[str, Any]:
        """One of images, secrets, certificates, services, jobs, routes, parameters: name -> declaration."""
        return self.document[name]

    def template_file(self, name: str) -> str:
        return "%s/templates/%s" % (self.directory, name)


@dataclass
class Findings:
    """Collects every problem, so that one run names them all."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, *, place: Place | None = None, hint: str = "", **values: Any) -> None:
        self.problems.append(Problem(code, values, place, hint))

    def stop_if_any(self) -> None:
        """Raise what was found, in order of place and each thing once; nothing happens if nothing was."""
        if self.problems:
            # A component that is in two clouds is checked twice and says the same twice.
            once = {str(problem): problem for problem in self.problems}.values()
            raise CloudError(sorted(once, key=lambda problem: (problem.place or Place(""), problem.code)))


def listing(names: Iterable[str]) -> str:
    """Names for an error text: sorted, or a dash if there are none."""
    return ", ".join(sorted(names)) or "-"
