# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a call of ``nextgen.cloud.secret`` means for the entries that are stored: pure decisions.

``make(declaration, number)`` gives a fresh version; it is called only for what is really new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Callable

from ..errors import CloudError, Problem
from .declaration import Declaration, under
from .entry import Entry, Version, first, retire, rotate
from .kinds import KINDS

REMOVED = "removed"

Entries = Mapping[str, Entry]
Make = Callable[[Declaration, int], Version]


@dataclass(frozen=True)
class Change:
    """One path of a decision. ``verbs``: created, rotated, staged, described, retired, removed; none without change."""

    path: str
    before: Entry | None
    after: Entry | None
    verbs: tuple[str, ...]

    @property
    def number(self) -> int:
        """Number of the version that is current afterwards (before, when the entry is removed)."""
        entry = self.after or self.before
        return entry.current.number if entry else 0


def present(declared: Iterable[Declaration], stored: Entries, now: str, make: Make) -> list[Change]:
    """Every declaration has an entry of its kind. A value is made once and kept, whatever length is declared later.

    Also adds a staged value that is declared now, follows owner and consumers, and forgets previous values whose
    time is over.
    """
    wanted = list(declared)
    _check(wanted, stored)
    return _differing([_present(one, stored.get(one.path), now, make) for one in wanted])


def _present(declared: Declaration, entry: Entry | None, now: str, make: Make) -> Change:
    def fresh(number: int) -> Version:
        return make(declared, number)

    if entry is None:
        made = first(
            declared.kind,
            fresh,
            staged=declared.staged,
            owner=declared.owner or "",
            consumers=declared.consumers or (),
        )
        return Change(declared.path, None, made, ("created",))
    return _described(declared, entry, _staged(declared, entry, retire(entry, now), fresh))


def _staged(declared: Declaration, before: Entry, entry: Entry, fresh: Callable[[int], Version]) -> Change:
    verbs = ("retired",) if entry != before else ()
    if declared.staged and not entry.staged:
        return Change(declared.path, before, replace(entry, staged=fresh(entry.current.number + 1)), (*verbs, "staged"))
    return Change(declared.path, before, entry, verbs)


def _described(declared: Declaration, before: Entry, change: Change) -> Change:
    owner = before.owner if declared.owner is None else declared.owner
    consumers = before.consumers if declared.consumers is None else declared.consumers
    if change.after is None or (owner, consumers) == (before.owner, before.consumers):
        return change
    after = replace(change.after, owner=owner, consumers=consumers)
    return replace(change, after=after, verbs=(*change.verbs, "described"))


def rotated(
    declared: Iterable[Declaration],
    folders: Iterable[str],
    stored: Entries,
    now: str,
    make: Make,
    *,
    grace: int,
    force: bool,
) -> list[Change]:
    """The declared secrets and all below ``folders`` get a new value, once within the grace period."""
    named = {one.path: one for one in declared}
    absent = [path for path in named if path not in stored]
    if absent:
        raise CloudError([Problem("NXC-SECR-0001", {"path": path, "store": "of the site"}) for path in absent])
    _check(named.values(), stored)
    changes = []
    for path in sorted({*named, *under(stored, folders)}):
        one = named.get(path) or as_stored(path, stored[path])
        after = rotate(
            stored[path],
            now,
            grace,
            partial(make, one),
            staged=one.staged,
            force=force,
        )
        changes.append(Change(path, stored[path], after, ("rotated",) if after != stored[path] else ()))
    return _differing(changes)


def as_stored(path: str, entry: Entry) -> Declaration:
    """The declaration an entry would follow from; a chosen length is the one its value has."""
    kind = KINDS[entry.kind]
    length = min(max(len(entry.current.value), kind.shortest), kind.longest)
    return Declaration(path, entry.kind, kind.default if kind.fixed else length)


def absent(paths: Iterable[str], folders: Iterable[str], stored: Entries) -> list[Change]:
    """The named entries and all below ``folders`` are gone."""
    doomed = sorted({path for path in paths if path in stored} | set(under(stored, folders)))
    return [Change(path, stored[path], None, (REMOVED,)) for path in doomed]


def _differing(changes: Iterable[Change]) -> list[Change]:
    return sorted((change for change in changes if change.verbs), key=lambda change: change.path)


def _check(declared: Iterable[Declaration], stored: Entries) -> None:
    """Refuse stored entries of another kind, and values that do not look like their kind."""
    problems: list[Problem] = []
    for one in declared:
        entry = stored.get(one.path)
        if entry is None:
            continue
        if entry.kind != one.kind:
            values = {"path": one.path, "wanted": one.kind, "found": entry.kind}
            problems.append(Problem("NXC-SECR-0007", values))
            continue
        reason = KINDS[entry.kind].flaw(entry.current.value)
        if reason:
            problems.append(Problem("NXC-SECR-0010", {"path": one.path, "kind": entry.kind, "reason": reason}))
    if problems:
        raise CloudError(problems)


Digest = Callable[[str], str]


def lines(entries: Mapping[str, Entry], digest: Digest) -> str:
    """Text for a diff: kind, version numbers and dates, keyed digests in place of values, '' for a value not made."""

    def version(word: str, one: Version | None) -> str:
        if one is None:
            return ""
        return "  %s: version %d, %s\n" % (word, one.number, digest(one.value) if one.value else "not made yet")

    text = ""
    for path, entry in sorted(entries.items()):
        text += "%s (%s)\n" % (path, entry.kind)
        text += version("current", entry.current) + version("previous", entry.previous)
        text += "  previous until: %s\n" % entry.previous_until if entry.previous_until else ""
        text += version("staged", entry.staged)
        text += "  owner: %s\n" % entry.owner if entry.owner else ""
        text += "  consumers: %s\n" % ", ".join(entry.consumers) if entry.consumers else ""
    return text
