# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in Barbican, the key manager of OpenStack.

Payloads there are immutable and nothing can be compared and set, so versions are ours: each state of a path is a
secret with the name ``<prefix>/<path>`` and its generation, from 1, as ``mode``. The highest generation counts; the
writer removes those before it. A removed entry is a generation with the payload ``null``.

Writers of one generation agree on one of them with plain reads and writes (a "safe agreement"): a candidate is
announced without payload; who then sees a payload of the same generation, or a higher one, gives up; otherwise it
sets its payload. Once no candidate is without payload, the lowest id among those with one has won, and the generation
counts. So two can never win, and only a writer that dies between two requests delays others, until its candidate is
``STALE`` seconds old and is removed; a payload can no longer be set then.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Conflict, Stored
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.barbican_api import Barbican, Row
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.remote import dump, parse

STALE = 60.0  # seconds after which the candidate of a writer is taken for abandoned
POLL = 0.1
FEW = 8  # paths that are asked for one by one
REMOVED = "null"
NAME_MAX = 255


class BarbicanBackend:
    """``settings``: cloud (of clouds.yaml), prefix, and optionally clouds_file."""

    def __init__(self, settings: Mapping[str, Any]):
        self._api = Barbican(settings)
        self._prefix = settings["prefix"] + "/"
        self.identity = "barbican %s/%s" % (settings["cloud"], settings["prefix"])

    def read(self, paths: Iterable[str] | None) -> dict[str, Stored]:
        """One listing (one per path for a few), and one request per entry."""
        wanted = None if paths is None else list(dict.fromkeys(paths))
        found = {}
        for path, rows in self._rows(wanted).items():
            row, payload = self._payload(path, rows)
            if row is not None and payload != REMOVED:
                found[path] = parse(self._api.server, path, payload, str(row.generation))
        return found

    def write(self, changes: Mapping[str, Entry | None], seen: Mapping[str, Stored]) -> None:
        """One agreement per path, in order; what was written before a ``Conflict`` stays."""
        for path, entry in changes.items():
            if len(self._prefix + path) > NAME_MAX:
                reason = "its name would have more than %d characters" % NAME_MAX
                raise refuse("NXC-SECR-0048", server=self._api.server, path=path, reason=reason)
            rows = self._calm(path)
            before = current(rows)
            generation = before.generation if before else 0
            if path in seen:
                if generation != int(seen[path].token):
                    raise Conflict(path)
            elif self._payload(path, rows)[1] != REMOVED:
                raise Conflict(path)
            elif entry is None:
                continue
            self._propose(path, generation + 1, dump(entry) if entry else REMOVED)

    def _propose(self, path: str, generation: int, payload: str) -> None:
        """Win the generation for the payload, or raise ``Conflict`` and leave nothing behind."""
        own = self._api.announce(self._prefix + path, generation)
        rows = self._of(path)
        if any(row.generation > generation or (row.generation == generation and row.decided) for row in rows):
            self._api.delete(own)
            raise Conflict(path)
        try:
            here = self._api.set_payload(own, path, payload)
        except CloudError as error:
            if error.problems[0].code == "NXC-SECR-0048":
                self._api.delete(own)
            raise
        rows = self._calm(path, generation) if here else []
        if winner(rows, generation) != own or any(row.generation > generation for row in rows):
            self._api.delete(own)
            raise Conflict(path)
        for row in rows:
            if row.generation < generation:
                self._api.delete(row.id)

    def _calm(self, path: str, generation: int | None = None) -> list[Row]:
        """The rows of a path once no generation (or not this one) is open. Candidates that were abandoned are removed.

        Who waits here before proposing does not disturb those that are about to agree.
        """
        while True:
            rows = self._of(path)
            undecided = [row for row in rows if not row.decided and generation in (None, row.generation)]
            if not undecided:
                return rows
            for row in undecided:
                if row.age > STALE:
                    self._api.delete(row.id)
            time.sleep(POLL)

    def _of(self, path: str) -> list[Row]:
        return self._rows([path]).get(path, [])

    def _payload(self, path: str, rows: list[Row]) -> tuple[Row | None, str]:
        """The row that counts and its payload; read again if a writer replaces it meanwhile."""
        while True:
            row = current(rows)
            payload = self._api.payload(row.id) if row else REMOVED
            if payload is not None:
                return row, payload
            rows = self._of(path)

    def _rows(self, paths: list[str] | None) -> dict[str, list[Row]]:
        """Path → what is there under its name, of these paths or all."""
        if paths is not None and len(paths) <= FEW:
            listed = [row for path in paths for row in self._api.named(self._prefix + path)]
        else:
            listed = self._api.all()
        wanted = None if paths is None else {self._prefix + path for path in paths}
        found: dict[str, list[Row]] = {}
        for row in listed:
            if row.name in wanted if wanted is not None else row.name.startswith(self._prefix):
                found.setdefault(row.name[len(self._prefix) :], []).append(row)
        return found


def winner(rows: Iterable[Row], generation: int) -> str | None:
    """The id that has won a generation in which nobody is without payload."""
    return min((row.id for row in rows if row.generation == generation and row.decided), default=None)


def current(rows: Iterable[Row]) -> Row | None:
    """The row that counts: the winner of the highest generation that nobody can join any more."""
    known = list(rows)
    undecided = {row.generation for row in known if not row.decided}
    settled = {row.generation for row in known if row.decided} - undecided
    chosen = winner(known, max(settled, default=0))
    return next((row for row in known if row.id == chosen), None)
