# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared secrets, checked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import CloudError, Problem
from .kinds import KINDS, policy_flaw

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


@dataclass(frozen=True)
class Declaration:
    """A secret that has to exist. ``path`` is its name in the store, ``length`` in characters.

    ``policy``: pairs (sort of characters, least count), sorted. ``owner`` and ``consumers`` are words for people
    and reports; None leaves what is stored.
    """

    path: str
    kind: str
    length: int
    policy: tuple[tuple[str, int], ...] = ()
    staged: bool = False
    owner: str | None = None
    consumers: tuple[str, ...] | None = None

    def __str__(self) -> str:
        kind = KINDS[self.kind]
        words = self.kind if kind.fixed else "%s of length %d" % (self.kind, self.length)
        words += "".join(", %s %d" % pair for pair in self.policy)
        return words + (", staged" if self.staged else "")


def is_path(path: str) -> bool:
    """May this be the path of a secret?"""
    return len(path) <= 255 and bool(_PATH.fullmatch(path))


def parse_path(path: str) -> str:
    """``path`` itself, or NXC-SECR-0006."""
    if not is_path(path):
        raise CloudError(Problem("NXC-SECR-0006", {"path": path}))
    return path


def parse_declarations(items: Iterable[Mapping[str, Any]]) -> list[Declaration]:
    """Turn ``{path, kind, length, policy, staged, owner, consumers}`` mappings into declarations.

    All problems are raised together. The same declaration may come more than once; two that contradict each other
    are refused.
    """
    known: dict[str, Declaration] = {}
    problems: list[Problem] = []
    for item in items:
        found = _problem_of(item)
        if found:
            problems.append(found)
            continue
        new = _declaration(item)
        old = known.setdefault(new.path, new)
        if old != new:
            problems.append(Problem("NXC-SECR-0007", {"path": new.path, "wanted": new, "found": old}))
    if problems:
        raise CloudError(problems)
    return list(known.values())


def _declaration(item: Mapping[str, Any]) -> Declaration:
    kind = KINDS[item.get("kind") or "password"]
    consumers = item.get("consumers")
    return Declaration(
        item["path"],
        kind.name,
        item.get("length") or kind.default,
        tuple(sorted((item.get("policy") or {}).items())),
        bool(item.get("staged")),
        item.get("owner"),
        None if consumers is None else tuple(sorted(consumers)),
    )


def _problem_of(item: Mapping[str, Any]) -> Problem | None:
    path, name = item["path"], item.get("kind") or "password"
    if not is_path(path):
        return Problem("NXC-SECR-0006", {"path": path})
    if name not in KINDS:
        near = difflib.get_close_matches(name, KINDS, 1)
        hint = "Did you mean '%s'?" % near[0] if near else ""
        return Problem("NXC-SECR-0004", {"kind": name, "kinds": ", ".join(sorted(KINDS))}, hint=hint)
    kind = KINDS[name]
    length = item.get("length")
    if length is not None and not kind.shortest <= length <= kind.longest:
        return Problem("NXC-SECR-0005", {"path": path, "kind": name, "length": length, "allowed": kind.allowed})
    policy = item.get("policy") or {}
    reason = policy_flaw(policy, length or kind.default) if kind.policy else "%s has no policy" % name
    return Problem("NXC-SECR-0020", {"path": path, "reason": reason}) if policy and reason else None


def under(paths: Iterable[str], folders: Iterable[str]) -> list[str]:
    """The paths that lie in one of ``folders`` (whole segments: ``clouds/dev`` has no part in ``clouds/dev2/x``)."""
    heads = tuple(folder + "/" for folder in folders)
    return sorted(path for path in paths if path.startswith(heads)) if heads else []
