# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of secrets: how a value is made from random bytes and what a value must look like.

A random source is ``Callable[[int], bytes]``: give it a number of bytes, get that many
unpredictable ones (``os.urandom`` outside, a fixed stream in tests).
"""

from __future__ import annotations

import base64
import re
import string
from dataclasses import dataclass
from typing import Callable

RandomBytes = Callable[[int], bytes]

ALPHANUMERIC = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Kind:
    """One kind. ``length`` counts characters of the value; ``shortest == longest`` when it is fixed."""

    name: str
    default: int
    shortest: int
    longest: int
    pattern: str
    make: Callable[[int, RandomBytes], str]

    @property
    def fixed(self) -> bool:
        return self.shortest == self.longest

    @property
    def allowed(self) -> str:
        """What lengths there are, for people."""
        if self.fixed:
            return "Leave the length out: it is always %d." % self.default
        return "Choose a length from %d to %d." % (self.shortest, self.longest)

    def flaw(self, value: str) -> str:
        """Why ``value`` is not of this kind, or an empty string. Never contains the value."""
        if not self.shortest <= len(value) <= self.longest:
            return "it has %d characters" % len(value)
        if not re.fullmatch(self.pattern, value):
            return "it has characters or a form the kind does not allow"
        return ""


def _mixed(value: str) -> bool:
    """At least a lower case letter, an upper case letter and a digit: what password policies ask for."""
    groups = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    return all(any(char in group for char in value) for group in groups)


def _characters(length: int, random_bytes: RandomBytes) -> str:
    # Bytes from 248 on are thrown away: 248 = 4 * 62, so every character is equally likely.
    fair = 256 - 256 % len(ALPHANUMERIC)
    value = ""
    while len(value) < length:
        value += "".join(ALPHANUMERIC[byte % len(ALPHANUMERIC)] for byte in random_bytes(length) if byte < fair)
    return value[:length]


def _password(length: int, random_bytes: RandomBytes) -> str:
    while True:
        value = _characters(length, random_bytes)
        if _mixed(value):
            return value


def _fernet(length: int, random_bytes: RandomBytes) -> str:
    return base64.urlsafe_b64encode(random_bytes(32)).decode("ascii")


def _hex(length: int, random_bytes: RandomBytes) -> str:
    return random_bytes((length + 1) // 2).hex()[:length]


def _uuid(length: int, random_bytes: RandomBytes) -> str:
    """A random (version 4) UUID by RFC 9562."""
    raw = bytearray(random_bytes(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("fernet", 44, 44, 44, r"[A-Za-z0-9_-]{43}=", _fernet),
        Kind("hex", 64, 16, 1024, r"[0-9a-f]+", _hex),
        Kind("password", 32, 12, 256, r"[A-Za-z0-9]+", _password),
        Kind("uuid", 36, 36, 36, r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", _uuid),
    )
}
