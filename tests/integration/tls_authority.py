# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for tests: a root, an intermediate and pairs, laid out as on a node."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path
from typing import Any, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_USAGES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


class Authority:
    """A root with one intermediate, which signs the pairs. ``trust``: the root as PEM."""

    def __init__(self, name: str):
        self._root = ec.generate_private_key(ec.SECP256R1())
        self._site = ec.generate_private_key(ec.SECP256R1())
        self._root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._site_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name + " site")])
        root = self._sign(self._root_name, self._root.public_key(), self._root_name, self._root, ca=True)
        self._chain = _pem(self._sign(self._site_name, self._site.public_key(), self._root_name, self._root, ca=True))
        self.trust = _pem(root)

    @staticmethod
    def _sign(
        subject: x509.Name, key: Any, issuer: x509.Name, signer: Any, ca: bool = False, extra: Sequence[Any] = ()
    ):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=2))
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
        for extension in extra:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(signer, hashes.SHA256())

    def pair(self, where: Path, addresses: Sequence[str] = (), usages: Sequence[str] = ("server", "client")) -> Path:
        """Write key.pem, cert.pem, combined.pem and ca.pem into the directory ``where``."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, where.name)])
        names = [
            x509.DNSName(where.name + ".test"),
            *(x509.IPAddress(ipaddress.ip_address(each)) for each in addresses),
        ]
        extra = [x509.SubjectAlternativeName(names), x509.ExtendedKeyUsage([_USAGES[each] for each in usages])]
        made = _pem(self._sign(subject, key.public_key(), self._site_name, self._site, extra=extra)) + self._chain
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        where.mkdir(parents=True, exist_ok=True)
        files = {"key.pem": private, "cert.pem": made, "combined.pem": private + made, "ca.pem": self.trust}
        for name, content in files.items():
            (where / name).write_bytes(content)
            (where / name).chmod(0o600)
        return where
