# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``pki_certificates``: what a node has to be told, signing in bulk, and the ledger."""

from __future__ import annotations

import time
import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, Problem, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.authorities import Authority, key_path
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.ledger import Ledger, Record, next_epoch
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.moments import iso, parse_moment
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.specification import Specification

from .authority import Keeper, digest
from .directory import Authorities, PkiDirectory
from .keys import Keys
from .library import check_library
from .reading import load, present, serial
from .signing import leaf, load_key, moment, pem, requested_key


def moment_of(at: str) -> int:
    """The moment to decide for: ``at`` if it is given, else the clock's."""
    return parse_moment(at) if at else int(time.time())


@dataclass(frozen=True)
class Asked:
    """A certificate to sign: what is wanted, why, and the node's request."""

    wanted: Specification
    reason: str
    request: str


class Issuer:
    """One authority of a site. ``open_keys`` gives the keys; it is only called to sign."""

    def __init__(self, state_dir: str, authority: str, open_keys: t.Callable[[], Keys], now: int):
        check_library()
        self.directory = PkiDirectory(state_dir)
        self._name = authority
        self._open_keys = open_keys
        self._now = now
        self._authorities = self.directory.authorities()
        self.ledger = self.directory.ledger()

    def certificate(self) -> str:
        """The authority's own certificate, empty if there is none."""
        if not self._authorities.generations:
            return ""
        return self._authorities.signing().authorities.get(self._name, "")

    def bundle(self) -> str:
        """The roots to trust."""
        return self._authorities.bundle()

    def chain(self) -> str:
        """What follows a certificate of this authority, empty if there is none."""
        return self._authorities.chain(self._name) if self.certificate() else ""

    def require(self) -> None:
        """NXC-PKI-0001 if the authority is not there."""
        if not self.certificate():
            raise refuse("NXC-PKI-0001", name=self._name, directory=self.directory.path)

    def check(self, wanted: Iterable[Specification]) -> None:
        """NXC-PKI-0005 for every certificate that the authority must not sign; found before anything is asked."""
        if not self.certificate():
            return
        text = self.certificate()
        there = present(text, load(text), None)
        permitted = Authority(self._name, there.dns, there.ip)
        problems = []
        for one in wanted:
            # An authority that was brought without constraints vouches for anything.
            bad = "" if one.serial or not there.dns else permitted.permits(one.dns, one.ip)
            if bad:
                values = {
                    "authority": self._name, "name": bad, "certificate": one.name,
                    "permitted": ", ".join((*there.dns, *there.ip)),
                }  # fmt: skip
                problems.append(Problem("NXC-PKI-0005", values))
        if problems:
            raise CloudError(problems)

    def sign(self, asked: Iterable[Asked]) -> dict[str, str]:
        """Certificate and chain by name. The ledger knows of each before anybody has it."""
        with self.directory.locked():
            authorities, ledger = self.directory.authorities(), self.directory.ledger()
            generation = authorities.signing()
            path = key_path(self._name, generation.number)
            private = self._open_keys().read([path]).get(path)
            if private is None:
                raise refuse("NXC-PKI-0015", name=self._name, path=path)
            key, issuer = load_key(private), load(generation.authorities[self._name])
            end = moment(issuer.not_valid_after_utc)
            if end <= self._now:
                raise refuse("NXC-PKI-0020", name=self._name, date=iso(end))
            chain, epochs = authorities.chain(self._name), ledger.epochs()
            signed, records = {}, []
            for one in asked:
                public = requested_key(one.wanted.name, one.request)
                made = leaf(one.wanted, _subject(one.wanted), public, issuer, key, self._now)
                signed[one.wanted.name] = pem(made) + chain
                epoch = next_epoch(epochs.get(one.wanted.holder, 0), one.reason, self._now)
                records.append(self._record(one, made, generation.number, epoch))
            ledger.add(records)
            self.directory.save_ledger(ledger)
        self._authorities, self.ledger = authorities, ledger
        return signed

    def _record(self, one: Asked, made: t.Any, generation: int, epoch: int) -> Record:
        wanted = one.wanted
        begin, end = moment(made.not_valid_before_utc), moment(made.not_valid_after_utc)
        return Record(
            serial(made), self._name, generation, wanted.holder, wanted.dns, wanted.ip, wanted.usages,
            begin, end, self._now, one.reason, epoch,
        )  # fmt: skip

    def newest(self, holders: Iterable[str]) -> dict[str, str]:
        """Serial of the last certificate that was signed for each holder."""
        names, found = set(holders), {}
        for record in self.ledger.records.values():
            if record.holder in names:
                found[record.holder] = record.serial
        return found

    def note(self, seen: Mapping[str, str], bundles: Iterable[str]) -> None:
        """What the node has now: serial by holder, and places with the present bundle. Writes only what is news."""
        known = digest(self.bundle())

        def tell(ledger: Ledger) -> bool:
            # Both have to be told, so no short cut.
            return any([ledger.installed(seen), ledger.trusts(dict.fromkeys(bundles, known))])

        if not tell(self.ledger):
            return
        with self.directory.locked():
            self.ledger = self.directory.ledger()
            if tell(self.ledger):
                self.directory.save_ledger(self.ledger)

    def revoke(self, holders: Iterable[str], crl_days: int, check: bool) -> list[Record]:
        """Revoke what the holders have and list it; the records that were not revoked before."""
        names = list(holders)
        doomed = self.ledger.revoke(names, self._now)
        if not doomed or check:
            return doomed
        with self.directory.locked():
            authorities, self.ledger = self.directory.authorities(), self.directory.ledger()
            doomed = self.ledger.revoke(names, self._now)
            self._save(authorities, crl_days)
        return doomed

    def forget(self, holders: Iterable[str]) -> None:
        """The pairs are gone from their node: revoked and no longer waited for."""
        names = list(holders)
        with self.directory.locked():
            authorities, self.ledger = self.directory.authorities(), self.directory.ledger()
            known = {record.holder for record in self.ledger.records.values()}
            if self.ledger.revoke(names, self._now) or known & set(names):
                self.ledger.forget(name + "/ca.pem" for name in names)
                self._save(authorities, 0)

    def _save(self, authorities: Authorities, crl_days: int) -> None:
        # The ledger last: what it says is revoked is on the lists, also where a run was killed.
        if authorities.generations:
            Keeper(authorities, self.ledger, self._open_keys(), self._now).keep_lists(crl_days or 30)
            self.directory.save_authorities(authorities)
        self.directory.save_ledger(self.ledger)


def _subject(wanted: Specification) -> str:
    """For people who look at it; names that count are the alternative ones."""
    return "%s on %s" % (wanted.name.replace("/", " "), wanted.holder.partition(":")[0])
