# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fresh versions of secrets: characters from the kernel's random source, keys and hashes from packages."""

from __future__ import annotations

import os
from typing import Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.declaration import Declaration
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Version
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.kinds import KINDS

try:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
        load_pem_private_key,
        load_ssh_private_key,
    )
except ImportError as error:
    MISSING: ImportError | None = error
else:
    MISSING = None

try:
    from bcrypt import gensalt, hashpw
except ImportError as error:
    BCRYPT_MISSING: ImportError | None = error
else:
    BCRYPT_MISSING = None

BCRYPT_COST = 10


def version(declared: Declaration, number: int, now: str) -> Version:
    """A fresh version of what is declared."""
    special = _MAKERS.get(declared.kind)
    if special:
        _check_packages(declared.kind)
        return special(declared, number, now)
    return Version(number, _characters(declared), now)


def imported(kind: str, value: str, now: str) -> Version:
    """Version 1 with a value from elsewhere, its public half or hash added. ValueError for a key that is none."""
    _check_packages(kind)
    if kind == "htpasswd":
        return _hashed(value, 1, now)
    if kind == "ssh_ed25519":
        return Version(1, value, now, public=ssh_public(value))
    if kind == "x509_key":
        return Version(1, value, now, public=x509_public(value))
    return Version(1, value, now)


def _check_packages(kind: str) -> None:
    what = "A secret of kind %s" % kind
    if kind == "htpasswd" and BCRYPT_MISSING:
        raise refuse("NXC-SECR-0022", what=what, package="bcrypt")
    if kind in ("ssh_ed25519", "x509_key") and MISSING:
        raise refuse("NXC-SECR-0022", what=what, package="cryptography") from MISSING


def ssh_public(value: str) -> str:
    """The public line of an OpenSSH private key."""
    public = load_ssh_private_key(value.encode("ascii"), None).public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")


def x509_public(value: str) -> str:
    """The public half (PEM, SubjectPublicKeyInfo) of a PEM private key."""
    public = load_pem_private_key(value.encode("ascii"), None).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def _characters(declared: Declaration) -> str:
    make = KINDS[declared.kind].make
    if make is None:
        raise TypeError("the kind %s is not made of characters" % declared.kind)
    return make(declared.length, os.urandom, dict(declared.policy))


def _ssh_ed25519(declared: Declaration, number: int, now: str) -> Version:
    key = ed25519.Ed25519PrivateKey.generate()
    value = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode("ascii")
    return Version(number, value, now, public=ssh_public(value))


def _x509_key(declared: Declaration, number: int, now: str) -> Version:
    key = ec.generate_private_key(ec.SECP256R1())
    value = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    return Version(number, value, now, public=x509_public(value))


def _htpasswd(declared: Declaration, number: int, now: str) -> Version:
    return _hashed(_characters(declared), number, now)


def _hashed(value: str, number: int, now: str) -> Version:
    # The prefix 2b of the package and 2y of Apache name the same algorithm; some readers know only 2y.
    hashed = hashpw(value.encode("utf-8"), gensalt(BCRYPT_COST)).decode("ascii")
    return Version(number, value, now, hash="$2y$" + hashed[4:])


_MAKERS: dict[str, Callable[[Declaration, int, str], Version]] = {
    "htpasswd": _htpasswd,
    "ssh_ed25519": _ssh_ed25519,
    "x509_key": _x509_key,
}
