# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find values of secrets in bytes, as they are and as programs write them. Pure; also sent to nodes as it is.

Long keys are looked for line by line, so that no way of wrapping or escaping line ends hides them.
"""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from typing import Dict, Iterable, List, Mapping, Set, Tuple

SHORTEST = 8  # what is shorter is found everywhere by chance
Hit = Tuple[str, str]  # path of the secret, form in which it was found

_PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+(.+?)\s+-----END", re.S)


def pieces(value: str) -> List[str]:
    """The parts of a value that give it away by themselves: the value, or the lines of a longer one.

    The first line of a private key is the same for all keys of its kind, and the last ones hold its public half.
    """
    body = _PRIVATE.search(value)
    lines = body.group(1).split() if body else [line.strip() for line in value.splitlines()]
    if body and len(lines) > 2:
        lines = lines[1:-1]
    return [line for line in lines if len(line) >= SHORTEST]


def forms(piece: str) -> Dict[bytes, str]:
    """Every way to write a piece that differs from the others → the name of the form."""
    plain = piece.encode()
    found = {plain: "plain"}
    quoted = [json.dumps(piece, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
    for text, name in (
        (urllib.parse.quote(piece, safe=""), "url"),
        (urllib.parse.quote(piece), "url"),
        (urllib.parse.quote_plus(piece), "url"),
        *((text, "json") for text in quoted),
        *((json.dumps(text, ensure_ascii=False)[1:-1], "json") for text in quoted),
        (plain.hex(), "hex"),
        (plain.hex().upper(), "hex"),
    ):
        found.setdefault(text.encode(), name)
    for before in range(3):
        # What stands before a value shifts its base64; the letters at both ends also depend on the neighbours.
        whole = b"\0" * before + plain
        first, last = -(-before * 8 // 6), len(whole) * 8 // 6
        found.setdefault(base64.b64encode(whole)[first:last], "base64")
        found.setdefault(base64.urlsafe_b64encode(whole)[first:last], "base64")
    return found


class Search:
    """Looks for many values at once. ``too_short``: paths of secrets that cannot be looked for."""

    def __init__(self, secrets: Mapping[str, str]):
        self._needles: Dict[bytes, Set[Hit]] = {}
        self.too_short: List[str] = []
        for path, value in sorted(secrets.items()):
            parts = pieces(value)
            if not parts:
                self.too_short.append(path)
            for piece in parts:
                for needle, form in forms(piece).items():
                    self._needles.setdefault(needle, set()).add((path, form))
        self._longest = max(map(len, self._needles), default=0)
        # A value lies within a run of letters that values are made of; there are few such runs, and they are short.
        letters = re.escape(bytes(sorted(set(b"".join(self._needles)))))
        shortest = min(map(len, self._needles), default=1)
        self._runs = re.compile(b"[%s]{%d,}" % (letters, shortest)) if letters else None

    def find(self, data: bytes) -> Set[Hit]:
        """All that is in ``data``."""
        runs = b"\n".join(self._runs.findall(data)) if self._runs else b""
        if not runs:
            return set()
        return {hit for needle, hits in self._needles.items() if needle in runs for hit in hits}

    def find_in(self, chunks: Iterable[bytes]) -> Set[Hit]:
        """All that is in a stream, also across the borders of its chunks."""
        found: Set[Hit] = set()
        tail = b""
        for chunk in chunks:
            data = tail + chunk
            found |= self.find(data)
            tail = data[-self._longest :]
        return found
