# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of secrets: what a value must look like, and how values are made of random bytes.

A random source is ``Callable[[int], bytes]``: give it a number of bytes, get that many
unpredictable ones (``os.urandom`` outside, a fixed stream in tests). Kinds whose values are keys of a
cryptographic algorithm have no ``make``: the controller makes them with the package cryptography.
"""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable

RandomBytes = Callable[[int], bytes]
Policy = Mapping[str, int]
Maker = Callable[[int, RandomBytes, Policy], str]

# Special characters are those that need no quoting in URLs, YAML and shells.
SORTS = {"lower": string.ascii_lowercase, "upper": string.ascii_uppercase, "digits": string.digits, "special": "-._~"}
DEFAULT_POLICY = {"lower": 1, "upper": 1, "digits": 1, "special": 0}


@dataclass(frozen=True)
class Kind:
    """One kind. ``length`` counts characters of the value; ``shortest == longest`` when nobody may choose it.

    ``policy``: may say how many characters of each sort a value has. ``make(length, random_bytes, policy)``.
    """

    name: str
    default: int
    shortest: int
    longest: int
    pattern: str
    make: Maker | None = None
    policy: bool = False

    @property
    def fixed(self) -> bool:
        return self.shortest == self.longest

    @property
    def allowed(self) -> str:
        """What lengths there are, for people."""
        if self.fixed:
            return "Leave the length out: this kind has one form."
        return "Choose a length from %d to %d." % (self.shortest, self.longest)

    def flaw(self, value: str) -> str:
        """Why ``value`` is not of this kind, or an empty string. Never contains the value.

        Lengths are for what is generated; an imported value may be shorter.
        """
        if not re.fullmatch(self.pattern, value):
            return "it has characters or a form the kind does not allow"
        return ""

    def foreign_flaw(self, value: str) -> str:
        """Why ``value``, which was made elsewhere, is not taken, or an empty string. What is stored may be so."""
        if self.policy and not _PLAIN.fullmatch(value):
            return "it needs quotes in URLs, SQL and shells: take letters, digits and .,:_~- only"
        return self.flaw(value)


def policy_flaw(policy: Policy, length: int) -> str:
    """Why no password of ``length`` can keep ``policy``, or an empty string."""
    strange = sorted(set(policy) - set(SORTS))
    if strange:
        return "'%s' is no sort of characters" % strange[0]
    if any(count < 0 for count in policy.values()):
        return "a count is less than 0"
    if sum({**DEFAULT_POLICY, **policy}.values()) > length:
        return "it asks for more characters than there are"
    return ""


def _pick(count: int, random_bytes: RandomBytes) -> int:
    """A number below ``count``, each equally likely: bytes above the largest multiple are thrown away."""
    fair = 256 - 256 % count
    while True:
        byte = random_bytes(1)[0]
        if byte < fair:
            return byte % count


def _password(length: int, random_bytes: RandomBytes, policy: Policy) -> str:
    """The least of each sort, the rest from all wanted sorts, in random order (Fisher and Yates)."""
    counts = {**DEFAULT_POLICY, **policy}
    chars = [SORTS[sort][_pick(len(SORTS[sort]), random_bytes)] for sort in SORTS for _each in range(counts[sort])]
    everything = "".join(SORTS[sort] for sort in SORTS if counts[sort])
    chars += [everything[_pick(len(everything), random_bytes)] for _each in range(length - len(chars))]
    for place in range(len(chars) - 1, 0, -1):
        other = _pick(place + 1, random_bytes)
        chars[place], chars[other] = chars[other], chars[place]
    return "".join(chars)


def _fernet(length: int, random_bytes: RandomBytes, policy: Policy) -> str:
    return base64.urlsafe_b64encode(random_bytes(32)).decode("ascii")


def _hex(length: int, random_bytes: RandomBytes, policy: Policy) -> str:
    return random_bytes((length + 1) // 2).hex()[:length]


def _uuid(length: int, random_bytes: RandomBytes, policy: Policy) -> str:
    """A random (version 4) UUID by RFC 9562."""
    raw = bytearray(random_bytes(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _armour(label: str) -> str:
    """A pattern for PEM: the lines between are base64."""
    return r"-----BEGIN %s-----\n(?:[A-Za-z0-9+/=]+\n)+-----END %s-----\n?" % (label, label)


_PRINTABLE = r"[!-~]+"
# Components put passwords into URLs, SQL and shells as they are: one with a quote would break out of them.
_PLAIN = re.compile(r"[A-Za-z0-9.,:_~-]+")

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("fernet", 44, 44, 44, r"[A-Za-z0-9_-]{43}=", _fernet),
        Kind("hex", 64, 16, 1024, r"[0-9a-f]+", _hex),
        # bcrypt reads 72 bytes of a password and no more.
        Kind("htpasswd", 32, 12, 72, _PRINTABLE, _password, policy=True),
        Kind("password", 32, 12, 256, _PRINTABLE, _password, policy=True),
        Kind("ssh_ed25519", 0, 0, 0, _armour("OPENSSH PRIVATE KEY")),
        Kind("uuid", 36, 36, 36, r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", _uuid),
        Kind("x509_key", 0, 0, 0, _armour("PRIVATE KEY")),
    )
}
