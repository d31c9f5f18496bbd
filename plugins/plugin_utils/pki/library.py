# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place that imports ``cryptography``, so that without it there is a coded error and not a trace."""

from __future__ import annotations

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError as error:
    x509 = InvalidSignature = hashes = serialization = ec = ExtendedKeyUsageOID = NameOID = None
    WHY_NOT = str(error)
else:
    WHY_NOT = ""

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse


def check_library() -> None:
    """NXC-PKI-0017 if the package cannot be used."""
    if WHY_NOT:
        raise refuse("NXC-PKI-0017", reason=WHY_NOT)


__all__ = [
    "ExtendedKeyUsageOID",
    "InvalidSignature",
    "NameOID",
    "check_library",
    "ec",
    "hashes",
    "serialization",
    "x509",
]
