# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are replaced whole: readers, and a machine that loses its power, have the old content or the new."""

from __future__ import annotations

import os


def read_text(path: str) -> str | None:
    """The content, None without a file."""
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def replace_file(path: str, content: str | bytes, mode: int) -> None:
    """Write ``content`` beside ``path``, then take its place. Of two writers at once one may fail: where that can be,
    callers hold a lock.

    What a killed writer left beside is overwritten. The hidden name keeps it from programs that read whole folders.
    """
    folder, name = os.path.split(path)
    candidate = os.path.join(folder, ".%s.new" % name)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(candidate, flags, 0o600), "wb") as stream:
        os.fchmod(stream.fileno(), mode)
        stream.write(content if isinstance(content, bytes) else content.encode("utf-8"))
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(candidate, path)
    sync_folder(folder)


def sync_folder(path: str) -> None:
    """What was renamed in the folder is on the disk."""
    folder = os.open(path or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
