# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of ``nextgen.cloud.secret``: decide, write, decide again when another writer was faster, record."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets import keeping
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.declaration import Declaration
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry, Version
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.keeping import Change
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import generate, run_cache
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Backend, Conflict, Stored

ATTEMPTS = 5

Decide = Callable[[Mapping[str, Entry]], list[Change]]


@dataclass(frozen=True)
class Wish:
    """What a call asks for. ``state``: present, rotated or absent; ``grace`` in seconds."""

    state: str
    declared: tuple[Declaration, ...] = ()
    under: tuple[str, ...] = ()
    grace: int = 0
    force: bool = False


def keep(
    backend: Backend, log: AuditLog, wish: Wish, now: str, *, check: bool
) -> tuple[list[Change], dict[str, Stored]]:
    """Make the store as wished; the changes (for ``check``, that would be made) and what was read before.

    In check mode values that are not there yet are empty texts.
    """
    return carry_out(backend, log, _decision(wish, now, check), _paths(wish), now, check=check)


def carry_out(
    backend: Backend, log: AuditLog, decide: Decide, paths: Iterable[str] | None, now: str, *, check: bool
) -> tuple[list[Change], dict[str, Stored]]:
    """Read ``paths`` (all for None), decide, write and record; decide anew on what another writer left.

    Returns the changes and what was read before them.
    """
    wanted = None if paths is None else list(paths)
    path = ""
    for _attempt in range(ATTEMPTS):
        seen = backend.read(wanted)
        changes = decide({path: stored.entry for path, stored in seen.items()})
        if check or not changes:
            return changes, seen
        try:
            backend.write({change.path: change.after for change in changes}, seen)
        except Conflict as conflict:
            path = conflict.path
            continue
        log.record(changes, now)
        return changes, seen
    raise refuse("NXC-SECR-0021", path=path, attempts=ATTEMPTS)


def _paths(wish: Wish) -> list[str] | None:
    return None if wish.under else sorted({one.path for one in wish.declared})


def _decision(wish: Wish, now: str, check: bool) -> Decide:
    def make(declared: Declaration, number: int) -> Version:
        return Version(number, "", now) if check else generate.version(declared, number, now)

    def decide(stored: Mapping[str, Entry]) -> list[Change]:
        if wish.state == "present":
            return keeping.present(wish.declared, stored, now, make)
        if wish.state == "absent":
            return keeping.absent([one.path for one in wish.declared], wish.under, stored)
        return keeping.rotated(wish.declared, wish.under, stored, now, make, grace=wish.grace, force=wish.force)

    return decide


def digests() -> keeping.Digest:
    """Short keyed digests for diffs. The key is random and lives as long as the run: they compare within it only."""
    key = run_cache.get("digest-key", lambda: os.urandom(32))
    return lambda value: "hmac:" + hmac.new(key, value.encode("utf-8"), hashlib.sha256).hexdigest()[:8]
