# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An exact folder of secret files: what has to change so that it holds these values and nothing else.

Paths are relative to the folder, with '/' between segments. Observed entries are
``{path: Entry}`` for everything below the folder except the folder itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import CloudError, Problem
from .declaration import is_path

FILE_MODE = 0o600
FOLDER_MODE = 0o700


@dataclass(frozen=True)
class Entry:
    """What lies at a path: ``kind`` file, folder or other (symlink, socket, …); content only of files."""

    kind: str
    mode: int
    content: bytes = b""

    def __repr__(self) -> str:
        return "Entry(kind=%r, mode=%#o)" % (self.kind, self.mode)


@dataclass(frozen=True)
class Change:
    """One step. ``verb``: remove, folder (make it), mode (set it), write (content and mode)."""

    verb: str
    path: str


def parse_files(files: Mapping[str, str]) -> dict[str, bytes]:
    """Values by path as bytes; refuses paths that are unfit or in each other's way."""
    problems = [Problem("NXC-SECR-0006", {"path": path}) for path in sorted(files) if not is_path(path)]
    for path in sorted(files):
        problems.extend(
            Problem("NXC-SECR-0011", {"path": folder, "other": path}) for folder in _folders(path) if folder in files
        )
    if problems:
        raise CloudError(problems)
    return {path: value.encode("utf-8") for path, value in files.items()}


def _folders(path: str) -> list[str]:
    """``a/b/c`` → ``[a, a/b]``."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def changes(wanted: Mapping[str, bytes], observed: Mapping[str, Entry]) -> list[Change]:
    """The steps in an order that can be carried out one by one: deepest removals first, then folders, then files."""
    folders = {folder for path in wanted for folder in _folders(path)}
    doomed = [
        path
        for path, entry in observed.items()
        if not (path in wanted and entry.kind == "file") and not (path in folders and entry.kind == "folder")
    ]
    steps = [Change("remove", path) for path in sorted(doomed, key=lambda path: (-path.count("/"), path))]
    for folder in sorted(folders):
        entry = observed.get(folder)
        if entry is None or entry.kind != "folder":
            steps.append(Change("folder", folder))
        elif entry.mode != FOLDER_MODE:
            steps.append(Change("mode", folder))
    for path in sorted(wanted):
        entry = observed.get(path)
        if entry is None or entry.kind != "file" or entry.content != wanted[path]:
            steps.append(Change("write", path))
        elif entry.mode != FILE_MODE:
            steps.append(Change("mode", path))
    return steps


def names(wanted: Mapping[str, bytes], observed: Mapping[str, Entry]) -> tuple[str, str]:
    """(before, after) texts for a diff: names, modes and whether the value differs; never a value."""
    before = [
        "%s %04o%s" % (path, entry.mode, _mark(entry))
        for path, entry in sorted(observed.items())
        if entry.kind != "folder"
    ]
    after = []
    for path in sorted(wanted):
        entry = observed.get(path)
        other = entry is not None and entry.kind == "file" and entry.content != wanted[path]
        after.append("%s %04o%s" % (path, FILE_MODE, " (another value)" if other else ""))
    return _lines(before), _lines(after)


def _mark(entry: Entry) -> str:
    return "" if entry.kind == "file" else " (%s)" % entry.kind


def _lines(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)
