# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backend whose reads are made once per ``ansible-playbook`` run, by all its processes together."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any, Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import run_cache
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Backend, Stored

READ = "read|"


class Remembered:
    """Reads of the same paths are asked once; any write of the run, also one that fails, makes it ask again.

    What another run writes meanwhile is not seen, but it cannot be overwritten either: the write is a ``Conflict``,
    and the next read is fresh.

    ``make`` gives the backend of ``settings`` when something has to be asked: it loads libraries that take a second,
    which the many workers of a run do without as long as others have read what they need.
    """

    def __init__(self, settings: Mapping[str, Any], make: Callable[[], Backend]):
        self._make = make
        self._key = "%s%s|" % (READ, json.dumps(settings, sort_keys=True))

    @functools.cached_property
    def _backend(self) -> Backend:
        return self._make()

    @property
    def identity(self) -> str:
        """As the backend's own."""
        return self._backend.identity

    def read(self, paths: Iterable[str] | None) -> dict[str, Stored]:
        """As the backend's own ``read``."""
        wanted = None if paths is None else sorted(set(paths))

        def ask() -> bytes:
            found = self._backend.read(wanted)
            return json.dumps({path: [one.entry.as_dict(), one.token] for path, one in found.items()}).encode()

        rows = json.loads(run_cache.get(self._key + json.dumps(wanted), ask))
        return {path: Stored(Entry.from_dict(row), token) for path, (row, token) in rows.items()}

    def write(self, changes: Mapping[str, Entry | None], seen: Mapping[str, Stored]) -> None:
        """As the backend's own ``write``."""
        try:
            self._backend.write(changes, seen)
        finally:
            # Other settings may lead to the same place.
            run_cache.forget(READ)
