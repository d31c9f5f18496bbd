# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and changes a folder of secret files (see ``_domain/secrets/tree.py``). Never follows symlinks."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Mapping

from .._domain.errors import refuse
from .._domain.secrets.tree import FILE_MODE, FOLDER_MODE, Change, Entry

# A file is written under this name beside its place; one left by a killed run is not wanted and goes next time.
_CANDIDATE = ".nextgen-new"


def observe(root: str) -> dict[str, Entry] | None:
    """Everything below ``root`` by relative path, or None when there is no such folder."""
    try:
        mode = os.lstat(root).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISDIR(mode):
        raise refuse("NXC-SECR-0012", path=root, found="symbolic link" if stat.S_ISLNK(mode) else "file")
    entries: dict[str, Entry] = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            entries[os.path.relpath(path, root)] = _entry(path)
    return entries


def _entry(path: str) -> Entry:
    mode = os.lstat(path).st_mode
    if stat.S_ISDIR(mode):
        return Entry("folder", stat.S_IMODE(mode))
    if not stat.S_ISREG(mode):
        return Entry("other", stat.S_IMODE(mode))
    with open(path, "rb") as stream:
        return Entry("file", stat.S_IMODE(mode), stream.read())


def root_mode(root: str) -> int:
    """Permission bits of an existing folder."""
    return stat.S_IMODE(os.lstat(root).st_mode)


def prepare(root: str) -> None:
    """Make the folder itself 0700, and the one it is in if that is missing; parents above are ordinary folders."""
    parent = os.path.dirname(root)
    os.makedirs(os.path.dirname(parent), mode=0o755, exist_ok=True)
    for folder in (parent, root):
        if not os.path.isdir(folder):
            os.mkdir(folder, FOLDER_MODE)
    os.chmod(root, FOLDER_MODE)


def apply(root: str, steps: Iterable[Change], wanted: Mapping[str, bytes]) -> None:
    """Carry out the steps in order."""
    for step in steps:
        path = os.path.join(root, step.path)
        if step.verb == "remove":
            _remove(path)
        elif step.verb == "folder":
            os.mkdir(path, FOLDER_MODE)
            os.chmod(path, FOLDER_MODE)
        elif step.verb == "mode":
            os.chmod(path, FOLDER_MODE if os.path.isdir(path) else FILE_MODE)
        else:
            _write(path, wanted[step.path])


def remove(root: str) -> None:
    """Take the folder away with all that is in it."""
    shutil.rmtree(root)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    else:
        os.unlink(path)


def _write(path: str, content: bytes) -> None:
    candidate = os.path.join(os.path.dirname(path), _CANDIDATE)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(candidate, flags, FILE_MODE), "wb") as stream:
        os.fchmod(stream.fileno(), FILE_MODE)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(candidate, path)
