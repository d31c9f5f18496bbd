# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys of authorities in the secret store of the site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.moments import iso
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry, Version, first
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Backend, Conflict

from .library import serialization
from .signing import load_key, new_key

_OWNER = "pki"
_TRIES = 5


class StoreKeys:
    """The verbs of ``keys.Keys`` over a backend."""

    def __init__(self, backend: Backend, now: int):
        self._backend = backend
        self._now = iso(now)

    def read(self, paths: Iterable[str]) -> dict[str, str]:
        """Those that there are."""
        return {path: one.entry.current.value for path, one in self._backend.read(list(paths)).items()}

    def make(self, paths: Iterable[str]) -> dict[str, str]:
        """All of them; a key that another run made meanwhile counts."""
        wanted = list(paths)
        for _try in range(_TRIES):
            found = self.read(wanted)
            missing = [path for path in wanted if path not in found]
            if not missing:
                return found
            try:
                self._backend.write({path: self._entry(new_key()) for path in missing}, {})
            except Conflict:
                continue
        return self.read(wanted)

    def put(self, keys: Mapping[str, str]) -> None:
        """Keep keys that were brought, in place of what is there."""
        seen = self._backend.read(list(keys))
        changes: dict[str, Entry | None] = {
            path: self._entry(text)
            for path, text in keys.items()
            if path not in seen or seen[path].entry.current.value != text
        }
        if changes:
            self._backend.write(changes, seen)

    def remove(self, paths: Iterable[str]) -> None:
        """Forget keys."""
        seen = self._backend.read(list(paths))
        if seen:
            self._backend.write(dict.fromkeys(seen), seen)

    def _entry(self, text: str) -> Entry:
        public = load_key(text).public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )  # fmt: skip
        version = Version(1, text, self._now, public.decode("ascii"))
        return first("x509_key", lambda _number: version, owner=_OWNER)
