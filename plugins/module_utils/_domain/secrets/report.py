# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is to know and to mend about the secrets of a store, without their values."""

from __future__ import annotations

import contextlib
import json
import math
import string
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .entry import Entry
from .importing import IMPORTED
from .keeping import REMOVED
from .moment import seconds_between

DAY = 86400
# Found by row; 'audit' is about the log.
FINDINGS = ("old", "unused", "weak", "duplicate", "imported", "unrecorded", "audit")
# Kinds that people could have thought up; the others are keys with a form that says their strength.
GUESSABLE = ("hex", "htpasswd", "password")
_SORTS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
_OTHER = 32


@dataclass(frozen=True)
class Limits:
    """When a secret is old (seconds, 0: never), and how many bits of a guess are too few."""

    max_age: int = 0
    weak_bits: int = 70


@dataclass(frozen=True)
class Row:
    """One secret. ``rotated``: when, '' if never; ``grace_until``: '' if its previous value does not count."""

    path: str
    kind: str
    version: int
    age_days: int
    rotated: str
    grace_until: str
    owner: str
    consumers: tuple[str, ...]
    findings: tuple[str, ...]
    same_as: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        row = dict(vars(self))
        return {**row, **{key: list(row[key]) for key in ("consumers", "findings", "same_as")}}


@dataclass(frozen=True)
class Known:
    """What is known besides the store.

    ``digests``: a keyed digest of each current value by path, equal for equal values. By path: ``recorded``, the
    versions that the audit log names since the secret was made, and ``imported``, the one that was imported last.
    ``wanted``: paths, and folders that end in '/', that something uses; None: not known, so nothing is unused.
    """

    digests: Mapping[str, str]
    recorded: Mapping[str, Collection[int]] = field(default_factory=dict)
    imported: Mapping[str, int] = field(default_factory=dict)
    wanted: Collection[str] | None = None


def versions(lines: Iterable[str]) -> tuple[dict[str, set[int]], dict[str, int]]:
    """From the lines of an audit log, by path: versions since it was made, and that which was imported last."""
    recorded: dict[str, set[int]] = {}
    imported: dict[str, int] = {}
    for line in lines:
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
            record = json.loads(line)
            path, version, verbs = str(record["path"]), int(record["version"]), record["action"].split(",")
            recorded[path] = set() if REMOVED in verbs else {*recorded.get(path, ()), version}
            if IMPORTED in verbs:
                imported[path] = version
    return recorded, imported


def report(entries: Mapping[str, Entry], known: Known, now: str, limits: Limits) -> list[Row]:
    """A row for each secret, by path."""
    groups: dict[str, list[str]] = {}
    for path in sorted(entries):
        groups.setdefault(known.digests[path], []).append(path)
    rows = []
    for path, entry in sorted(entries.items()):
        current = entry.current
        age = max(0, seconds_between(current.created, now))
        same = tuple(other for other in groups[known.digests[path]] if other != path)
        found = {
            "old": 0 < limits.max_age < age,
            "unused": known.wanted is not None and not _is_wanted(path, known.wanted),
            "weak": entry.kind in GUESSABLE and bits(current.value) < limits.weak_bits,
            "duplicate": bool(same),
            "imported": known.imported.get(path) == current.number,
            "unrecorded": current.number not in known.recorded.get(path, ()),
        }
        rows.append(
            Row(
                path,
                entry.kind,
                current.number,
                age // DAY,
                current.created if current.number > 1 else "",
                (entry.previous_until or "") if entry.previous_at(now) else "",
                entry.owner,
                entry.consumers,
                tuple(name for name in FINDINGS if found.get(name)),
                same,
            )
        )
    return rows


def _is_wanted(path: str, wanted: Collection[str]) -> bool:
    return path in wanted or any(one.endswith("/") and path.startswith(one) for one in wanted)


def bits(value: str) -> float:
    """About how many bits a guess needs: characters of the sorts that are used, less for repeated ones."""
    sorts = [sort for sort in _SORTS if set(sort) & set(value)]
    size = sum(map(len, sorts)) + (_OTHER if set(value) - set("".join(_SORTS)) else 0)
    if not size:
        return 0.0
    expected = size * (1 - (1 - 1 / size) ** len(value))
    return len(value) * math.log2(size) * min(1.0, len(set(value)) / expected)


def counts(rows: Iterable[Row], broken: int) -> dict[str, int]:
    """How many there are of each finding; ``broken``: line where the audit log breaks, 0 if it does not."""
    found = [name for row in rows for name in row.findings]
    return {name: int(bool(broken)) if name == "audit" else found.count(name) for name in FINDINGS}


def table(rows: Sequence[Row], broken: int, lines: int) -> str:
    """For people. Cells have no spaces: where there are single ones, Ansible may break a line that it shows."""
    cells = [("SECRET", "KIND", "AGE", "ROTATED", "GRACE-UNTIL", "OWNER", "FINDINGS", "CONSUMERS")]
    for row in rows:
        found = ["duplicate=%s" % "=".join(row.same_as) if name == "duplicate" else name for name in row.findings]
        cells.append(
            (
                row.path,
                row.kind,
                "%dd" % row.age_days,
                row.rotated[:10] or "never",
                row.grace_until or "-",
                row.owner or "-",
                ",".join(found) or "-",
                ",".join(row.consumers) or "-",
            )
        )
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells]
    log = "broken at line %d of %d" % (broken, lines) if broken else "intact, %d lines" % lines
    return "\n".join([*text, "", "audit log: %s" % log])
