# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys of authorities in the secret store of the site; its audit log has a line for each that comes or goes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.moments import iso
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry, Version, first
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.keeping import Change, absent
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Backend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.keeper import Decide, carry_out

from .library import serialization
from .signing import load_key, new_key

_OWNER = "pki"


class StoreKeys:
    """The verbs of ``keys.Keys`` over a backend."""

    def __init__(self, backend: Backend, log: AuditLog, now: int):
        self._backend = backend
        self._log = log
        self._now = iso(now)

    def read(self, paths: Iterable[str]) -> dict[str, str]:
        """Those that there are."""
        return {path: one.entry.current.value for path, one in self._backend.read(list(paths)).items()}

    def make(self, paths: Iterable[str]) -> dict[str, str]:
        """All of them; a key that another run made meanwhile counts."""
        wanted = list(paths)

        def decide(stored: Mapping[str, Entry]) -> list[Change]:
            return [self._change(path, None, new_key()) for path in wanted if path not in stored]

        return self._carry_out(decide, wanted)

    def put(self, keys: Mapping[str, str]) -> None:
        """Keep keys that were brought, in place of what is there."""

        def decide(stored: Mapping[str, Entry]) -> list[Change]:
            changes = [self._change(path, stored.get(path), text) for path, text in keys.items()]
            return [one for one in changes if _value(one.before) != _value(one.after)]

        self._carry_out(decide, keys)

    def remove(self, paths: Iterable[str]) -> None:
        """Forget keys."""
        doomed = list(paths)
        self._carry_out(lambda stored: absent(doomed, (), stored), doomed)

    def _carry_out(self, decide: Decide, paths: Iterable[str]) -> dict[str, str]:
        """The keys that are there afterwards. The log has the clock's time, whatever moment is decided for."""
        changes, seen = carry_out(self._backend, self._log, decide, paths, iso(int(time.time())), check=False)
        entries = {**{path: one.entry for path, one in seen.items()}, **{one.path: one.after for one in changes}}
        return {path: entry.current.value for path, entry in entries.items() if entry}

    def _change(self, path: str, before: Entry | None, text: str) -> Change:
        public = load_key(text).public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )  # fmt: skip
        version = Version(1, text, self._now, public.decode("ascii"))
        after = first("x509_key", lambda _number: version, owner=_OWNER)
        return Change(path, before, after, ("replaced",) if before else ("created",))


def _value(entry: Entry | None) -> str:
    return entry.current.value if entry else ""
