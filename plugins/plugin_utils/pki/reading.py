# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads certificates, those of ours and those that were brought."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.authorities import Present

from .library import InvalidSignature, serialization, x509
from .signing import load_key, moment

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n?", re.DOTALL)


def load(text: str) -> t.Any:
    """The first certificate of a PEM; ValueError if there is none."""
    return x509.load_pem_x509_certificate(text.encode("ascii"))


def blocks(text: str) -> list[str]:
    """Each certificate of a PEM by itself."""
    return [block.rstrip("\n") + "\n" for block in _CERTIFICATE.findall(text)]


def names(certificate: t.Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(DNS names, addresses) of a certificate."""
    found = extension(certificate, x509.SubjectAlternativeName)
    if found is None:
        return (), ()
    dns = found.get_values_for_type(x509.DNSName)
    return tuple(dns), tuple(str(one) for one in found.get_values_for_type(x509.IPAddress))


def extension(certificate: t.Any, kind: t.Any) -> t.Any:
    """The value of an extension, None if it is missing."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def serial(certificate: t.Any) -> str:
    """The serial number as everything here writes it."""
    return "%x" % certificate.serial_number


def issued(certificate: t.Any, issuer: t.Any) -> bool:
    """Did the issuer sign it, by name and by key?"""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def is_pair(certificate: t.Any, key: t.Any) -> bool:
    """Do certificate and private key belong together?"""
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return certificate.public_key().public_bytes(encoding, form) == key.public_key().public_bytes(encoding, form)


def present(text: str, issuer: t.Any, key: t.Any) -> Present:
    """What the decision about an authority needs to know. ``key`` None: not looked at."""
    certificate = load(text)
    found = extension(certificate, x509.NameConstraints)
    permitted = (found.permitted_subtrees or ()) if found else ()
    return Present(
        moment(certificate.not_valid_before_utc),
        moment(certificate.not_valid_after_utc),
        tuple(one.value for one in permitted if isinstance(one, x509.DNSName)),
        tuple(str(one.value.network_address) for one in permitted if isinstance(one, x509.IPAddress)),
        issued(certificate, issuer),
        key is None or is_pair(certificate, key),
    )


def brought_authority(what: str, certificate: str, key: str, now: int) -> None:
    """Check an authority that was brought; NXC-PKI-0011 says what is wrong with it."""
    parsed, _private = _brought(what, certificate, key, now)
    basic, usage = extension(parsed, x509.BasicConstraints), extension(parsed, x509.KeyUsage)
    if basic is None or not basic.ca:
        raise refuse("NXC-PKI-0011", what=what, reason="it is not the certificate of an authority")
    if usage is not None and not (usage.key_cert_sign and usage.crl_sign):
        raise refuse("NXC-PKI-0011", what=what, reason="its key usage does not allow to sign certificates and lists")


def brought_leaf(what: str, chain: str, key: str, dns: t.Iterable[str], ip: t.Iterable[str], now: int) -> t.Any:
    """Check a certificate for an endpoint that was brought with its chain; the parsed certificate."""
    parsed, _private = _brought(what, chain, key, now)
    links = [load(block) for block in blocks(chain)]
    for below, above in zip(links, links[1:]):
        if not issued(below, above):
            reason = "its chain is out of order: '%s' did not sign '%s'" % (_common(above), _common(below))
            raise refuse("NXC-PKI-0011", what=what, reason=reason)
    has_dns, has_ip = names(parsed)
    lacking = [name for name in dns if not any(_covers(one, name) for one in has_dns)]
    lacking += [address for address in ip if address not in has_ip]
    if lacking:
        raise refuse("NXC-PKI-0011", what=what, reason="it is not for %s" % ", ".join(lacking))
    return parsed


def _brought(what: str, certificate: str, key: str, now: int) -> tuple[t.Any, t.Any]:
    try:
        parsed, private = load(certificate), load_key(key)
    except (ValueError, TypeError) as error:
        raise refuse("NXC-PKI-0011", what=what, reason=str(error).split("\n", 1)[0].rstrip(".")) from None
    if not is_pair(parsed, private):
        raise refuse("NXC-PKI-0011", what=what, reason="certificate and key do not belong together")
    if not moment(parsed.not_valid_before_utc) <= now < moment(parsed.not_valid_after_utc):
        raise refuse("NXC-PKI-0011", what=what, reason="it is not valid at this time")
    return parsed, private


def _covers(pattern: str, name: str) -> bool:
    return pattern == name or (pattern.startswith("*.") and name.partition(".")[2] == pattern[2:])


def _common(certificate: t.Any) -> str:
    return certificate.subject.rfc4514_string()
