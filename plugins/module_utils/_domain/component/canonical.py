# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canonical YAML: one text for one value, whatever made it and wherever it is written.

Block style, keys in order, two spaces, strings of several lines as literal blocks, other strings plain where no YAML
reader takes them for something else and in JSON's double quotes where one might. Written here, not by a library,
so that a new library version never rewrites every manifest.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"[A-Za-z/_][A-Za-z0-9_./-]*")
_WORDS = frozenset("y n yes no on off true false null".split())
_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})")
_LITERAL = re.compile(r"[\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")


def canonical_yaml(value: Mapping[str, Any]) -> str:
    """The text of a mapping of plain data, with a newline at the end."""
    return "".join(line + "\n" for line in _mapping(value, 0))


def _mapping(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key in sorted(value):
        if not isinstance(key, str):
            raise TypeError("keys of a manifest are strings, not %r" % (key,))
        yield from _entry("%s%s:" % ("  " * depth, _string(key)), value[key], depth)


def _entry(head: str, value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield head
        yield from _mapping(value, depth + 1)
    elif isinstance(value, (list, tuple)) and value:
        yield head
        for item in value:
            yield from _item(item, depth + 1)
    elif _is_block(value):
        yield from _block(head, value, depth + 1)
    else:
        yield "%s %s" % (head, _scalar(value))


def _item(value: Any, depth: int) -> Iterator[str]:
    """One list entry; a mapping begins on the line of its dash."""
    dash = "  " * depth + "-"
    if isinstance(value, Mapping) and value:
        lines = list(_mapping(value, depth + 1))
        yield dash + " " + lines[0][len(dash) + 1 :]
        yield from lines[1:]
    else:
        yield from _entry(dash, value, depth)


def _is_block(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value and bool(_LITERAL.fullmatch(value)) and bool(value.strip())


def _block(head: str, value: str, depth: int) -> Iterator[str]:
    body = value.rstrip("\n")
    newlines = len(value) - len(body)
    # A first line that begins with a space would be taken for the indentation, so the width is said.
    width = "2" if value[0] in " \n\t" else ""
    chomp = {0: "-", 1: ""}.get(newlines, "+")
    yield "%s |%s%s" % (head, width, chomp)
    for line in (body + "\n" * max(0, newlines - 1)).split("\n"):
        yield "  " * depth + line if line else ""


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float) and math.isfinite(value):
        text = repr(float(value))
        # Without a point, 1e+22 is a string to readers of YAML 1.1.
        return text if "." in text else text.replace("e", ".0e")
    if isinstance(value, (list, tuple)):
        return "[]"
    if isinstance(value, Mapping):
        return "{}"
    raise TypeError("a manifest holds plain data only, not %r" % type(value).__name__)


def _string(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return str(value)
    # JSON's escapes are YAML's, but for characters that take two of them.
    return _PAIR.sub(_one_escape, json.dumps(value, ensure_ascii=True))


def _one_escape(match: re.Match[str]) -> str:
    high, low = int(match.group(1), 16), int(match.group(2), 16)
    return "\\U%08x" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
