# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a closed registry on a node needs: a pair, authorities, accounts."""

from __future__ import annotations

import datetime
import ipaddress
import json

import bcrypt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PKI = "/etc/nextgen.cloud/pki"
ACCOUNT = "/etc/nextgen.cloud/registry.json"
USER, PASSWORD = "registry_a", "the-registry-password-of-a-test"


def hashed(password):
    """The bcrypt hash, as cheap as bcrypt is."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode("ascii")


class Authority:
    """An authority of a test; makes pairs."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority of a test")])
        basic = x509.BasicConstraints(ca=True, path_length=None)
        self._certificate = self._sign(self._name, self._key, (basic, True))

    @property
    def pem(self):
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    def pair(self, name, address):
        """``(key, certificate)`` in PEM for a name and an IPv4 address."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address(address))])
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        certificate = self._sign(subject, key, (names, False))
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return (
            key.private_bytes(*form).decode("ascii"),
            certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        )

    def _sign(self, subject, key, *extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=1))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self._key, hashes.SHA256())


def lay_pair(node, authority, name):
    """Have the registry's pair and the authorities on a node, as the site's certificates are there."""
    key, certificate = authority.pair(name, node.address)
    node.run(
        "umask 077; mkdir -p %s/registry; chmod 755 /etc/nextgen.cloud %s; cat > %s/registry/key.pem" % (PKI, PKI, PKI),
        key,
    )
    node.run("cat > %s/registry/cert.pem" % PKI, certificate)
    node.run("cat > %s/ca.pem" % PKI, authority.pem)


def ask(node, url, user="", password="", options=""):
    """``(status, body)`` of a request from the node itself. The account is read from standard input."""
    command = "curl -s --max-time 10 --cacert %s/ca.pem %s -w '\\n%%{http_code}' --config - %s" % (PKI, options, url)
    answer = node.run(command, 'user = "%s:%s"\n' % (user, password) if user else "", check=False)
    body, _line, status = answer.rpartition("\n")
    return int(status), body


def tags(node, registry, image):
    """The tags of an image."""
    status, body = ask(node, "https://%s/v2/%s/tags/list" % (registry, image), USER, PASSWORD)
    assert status == 200, body
    return json.loads(body)["tags"]
