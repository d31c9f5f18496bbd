# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A parsed file that still knows where everything was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import Place, Problem

Path = tuple[Any, ...]  # keys and list indexes from the top: ("nodes", "aio-1", "roles", 0)
Mark = tuple[int, int]  # line and column, from 1


@dataclass(frozen=True)
class Document:
    """``data`` holds plain dict, list, str, int, float, bool and None; ``keys`` and ``values`` say where."""

    file: str
    data: Any
    keys: Mapping[Path, Mark] = field(default_factory=dict)
    values: Mapping[Path, Mark] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()  # what is wrong with the text although it could be read

    def place(self, path: Path) -> Place:
        """Where the value at ``path`` is, or the nearest thing around it that exists."""
        while path and path not in self.values:
            path = path[:-1]
        return Place(self.file, *self.values.get(path, (1, 1)))

    def key_place(self, path: Path) -> Place:
        """Where the key of ``path`` is written; for a list item, where the item is."""
        if path in self.keys:
            return Place(self.file, *self.keys[path])
        return self.place(path)


def spell(path: Path) -> str:
    """How messages name a place in the file: ``nodes.aio-1.roles[0]``; the top is ``the site file``."""
    text = ""
    for step in path:
        text += "[%d]" % step if isinstance(step, int) else ".%s" % show(step)
    return text.lstrip(".") or "the site file"


def describe(value: Any) -> str:
    """What kind of thing a value is, in the words of messages."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a mapping" if isinstance(value, Mapping) else "a list"


def show(value: Any, limit: int = 60) -> str:
    """A value from the file, fit for one line of a message."""
    text = str(value)
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= limit else text[: limit - 3] + "..."


def inline(value: Any) -> str:
    """A value in one line of YAML, for examples."""
    if isinstance(value, Mapping):
        return "{%s}" % ", ".join("%s: %s" % (key, inline(item)) for key, item in value.items())
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(inline, value))
    return str(value)
