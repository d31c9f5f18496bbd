# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared secrets: checked, and turned into the values that are missing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import CloudError, Problem
from .kinds import KINDS, RandomBytes

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


@dataclass(frozen=True)
class Declaration:
    """A secret that has to exist. ``path`` is its name in the store, ``length`` in characters."""

    path: str
    kind: str
    length: int

    def __str__(self) -> str:
        kind = KINDS[self.kind]
        return self.kind if kind.fixed else "%s of length %d" % (self.kind, self.length)


@dataclass(frozen=True)
class Secret:
    """A stored secret. ``repr`` leaves the value out so that no traceback shows it."""

    kind: str
    value: str

    def __repr__(self) -> str:
        return "Secret(kind=%r)" % self.kind


def is_path(path: str) -> bool:
    """May this be the path of a secret?"""
    return len(path) <= 255 and bool(_PATH.fullmatch(path))


def parse_path(path: str) -> str:
    """``path`` itself, or NXC-SECR-0006."""
    if not is_path(path):
        raise CloudError(Problem("NXC-SECR-0006", {"path": path}))
    return path


def parse_declarations(items: Iterable[Mapping[str, Any]]) -> list[Declaration]:
    """Turn ``{path, kind, length}`` mappings into declarations; all problems are raised together.

    The same declaration may come more than once; two that contradict each other are refused.
    """
    known: dict[str, Declaration] = {}
    problems: list[Problem] = []
    for item in items:
        found = _problem_of(item)
        if found:
            problems.append(found)
            continue
        kind = KINDS[item.get("kind") or "password"]
        new = Declaration(item["path"], kind.name, item.get("length") or kind.default)
        old = known.setdefault(new.path, new)
        if old != new:
            problems.append(Problem("NXC-SECR-0007", {"path": new.path, "wanted": new, "found": old}))
    if problems:
        raise CloudError(problems)
    return list(known.values())


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
    return None


def missing(declarations: Iterable[Declaration], stored: Mapping[str, Secret]) -> list[Declaration]:
    """The declarations that have no value yet, in the order of their paths.

    Stored values are kept whatever length is declared now: a secret is generated once.
    A stored secret of another kind, or one that does not look like its kind, is refused.
    """
    absent: list[Declaration] = []
    problems: list[Problem] = []
    for declared in declarations:
        secret = stored.get(declared.path)
        if secret is None:
            absent.append(declared)
        elif secret.kind != declared.kind:
            problems.append(
                Problem("NXC-SECR-0007", {"path": declared.path, "wanted": declared.kind, "found": secret.kind})
            )
        elif KINDS[secret.kind].flaw(secret.value):
            reason = KINDS[secret.kind].flaw(secret.value)
            problems.append(Problem("NXC-SECR-0010", {"path": declared.path, "kind": secret.kind, "reason": reason}))
    if problems:
        raise CloudError(problems)
    return sorted(absent, key=lambda declared: declared.path)


def generate(declarations: Iterable[Declaration], random_bytes: RandomBytes) -> dict[str, Secret]:
    """A fresh secret for each declaration, by path."""
    return {
        declared.path: Secret(declared.kind, KINDS[declared.kind].make(declared.length, random_bytes))
        for declared in declarations
    }


def under(paths: Iterable[str], folders: Iterable[str]) -> list[str]:
    """The paths that lie in one of ``folders`` (whole segments: ``clouds/dev`` has no part in ``clouds/dev2/x``)."""
    heads = tuple(folder + "/" for folder in folders)
    return sorted(path for path in paths if path.startswith(heads)) if heads else []
