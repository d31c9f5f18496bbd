# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a file store, format 2, and the cryptography in it (all of it from the package cryptography).

``{"format": 2, "id": …, "kdf": {"name": "scrypt", "salt": …, "n": …, "r": …, "p": …}, "check": …, "entries":
{"<path>": …}, "seal": …}``. scrypt makes the key of the password. ``check``, each entry and ``seal`` are a nonce and a
ChaCha20-Poly1305 box in base64. What is bound in: format, store id, and the word ``check``, the entry's path, or for
the seal everything else of the file, so that nothing can be left out, exchanged, or put back from an older file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
except ImportError as error:
    MISSING: ImportError | None = error
else:
    MISSING = None

FORMAT = 2
# A generated password has 256 random bits, so the work of guessing is there already.
COST_GENERATED, COST_GIVEN = 2**12, 2**16
COSTS = range(2**10, 2**20 + 1)
NONCE = 12


@dataclass(frozen=True)
class Header:
    """What is known without the password."""

    id: str
    salt: bytes
    n: int
    r: int = 8
    p: int = 1

    def as_dict(self) -> dict[str, Any]:
        """As in the file."""
        kdf = {"name": "scrypt", "salt": _text(self.salt), "n": self.n, "r": self.r, "p": self.p}
        return {"format": FORMAT, "id": self.id, "kdf": kdf}

    def derive(self, password: bytes) -> bytes:
        """The key of the store; slow on purpose."""
        if MISSING:
            raise refuse("NXC-SECR-0022", what="The encrypted store", package="cryptography") from MISSING
        return Scrypt(salt=self.salt, length=32, n=self.n, r=self.r, p=self.p).derive(password)

    @classmethod
    def fresh(cls, generated: bool, store_id: str) -> Header:
        """For a new store; ``generated`` says that the password is one of ours."""
        return cls(store_id, os.urandom(16), COST_GENERATED if generated else COST_GIVEN)


@dataclass
class Sealed:
    """A store in memory. ``rows`` are closed boxes by path; ``plain`` what format 1 held in the open."""

    header: Header | None = None
    check: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    seal: str = ""
    plain: dict[str, Entry] = field(default_factory=dict)

    def opens(self, key: bytes) -> bool:
        """Is this the right key?"""
        return _unbox(key, self._bound("check"), self.check) is not None

    def is_whole(self, key: bytes) -> bool:
        """Are the entries exactly those that were written last?"""
        return _unbox(key, self._sealed(), self.seal) is not None

    def entry(self, key: bytes, path: str) -> Entry | None:
        """The entry of a path that exists; None if its box was tampered with."""
        text = _unbox(key, self._bound("entry", path), self.rows[path])
        return Entry.from_dict(json.loads(text)) if text is not None else None

    def put(self, key: bytes, path: str, entry: Entry) -> None:
        """Add or replace an entry."""
        text = json.dumps(entry.as_dict(), sort_keys=True).encode("utf-8")
        self.rows[path] = _box(key, self._bound("entry", path), text)

    def text(self, key: bytes) -> str:
        """The file, sealed."""
        self.check = self.check or _box(key, self._bound("check"), b"")
        self.seal = _box(key, self._sealed(), b"")
        return json.dumps({**self._open_part(), "seal": self.seal}, indent=1, sort_keys=True) + "\n"

    def token(self, path: str) -> str:
        """A mark of the stored state of a path; '' when it is absent."""
        if path in self.plain:
            text = json.dumps(self.plain[path].as_dict(), sort_keys=True)
        else:
            text = self.rows.get(path, "")
        return hashlib.sha256(text.encode("utf-8")).hexdigest() if text else ""

    def _open_part(self) -> dict[str, Any]:
        head = self.header.as_dict() if self.header else {}
        return {**head, "check": self.check, "entries": self.rows}

    def _sealed(self) -> bytes:
        return b"seal\0" + hashlib.sha256(json.dumps(self._open_part(), sort_keys=True).encode("utf-8")).digest()

    def _bound(self, *words: str) -> bytes:
        return "\0".join(("nextgen.cloud secrets", str(FORMAT), self.header.id if self.header else "", *words)).encode()


def parse(document: Any, store: str, moment: str) -> Sealed:
    """What a file says; ``moment`` (of the file) dates the values of format 1, which knows no dates."""
    found = document.get("format") if isinstance(document, dict) else None
    if found not in (1, FORMAT):
        raise refuse("NXC-SECR-0003", store=store, found=found, known="1 and %d" % FORMAT)
    try:
        return _parse_plain(document, moment) if found == 1 else _parse_closed(document)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise refuse("NXC-SECR-0002", store=store, reason="it is incomplete") from None


def _parse_plain(document: Any, moment: str) -> Sealed:
    rows = document["secrets"].items()
    plain = {
        path: Entry.from_dict(
            {"kind": row["kind"], "current": {"number": 1, "value": row["value"], "created": moment}},
        )
        for path, row in rows
    }
    return Sealed(plain=plain)


def _parse_closed(document: Any) -> Sealed:
    kdf = document["kdf"]
    header = Header(document["id"], base64.b64decode(kdf["salt"]), kdf["n"], kdf["r"], kdf["p"])
    power_of_two = header.n in COSTS and header.n & (header.n - 1) == 0
    sane = power_of_two and header.r in range(1, 33) and header.p in range(1, 17)
    if kdf["name"] != "scrypt" or not sane or not header.id.isalnum() or len(header.salt) < 16:
        raise ValueError("header")
    texts = [document["check"], document["seal"], *document["entries"].values()]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("boxes are texts")
    return Sealed(header, document["check"], dict(document["entries"]), document["seal"])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _box(key: bytes, bound: bytes, text: bytes) -> str:
    nonce = os.urandom(NONCE)
    return _text(nonce + ChaCha20Poly1305(key).encrypt(nonce, text, bound))


def _unbox(key: bytes, bound: bytes, box: str) -> bytes | None:
    """The text, None if the box is not what was closed with this key and bound to this."""
    try:
        data = base64.b64decode(box, validate=True)
        return ChaCha20Poly1305(key).decrypt(data[:NONCE], data[NONCE:], bound)
    except (InvalidTag, ValueError):
        return None
