# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secret store of a site, first form: one JSON file, replaced atomically, guarded by a kernel lock.

Format 1: ``{"format": 1, "secrets": {"<path>": {"kind": "password", "value": "..."}}}``.
Readers need no lock because the file is only ever replaced whole.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping

from .._domain.errors import refuse
from .._domain.secrets.declaration import Secret
from .._domain.secrets.tree import FILE_MODE, FOLDER_MODE
from .kernel_lock import acquire

FORMAT = 1
LOCK_SECONDS = 30


class SecretStore:
    """``read`` at any time; ``write`` only inside ``with store.locked():``."""

    def __init__(self, path: str):
        self.path = os.path.abspath(path)
        self._folder = os.path.dirname(self.path)

    def read(self) -> dict[str, Secret]:
        """All secrets by path; empty when there is no store yet."""
        try:
            with open(self.path, encoding="utf-8") as stream:
                document = json.load(stream)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise refuse("NXC-SECR-0002", store=self.path, reason=_reason(error)) from None
        return self._parse(document)

    def _parse(self, document: object) -> dict[str, Secret]:
        found = document.get("format") if isinstance(document, dict) else None
        if found != FORMAT:
            raise refuse("NXC-SECR-0003", store=self.path, found=found, known=FORMAT)
        try:
            return {path: Secret(row["kind"], row["value"]) for path, row in document["secrets"].items()}
        except (AttributeError, KeyError, TypeError):
            raise refuse("NXC-SECR-0002", store=self.path, reason="an entry is incomplete") from None

    def lax(self) -> list[str]:
        """Existing paths of the store (its folder, its file) with other modes than 0700 and 0600."""
        wanted = ((self._folder, FOLDER_MODE), (self.path, FILE_MODE))
        return [path for path, mode in wanted if os.path.exists(path) and os.stat(path).st_mode & 0o7777 != mode]

    def tighten(self) -> None:
        """Make folder (and parents that are missing) and file readable by their owner only."""
        os.makedirs(os.path.dirname(self._folder), mode=FOLDER_MODE, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(self._folder, FOLDER_MODE)
        os.chmod(self._folder, FOLDER_MODE)
        with contextlib.suppress(FileNotFoundError):
            os.chmod(self.path, FILE_MODE)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the only right to write. The kernel drops the lock with the process, also after kill -9."""
        self.tighten()
        lock = os.open(self.path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
        try:
            if not acquire(lock, LOCK_SECONDS):
                raise refuse("NXC-SECR-0008", store=self.path, seconds=LOCK_SECONDS)
            yield
        finally:
            os.close(lock)

    def write(self, secrets: Mapping[str, Secret]) -> None:
        """Replace the file. What a killed writer left in the candidate file is overwritten."""
        rows = {path: {"kind": secret.kind, "value": secret.value} for path, secret in secrets.items()}
        text = json.dumps({"format": FORMAT, "secrets": rows}, indent=1, sort_keys=True) + "\n"
        candidate = self.path + ".new"
        try:
            _write(candidate, text)
            os.rename(candidate, self.path)
            _sync_folder(self._folder)
        except OSError as error:
            raise refuse("NXC-SECR-0013", store=self.path, reason=_reason(error)) from None


def _reason(error: Exception) -> str:
    """The reason without file content: a JSON error's own text could quote it."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is not valid JSON"


def _write(path: str, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, FILE_MODE), "w", encoding="utf-8") as stream:
        os.fchmod(stream.fileno(), FILE_MODE)
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(path: str) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
