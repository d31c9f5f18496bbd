# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An entry of the secret store: the current version, the one before it while it still counts, the one to come.

``now`` is a moment as in ``moment.py``. A previous version counts while ``previous_until`` is later than now;
without one that counts, 'previous' means the current version, so consumers can always render both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Callable

from .moment import later


@dataclass(frozen=True)
class Version:
    """One value. ``public`` is the public half of keys, ``hash`` the bcrypt hash of the kind htpasswd.

    Numbers count from 1 and go on through rotations; ``created`` is when the version came into use.
    """

    number: int
    value: str
    created: str
    public: str = ""
    hash: str = ""

    def __repr__(self) -> str:
        return "Version(number=%d, created=%r)" % (self.number, self.created)

    @property
    def slot(self) -> str:
        """``a`` for odd numbers, ``b`` for even ones: neighbours never share a slot."""
        return "a" if self.number % 2 else "b"

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form; ``public`` and ``hash`` only when there are some."""
        row: dict[str, Any] = {"number": self.number, "value": self.value, "created": self.created}
        row.update((key, text) for key, text in (("public", self.public), ("hash", self.hash)) if text)
        return row

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Version:
        """The reverse of ``as_dict``; KeyError, TypeError or ValueError for anything else."""
        texts = [row["value"], row["created"], row.get("public", ""), row.get("hash", "")]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("a version has texts")
        return cls(int(row["number"]), *texts)


Make = Callable[[int], Version]


@dataclass(frozen=True)
class Entry:
    """What a path holds. ``staged`` is the next value, known before it is used, of entries declared so."""

    kind: str
    current: Version
    previous: Version | None = None
    previous_until: str | None = None
    staged: Version | None = None
    owner: str = ""
    consumers: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form that every backend stores."""
        return {
            "kind": self.kind,
            "current": self.current.as_dict(),
            "previous": self.previous.as_dict() if self.previous else None,
            "previous_until": self.previous_until,
            "staged": self.staged.as_dict() if self.staged else None,
            "owner": self.owner,
            "consumers": list(self.consumers),
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Entry:
        """The reverse of ``as_dict``; KeyError, TypeError or ValueError for anything else."""
        previous, staged = row.get("previous"), row.get("staged")
        return cls(
            str(row["kind"]),
            Version.from_dict(row["current"]),
            Version.from_dict(previous) if previous else None,
            row.get("previous_until"),
            Version.from_dict(staged) if staged else None,
            str(row.get("owner") or ""),
            tuple(row.get("consumers") or ()),
        )

    def previous_at(self, now: str) -> Version | None:
        """The previous version if it still counts."""
        return self.previous if self.previous and (self.previous_until or "") > now else None

    def parts(self, now: str) -> dict[str, str]:
        """What consumers see, by suffix; '' is the value itself. ``public`` and hashes only of kinds that have them."""
        current = self.current
        previous = self.previous_at(now) or current
        parts = {
            "": current.value,
            "previous": previous.value,
            "staged": (self.staged or current).value,
            "slot": current.slot,
            "previous_slot": previous.slot,
        }
        if current.public:
            parts["public"] = current.public
        if current.hash:
            parts.update(hash=current.hash, previous_hash=previous.hash)
        return parts

    def revision(self, now: str) -> str:
        """12 hexadecimal digits that change whenever the parts do; made of numbers and dates, not of values."""
        versions = [self.current, self.previous_at(now), self.staged]
        text = "\n".join("%d|%s" % (one.number, one.created) if one else "" for one in versions)
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:12]


def first(kind: str, make: Make, *, staged: bool = False, owner: str = "", consumers: tuple[str, ...] = ()) -> Entry:
    """A new entry with version 1, and version 2 when it is staged."""
    return Entry(kind, make(1), staged=make(2) if staged else None, owner=owner, consumers=consumers)


def rotate(entry: Entry, now: str, grace: int, make: Make, *, staged: bool = False, force: bool = False) -> Entry:
    """Current becomes previous for ``grace`` seconds, staged (or a fresh one) becomes current.

    An entry whose previous version still counts is returned as it is, unless ``force``: then the version before
    the current one stops counting at once.
    """
    if entry.previous_at(now) and not force:
        return entry
    number = entry.current.number + 1
    current = replace(entry.staged, number=number, created=now) if entry.staged else make(number)
    return replace(
        entry,
        current=current,
        previous=entry.current if grace > 0 else None,
        previous_until=later(now, grace) if grace > 0 else None,
        staged=make(number + 1) if staged or entry.staged else None,
    )


def retire(entry: Entry, now: str) -> Entry:
    """The entry without a previous version that no longer counts."""
    return entry if not entry.previous or entry.previous_at(now) else replace(entry, previous=None, previous_until=None)
