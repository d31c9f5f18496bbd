# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that other tools keep: which of them come where, and which cannot.

A source is ``{name: value}``, value a text or a mapping with a private key. What is decided has a row for every name,
so nothing is lost silently; rows and problems hold names and reasons, never values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from ..errors import CloudError, Problem
from .declaration import is_path
from .entry import Entry, Version
from .keeping import Change
from .kinds import KINDS

# What a row may say. Only the first two change the store.
CREATE, REPLACE, SAME, KEEP, SKIP = "create", "replace", "same", "keep", "skip"
# What the audit log says of an imported version.
IMPORTED = "imported"
# In the order in which a value is tried that does not fit the kind it was mapped to.
FITTING = ("uuid", "fernet", "hex", "ssh_ed25519", "x509_key", "password")

Make = Callable[[str, str], Version]


@dataclass(frozen=True)
class Target:
    """Where a value is to come: path and kind in the store. ``optional``: it does not matter if the source lacks it."""

    path: str
    kind: str
    optional: bool = False


@dataclass(frozen=True)
class Policy:
    """What to do with names without a target, with values that do not fit, and with paths that hold another value."""

    unmapped: str = "refuse"
    unfit: str = "refuse"
    existing: str = "keep"


@dataclass(frozen=True)
class Row:
    """What happens to one name of the source."""

    name: str
    action: str
    path: str = ""
    kind: str = ""
    reason: str = ""
    value: str = field(default="", repr=False)

    def as_dict(self) -> dict[str, str]:
        """Without the value."""
        return {
            "name": self.name, "action": self.action, "path": self.path, "kind": self.kind, "reason": self.reason,
        }  # fmt: skip


def parse_mapping(mapping: Mapping[str, Any]) -> dict[str, Target]:
    """``{name: path or {path, kind}}`` as targets; the kind is ``password`` unless it is said."""
    targets, problems = {}, []
    for name, given in sorted(mapping.items()):
        row = {"path": given} if isinstance(given, str) else given if isinstance(given, Mapping) else {}
        path, kind = row.get("path"), row.get("kind") or "password"
        if not isinstance(path, str) or set(row) - {"path", "kind"}:
            problems.append(Problem("NXC-SECR-0080", {"name": name}))
        elif not is_path(path):
            problems.append(Problem("NXC-SECR-0006", {"path": path}))
        elif kind not in KINDS:
            problems.append(Problem("NXC-SECR-0004", {"kind": kind, "kinds": ", ".join(sorted(KINDS))}))
        else:
            targets[name] = Target(path, kind)
    if problems:
        raise CloudError(problems)
    return targets


def decide(
    values: Mapping[str, Any], targets: Mapping[str, Target], stored: Mapping[str, Entry], policy: Policy
) -> list[Row]:
    """A row for every name of the source, in their order; every problem there is, at once."""
    rows, problems = [], _absent(values, targets) + _collisions(values, targets)
    for name in sorted(values):
        found = _row(name, text_of(values[name]), targets.get(name), stored, policy)
        if isinstance(found, Row):
            rows.append(found)
        else:
            problems.append(found)
    if problems:
        raise CloudError(problems)
    return rows


def text_of(value: Any) -> str | None:
    """The text to keep: a text as it is, the private half of a key pair; None for anything else."""
    if isinstance(value, Mapping):
        value = value.get("private_key")
    return value if isinstance(value, str) and value else None


def _absent(values: Mapping[str, Any], targets: Mapping[str, Target]) -> list[Problem]:
    names = sorted(name for name, target in targets.items() if name not in values and not target.optional)
    return [Problem("NXC-SECR-0081", {"name": name}) for name in names]


def _collisions(values: Mapping[str, Any], targets: Mapping[str, Target]) -> list[Problem]:
    """Two names with different values for one path."""
    owners: dict[str, str] = {}
    problems = []
    for name in sorted(name for name in targets if name in values):
        path = targets[name].path
        first = owners.setdefault(path, name)
        if text_of(values[first]) != text_of(values[name]):
            problems.append(Problem("NXC-SECR-0082", {"path": path, "name": name, "other": first}))
    return problems


def _row(
    name: str, value: str | None, target: Target | None, stored: Mapping[str, Entry], policy: Policy
) -> Row | Problem:
    if target is None:
        if policy.unmapped == "refuse":
            return Problem("NXC-SECR-0083", {"name": name})
        return Row(name, SKIP, reason="no path is mapped to it")
    kind, reason = _fit(value, target.kind, policy.unfit == "fit")
    if value is None or not kind:
        if policy.unfit == "skip":
            return Row(name, SKIP, target.path, target.kind, reason)
        return Problem("NXC-SECR-0084", {"name": name, "path": target.path, "kind": target.kind, "reason": reason})
    old = stored.get(target.path)
    row = Row(name, CREATE, target.path, kind, reason, value)
    if old is None:
        return row
    if old.current.value == value:
        return replace(row, action=SAME, kind=old.kind, reason="the store has this value")
    if policy.existing == "refuse":
        return Problem("NXC-SECR-0085", {"name": name, "path": target.path})
    if policy.existing == "keep":
        return replace(row, action=KEEP, kind=old.kind, reason="the store has another value and keeps it")
    return replace(row, action=REPLACE)


def _fit(value: str | None, kind: str, others: bool) -> tuple[str, str]:
    """``(kind that fits or '', why it is not, or hardly, the wanted one)``. ``others``: take what is nearest."""
    if value is None:
        return "", "it is neither text nor a key pair with a private_key"
    flaw = _flaw(kind, value)
    if not flaw:
        return kind, ""
    fitting = [name for name in FITTING if others and not _flaw(name, value)]
    if others and not fitting and not KINDS[kind].foreign_flaw(value):
        # Only the length is wrong, and what is stored may have any.
        return kind, flaw
    return (fitting[0], "as %s it does not fit: %s" % (kind, flaw)) if fitting else ("", flaw)


def _flaw(kind: str, value: str) -> str:
    """Why a value is not as good as a generated one of the kind."""
    row = KINDS[kind]
    short = len(value) < row.shortest
    return row.foreign_flaw(value) or (
        "it has %d characters, and %d are the least" % (len(value), row.shortest) if short else ""
    )


def changes(rows: Iterable[Row], stored: Mapping[str, Entry], make: Make) -> list[Change]:
    """What is to be written, by path; ``make(kind, value)`` is the value as version 1, ValueError for an unfit one.

    A replaced value is gone at once: the imported one is what is in use, so there is nothing to be graceful about.
    """
    found: dict[str, Change] = {}
    problems = []
    for row in rows:
        if row.action not in (CREATE, REPLACE):
            continue
        old = stored.get(row.path)
        try:
            version = make(row.kind, row.value)
        except ValueError:
            values = {"name": row.name, "path": row.path, "kind": row.kind, "reason": "it is not a key of this kind"}
            problems.append(Problem("NXC-SECR-0084", values))
            continue
        found[row.path] = Change(row.path, old, _entry(row.kind, version, old), (IMPORTED,))
    if problems:
        raise CloudError(problems)
    return [found[path] for path in sorted(found)]


def _entry(kind: str, version: Version, old: Entry | None) -> Entry:
    """The entry with the imported version as the current one. What is staged stays, for those who know it."""
    if old is None:
        return Entry(kind, version)
    number = old.current.number + 1
    staged = replace(old.staged, number=number + 1) if old.staged and old.kind == kind else None
    current = replace(version, number=number)
    return replace(old, kind=kind, current=current, previous=None, previous_until=None, staged=staged)


def summary(rows: Sequence[Row]) -> dict[str, int]:
    """How many rows of each action."""
    return {action: sum(row.action == action for row in rows) for action in (CREATE, REPLACE, SAME, KEEP, SKIP)}
