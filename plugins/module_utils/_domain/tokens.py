# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens: what stands in manifests for secrets, certificates and the trust bundle until a task starts.

``@secret:component/name@`` and ``@secret:component/name.part@``, ``@certificate:component/name/file@``, ``@trust@``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PAIR_FILES = ("ca", "cert", "combined", "key")
"""What a certificate consists of; ``combined`` is key and cert in one."""

_TOKEN = re.compile(r"@(?:(secret|certificate):([^@\s]*)|trust)@")
_SOURCE = re.compile(r"trust|(?:secret|certificate):[^\s/]+/[^\s/]+")
_PARTS = ("previous", "previous_slot", "slot")
_PARTS_OF_KINDS = {"htpasswd": ("hash", "previous_hash"), "ssh_ed25519": ("public",), "x509_key": ("public",)}
_OPEN_PARTS = ("previous_slot", "public", "slot")
_KEY_FILES = ("combined", "key")
# Others may not read what has a secret or a key in it, and the group may not write it.
_TOO_WIDE = 0o027


@dataclass(frozen=True, order=True)
class Token:
    """``kind``: secret, certificate or trust; ``name``: ``component/name``, empty for trust; ``part``: of a secret,
    empty for its value, or the file of a certificate."""

    kind: str
    name: str = ""
    part: str = ""

    def __str__(self) -> str:
        if self.kind == "trust":
            return "@trust@"
        separator = "" if not self.part else "." if self.kind == "secret" else "/"
        return "@%s:%s%s%s@" % (self.kind, self.name, separator, self.part)

    @property
    def sensitive(self) -> bool:
        """Does it stand for something that nobody else may read?"""
        if self.kind == "secret":
            return self.part not in _OPEN_PARTS
        return self.part in _KEY_FILES

    @property
    def source(self) -> str:
        """What has a revision: ``secret:component/name``, ``certificate:component/name`` or ``trust``."""
        if self.kind == "trust" or (self.kind == "certificate" and self.part == "ca"):
            return "trust"
        return "%s:%s" % (self.kind, self.name)


def tokens_in(text: str) -> set[Token]:
    """Every token in a text, also those that stand for nothing."""
    return {_token(match) for match in _TOKEN.finditer(text)}


def _token(match: re.Match[str]) -> Token:
    kind, body = match.group(1), match.group(2)
    if kind is None:
        return Token("trust")
    name, _separator, part = body.partition(".") if kind == "secret" else body.rpartition("/")
    return Token(kind, name, part)


def is_source(text: str) -> bool:
    """Is this the name of something that has a revision?"""
    return bool(_SOURCE.fullmatch(text))


def parts_of(declaration: Mapping[str, Any]) -> list[str]:
    """The parts that a secret declared like this has beside its value."""
    staged = ["staged"] if declaration.get("staged") else []
    return sorted([*_PARTS, *staged, *_PARTS_OF_KINDS.get(declaration["kind"], ())])


def too_wide(mode: str, found: Iterable[Token]) -> bool:
    """May others read a file of this mode (octal digits), or the group write it, though it has a secret in it?"""
    return bool(int(mode, 8) & _TOO_WIDE) and any(token.sensitive for token in found)


def tokens_of(work: Mapping[str, Any], restarting: bool = False) -> set[Token]:
    """The tokens in the manifest of a service or job.

    ``restarting``: only those whose new revision replaces its tasks, so not what is in files with ``rotation: ignore``.
    """
    files = [file for file in work.get("files") or () if not (restarting and file.get("rotation") == "ignore")]
    texts = [*(file["content"] for file in files), *(work.get("secret_environment") or {}).values()]
    return {token for text in texts for token in tokens_in(text)}
