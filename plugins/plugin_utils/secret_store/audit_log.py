# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who changed which secret when: ``<state_dir>/secrets/audit.jsonl``, a hash chain, never values."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable

from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.kernel_lock import acquire
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.audit import append, broken_line
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.keeping import Change

LOCK_SECONDS = 30


class AuditLog:
    """The log of one site. ``where`` says what asked for the changes: play and task."""

    def __init__(self, state_dir: str, where: str = ""):
        self.path = os.path.join(os.path.abspath(state_dir), "secrets", "audit.jsonl")
        self._where = where

    def record(self, changes: Iterable[Change], now: str) -> None:
        """Append a line for each change that was made."""
        self._append([self._row(now, change.path, change.number, ",".join(change.verbs)) for change in changes])

    def record_rekeyed(self, now: str) -> None:
        """Append a line for the store as a whole: it has another password."""
        self._append([self._row(now, "", 0, "rekeyed")])

    def _row(self, now: str, path: str, version: int, action: str) -> dict[str, str | int]:
        return {
            "time": now, "user": _user(), "task": self._where, "path": path, "version": version, "action": action,
        }  # fmt: skip

    def verify(self) -> int:
        """Number of records; NXC-SECR-0024 when the chain is broken."""
        try:
            with open(self.path, encoding="utf-8") as stream:
                lines = stream.read().splitlines()
        except FileNotFoundError:
            return 0
        broken = broken_line(lines)
        if broken:
            raise refuse("NXC-SECR-0024", line=broken, log=self.path)
        return len(lines)

    def _append(self, rows: list[dict[str, str | int]]) -> None:
        if not rows:
            return
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            with os.fdopen(os.open(self.path, flags, 0o600), "r+b") as stream:
                os.fchmod(stream.fileno(), 0o600)
                if not acquire(stream.fileno(), LOCK_SECONDS):
                    raise refuse("NXC-SECR-0008", store=self.path, seconds=LOCK_SECONDS)
                text = stream.read()
                # A writer that was killed may have left part of a line; it never was a record.
                whole = text[: text.rfind(b"\n") + 1]
                stream.truncate(len(whole))
                stream.seek(len(whole))
                last = whole.splitlines()[-1].decode("utf-8") if whole else ""
                stream.write("".join(line + "\n" for line in append(rows, last)).encode("utf-8"))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise refuse("NXC-SECR-0013", store=self.path, reason=error.strerror) from None


def _user() -> str:
    """Login name; behind sudo also who called it."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    caller = os.environ.get("SUDO_USER", "")
    return "%s (sudo from %s)" % (name, caller) if caller else name
