# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes certificates and lists of the revoked. Whoever calls has decided everything; nothing is kept here."""

from __future__ import annotations

import datetime
import ipaddress
import typing as t
from collections.abc import Iterable, Mapping

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.authorities import Authority
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.moments import DAY
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.reasons import EARLY
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.specification import Specification

from .library import ExtendedKeyUsageOID, NameOID, ec, hashes, serialization, x509

# No host can have this name (RFC 2606): allowing it alone allows no e-mail address and no URI at all.
_NOBODY = "invalid"
_EVERY_ADDRESS = ("0.0.0.0/0", "::/0")


def pem(thing: t.Any) -> str:
    """A certificate or list as PEM."""
    return thing.public_bytes(serialization.Encoding.PEM).decode("ascii")


def new_key() -> str:
    """A private key for an authority: EC P-256, PKCS8 PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode("ascii")


def load_key(text: str) -> t.Any:
    """The private key in a PEM; ValueError or TypeError if there is none that can be used."""
    return serialization.load_pem_private_key(text.encode("ascii"), None)


def root(subject: str, key: t.Any, days: int, now: int) -> str:
    """A root that signs itself."""
    name = _name(subject)
    made = _builder(name, name, key.public_key(), now, now + days * DAY)
    return _sign(_authority_extensions(made, key.public_key(), key.public_key(), None), key)


def cross(new_root: t.Any, old_root: t.Any, old_key: t.Any, now: int) -> str:
    """The new root vouched for by the old one: clients that know the old one alone accept what the new one signs."""
    end = min(moment(new_root.not_valid_after_utc), moment(old_root.not_valid_after_utc))
    made = _builder(new_root.subject, old_root.subject, new_root.public_key(), now, end)
    return _sign(_authority_extensions(made, new_root.public_key(), old_key.public_key(), 1), old_key)


def intermediate(
    wanted: Authority, subject: str, public_key: t.Any, issuer: t.Any, key: t.Any, end: int, now: int
) -> str:
    """An authority for leaves only, which may vouch for its domains and addresses and nothing else."""
    made = _builder(_name(subject), issuer.subject, public_key, now, min(end, moment(issuer.not_valid_after_utc)))
    made = _authority_extensions(made, public_key, key.public_key(), 0)
    return _sign(made.add_extension(constraints(wanted), critical=True), key)


def constraints(wanted: Authority) -> t.Any:
    """Name constraints: its domains; its addresses or none; no e-mail address, no URI."""
    permitted: list[t.Any] = [x509.DNSName(domain) for domain in wanted.dns]
    permitted += [x509.IPAddress(ipaddress.ip_network(address)) for address in wanted.ip]
    permitted += [x509.RFC822Name(_NOBODY), x509.UniformResourceIdentifier(_NOBODY)]
    excluded = [] if wanted.ip else [x509.IPAddress(ipaddress.ip_network(one)) for one in _EVERY_ADDRESS]
    return x509.NameConstraints(permitted, excluded or None)


def leaf(wanted: Specification, subject: str, public_key: t.Any, issuer: t.Any, key: t.Any, now: int) -> t.Any:
    """A certificate for an endpoint; it ends with its authority at the latest. Nothing comes from the request."""
    end = min(now + wanted.days * DAY, moment(issuer.not_valid_after_utc))
    usages = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
    made = _builder(_name(subject), issuer.subject, public_key, now, end)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    made = made.add_extension(_usage(digital_signature=True), critical=True)
    made = made.add_extension(x509.ExtendedKeyUsage([usages[one] for one in wanted.usages]), critical=False)
    names: list[t.Any] = [x509.DNSName(name) for name in wanted.dns]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in wanted.ip]
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    made = made.add_extension(_issued_by(issuer), critical=False)
    return made.sign(key, _digest(key))


def requested_key(name: str, request: str) -> t.Any:
    """The public key of a request, after its signature was checked; NXC-PKI-0012 if that is wrong."""
    try:
        parsed = x509.load_pem_x509_csr(request.encode("ascii"))
        valid = parsed.is_signature_valid
    except ValueError:
        raise refuse("NXC-PKI-0012", name=name) from None
    if not valid:
        raise refuse("NXC-PKI-0012", name=name)
    return parsed.public_key()


def revocations(issuer: t.Any, key: t.Any, revoked: Mapping[str, int], number: int, now: int, end: int) -> str:
    """A list of the revoked: serial → moment."""
    made = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
    made = made.last_update(_date(now - EARLY)).next_update(_date(end))
    made = made.add_extension(_issued_by(issuer), critical=False).add_extension(x509.CRLNumber(number), critical=False)
    for serial, at in sorted(revoked.items()):
        row = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(_date(at))
        made = made.add_revoked_certificate(row.build())
    return pem(made.sign(key, _digest(key)))


def moment(date: datetime.datetime) -> int:
    """Seconds since 1970."""
    return int(date.timestamp())


def _builder(subject: t.Any, issuer: t.Any, public_key: t.Any, now: int, end: int) -> t.Any:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(_date(now - EARLY)).not_valid_after(_date(end))


def _authority_extensions(made: t.Any, own: t.Any, issuer: t.Any, path_length: int | None) -> t.Any:
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    made = made.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
    return made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)


def _issued_by(issuer: t.Any) -> t.Any:
    """By the key id that the authority itself states, which of an imported one need not be ours."""
    try:
        stated = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(stated)


def _usage(**chosen: bool) -> t.Any:
    names: Iterable[str] = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: chosen.get(name, False) for name in names})


def _sign(made: t.Any, key: t.Any) -> str:
    return pem(made.sign(key, _digest(key)))


def _digest(key: t.Any) -> t.Any:
    """The digest for a signature; keys such as Ed25519, which may be imported, bring their own."""
    return hashes.SHA256() if isinstance(key, ec.EllipticCurvePrivateKey) or hasattr(key, "key_size") else None


def _name(common: str) -> t.Any:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _date(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
