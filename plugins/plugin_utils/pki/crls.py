# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of the revoked, one per authority: made again only when they say something else or become old."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.authorities import ROOT, key_path
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.ledger import Ledger

from .directory import Authorities, Generation
from .library import x509
from .reading import extension, load
from .signing import load_key, moment, revocations

# A list is made again when this share of its life is over.
_OLD = 0.5


def key_paths(authorities: Authorities) -> list[str]:
    """Paths of all keys that may sign a list."""
    return [key_path(name, one.number) for one in authorities.generations for name in (ROOT, *one.authorities)]


def due(authorities: Authorities, ledger: Ledger, now: int) -> list[str]:
    """Names of the authorities whose list has to be made again, or has to go."""
    wanted = {name for one in authorities.generations for name in (ROOT, *one.authorities)}
    found = [name for name in sorted(wanted) if not _is_kept(authorities, ledger, name, now)]
    return found + sorted(set(authorities.crls) - wanted)


def remake(
    authorities: Authorities, ledger: Ledger, keys: Mapping[str, str], names: list[str], days: int, now: int
) -> None:
    """Make the lists of ``names``. A key that is not in the store (an offline root) makes none."""
    for name in names:
        texts = []
        for one in _issuers(authorities, name):
            key = keys.get(key_path(name, one.number))
            if key is not None:
                revoked = ledger.revoked(name, one.number, now)
                end = now + days * 86400
                texts.append(revocations(load(_certificate(one, name)), load_key(key), revoked, now, now, end))
        authorities.crls.pop(name, None)
        if texts:
            authorities.crls[name] = "".join(texts)


def _issuers(authorities: Authorities, name: str) -> list[Generation]:
    return [one for one in authorities.generations if name == ROOT or name in one.authorities]


def _certificate(generation: Generation, name: str) -> str:
    return generation.root if name == ROOT else generation.authorities[name]


def _is_kept(authorities: Authorities, ledger: Ledger, name: str, now: int) -> bool:
    lists = {}
    for text in authorities.crls.get(name, "").split("-----END X509 CRL-----\n")[:-1]:
        parsed = x509.load_pem_x509_crl((text + "-----END X509 CRL-----\n").encode("ascii"))
        lists[extension(parsed, x509.AuthorityKeyIdentifier).key_identifier] = parsed
    issuers = _issuers(authorities, name)
    if len(lists) != len(issuers):
        return False
    return all(
        _says(lists.get(_key_id(_certificate(one, name))), ledger.revoked(name, one.number, now), now)
        for one in issuers
    )  # fmt: skip


def _says(parsed: t.Any, revoked: Mapping[str, int], now: int) -> bool:
    """Is the list about these serials and young enough?"""
    if parsed is None or {"%x" % row.serial_number for row in parsed} != set(revoked):
        return False
    begin, end = moment(parsed.last_update_utc), moment(parsed.next_update_utc)
    return now < begin + (end - begin) * _OLD


def _key_id(certificate: str) -> bytes:
    parsed = load(certificate)
    found = extension(parsed, x509.SubjectKeyIdentifier)
    return found.digest if found else x509.SubjectKeyIdentifier.from_public_key(parsed.public_key()).digest
