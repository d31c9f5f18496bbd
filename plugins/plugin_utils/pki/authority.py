# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of ``pki_authority``: roots, authorities, trust and lists are as wished. Decides and signs; the caller
holds the lock, gives the moment, and saves what has changed."""

from __future__ import annotations

import copy
import hashlib
import typing as t
from dataclasses import dataclass, field

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.authorities import (
    ROOT,
    Authority,
    authority_reason,
    key_path,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.ledger import REVOKED, Ledger, Record
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.moments import DAY
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.trust import (
    INTRODUCE,
    REISSUE,
    RETIRE,
    next_phase,
)

from . import crls
from .directory import Authorities, Generation
from .keys import Keys
from .library import x509
from .reading import brought_authority, extension, load, present, serial
from .signing import cross, intermediate, load_key, moment, root


@dataclass(frozen=True)
class Wish:
    """What the operator of the site wants. ``root_certificate`` and ``root_key`` are PEM texts of a root brought."""

    site: str
    authorities: list[Authority]
    trust: str = ""
    force: str = ""
    root_certificate: str = ""
    root_key: str = ""
    root_days: int = 3650
    days: int = 1825
    crl_days: int = 30
    forget_hosts: tuple[str, ...] = ()


@dataclass
class Outcome:
    """``reasons``: name → why it was signed; ``notes``: lines for the diff."""

    reasons: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Keeper:
    """Brings ``authorities`` and ``ledger`` to what is wished, in place."""

    def __init__(self, authorities: Authorities, ledger: Ledger, keys: Keys, now: int):
        self.authorities = authorities
        self.ledger = ledger
        self._keys = keys
        self._now = now
        self.outcome = Outcome()

    def keep(self, wish: Wish) -> None:
        """Everything that a call with ``state: present`` means."""
        self._forget(wish.forget_hosts)
        if not self.authorities.generations:
            self._add_root(wish)
        if wish.trust:
            self._step(wish)
        elif wish.root_certificate:
            self._check_root(wish)
        for wanted in self._wanted(wish):
            self._keep_one(wanted, wish)
        self.keep_lists(wish.crl_days)

    def drop(self, names: t.Iterable[str], crl_days: int) -> None:
        """Remove authorities: what they signed is worth nothing from the next list on."""
        for name in names:
            holders = self.ledger.drop_authority(name)
            for one in self.authorities.generations:
                text = one.authorities.pop(name, None)
                if text is None:
                    continue
                self.outcome.reasons[name] = "removed"
                self.outcome.notes.append("authority %s removed, %d holder(s)" % (name, len(holders)))
                record = _authority_record(name, one.number, load(text), self._now)
                self.ledger.records[record.serial] = record
                self._keys.remove([key_path(name, one.number)])
        if self.authorities.generations:
            self.keep_lists(crl_days)

    def _forget(self, hosts: t.Iterable[str]) -> None:
        for host in hosts:
            holders = {record.holder for record in self.ledger.records.values()} | set(self.ledger.bundles)
            gone = {holder for holder in holders if holder.startswith(host + ":")}
            revoked = self.ledger.revoke(gone, self._now)
            self.ledger.forget(gone)
            if revoked:
                self.outcome.notes.append("host %s forgotten, %d certificate(s) revoked" % (host, len(revoked)))

    def _add_root(self, wish: Wish) -> Generation:
        """The first root, or the next one after those that there are."""
        number = self.authorities.generations[-1].number + 1 if self.authorities.generations else 1
        path = key_path(ROOT, number)
        if wish.root_certificate:
            text = wish.root_certificate
            if wish.root_key:
                brought_authority("The root", text, wish.root_key, self._now)
                self._keys.put({path: wish.root_key})
        else:
            key = load_key(self._keys.make([path])[path])
            text = root(_subject(wish.site, ROOT, number), key, wish.root_days, self._now)
        made = Generation(number, text)
        self.authorities.generations.append(made)
        self._say(ROOT if number == 1 else "%s.%d" % (ROOT, number), "missing", text)
        return made

    def _check_root(self, wish: Wish) -> None:
        there = self.authorities.signing().root
        if load(there) != load(wish.root_certificate) and len(self.authorities.generations) == 1:
            raise refuse("NXC-PKI-0004", name=ROOT, reason="the site has another root; bring it with trust=introduce")

    def _step(self, wish: Wish) -> None:
        before = self.authorities.phase
        phase = next_phase(before, wish.trust, self.unconverged(wish.trust), wish.force)
        if phase == before:
            return
        self.outcome.notes.append("trust %s -> %s" % (before, phase))
        if wish.trust == INTRODUCE:
            self._introduce(wish)
        elif wish.trust == RETIRE:
            self._retire()
        self.authorities.phase = phase

    def unconverged(self, step: str) -> list[str]:
        """Holders whom the step would cut off."""
        if step == REISSUE:
            return self.ledger.bundles_other_than(digest(self.authorities.bundle()))
        if step == RETIRE:
            return self.ledger.held_by_others(self.authorities.generations[-1].number, self._now)
        return []

    def _introduce(self, wish: Wish) -> None:
        old = self.authorities.generations[-1]
        new = self._add_root(wish)
        key = self._keys.read([key_path(ROOT, old.number)]).get(key_path(ROOT, old.number))
        basic = extension(load(old.root), x509.BasicConstraints)
        # Without the old key, or below a root that allows no such chain, old clients wait for the new bundle.
        alive = moment(load(old.root).not_valid_after_utc) > self._now
        if key is not None and alive and (basic.path_length is None or basic.path_length > 1):
            new.cross = cross(load(new.root), load(old.root), load_key(key), self._now)

    def _retire(self) -> None:
        *old, new = self.authorities.generations
        self._keys.remove([key_path(name, one.number) for one in old for name in (ROOT, *one.authorities)])
        self.authorities.generations = [new]
        new.cross = ""

    def _wanted(self, wish: Wish) -> list[Authority]:
        """What is wished, and when a new root begins to sign also whatever the old one has."""
        wanted = {one.name: one for one in wish.authorities}
        for one in self.authorities.generations:
            for name, text in one.authorities.items():
                there = present(text, load(one.root), None)
                # One that was brought without constraints is nothing that could be made here.
                if name not in wanted and there.dns:
                    wanted[name] = Authority(name, there.dns, there.ip)
        return list(wanted.values())

    def _keep_one(self, wanted: Authority, wish: Wish) -> None:
        generation = self.authorities.signing()
        path = key_path(wanted.name, generation.number)
        issuer = load(generation.root)
        if moment(issuer.not_valid_after_utc) <= self._now:
            # A root that has ended can sign nothing; the next root does that for all.
            return
        text = generation.authorities.get(wanted.name)
        if wanted.certificate:
            self._bring(wanted, generation, text)
            return
        key = self._keys.read([path]).get(path) if text else None
        if text and key is None:
            raise refuse("NXC-PKI-0015", name=wanted.name, path=path)
        why = authority_reason(wanted, present(text, issuer, load_key(key)) if text and key else None, self._now)
        if not why:
            return
        key = self._keys.make([path])[path]
        signer = self._root_key(generation)
        subject = _subject(wish.site, wanted.name, generation.number)
        public, end = load_key(key).public_key(), self._now + wish.days * DAY
        made = intermediate(wanted, subject, public, issuer, signer, end, self._now)
        generation.authorities[wanted.name] = made
        self._say(wanted.name, why, made)

    def _bring(self, wanted: Authority, generation: Generation, text: str | None) -> None:
        certificate, key = wanted.certificate, wanted.key
        if text == certificate:
            return
        brought_authority("The authority '%s'" % wanted.name, certificate, key, self._now)
        there = present(certificate, load(generation.root), None)
        if not there.signed:
            raise refuse("NXC-PKI-0011", what="The authority '%s'" % wanted.name, reason="the root did not sign it")
        self._keys.put({key_path(wanted.name, generation.number): key})
        generation.authorities[wanted.name] = certificate
        self._say(wanted.name, "brought", certificate)

    def _root_key(self, generation: Generation) -> t.Any:
        path = key_path(ROOT, generation.number)
        text = self._keys.read([path]).get(path)
        if text is None:
            raise refuse("NXC-PKI-0015", name=ROOT, path=path)
        return load_key(text)

    def keep_lists(self, days: int) -> None:
        """The lists of the revoked say what the ledger says, and are young."""
        self.ledger.prune(self._now)
        names = crls.due(self.authorities, self.ledger, self._now)
        if not names:
            return
        keys = self._keys.read(crls.key_paths(self.authorities))
        before = copy.copy(self.authorities.crls)
        crls.remake(self.authorities, self.ledger, keys, names, days, self._now)
        for name in names:
            if self.authorities.crls.get(name) != before.get(name):
                self.outcome.notes.append("list of revoked of %s made" % name)

    def _say(self, name: str, why: str, text: str) -> None:
        self.outcome.reasons[name] = why
        end = load(text).not_valid_after_utc.strftime("%Y-%m-%d")
        self.outcome.notes.append("authority %s (%s) valid until %s" % (name, why, end))


def digest(text: str) -> str:
    """Short name of a text such as the bundle, to compare and to show."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:12]


def _subject(site: str, name: str, number: int) -> str:
    return "%s %s%s" % (site, name, "" if number == 1 else " %d" % number)


def _authority_record(name: str, generation: int, certificate: t.Any, now: int) -> Record:
    """An authority that goes, as the root's list has to know it."""
    begin, end = moment(certificate.not_valid_before_utc), moment(certificate.not_valid_after_utc)
    holder = "authority:%s" % name
    return Record(
        serial(certificate), ROOT, generation, holder, (), (), (), begin, end, now, "removed", 1, REVOKED, now
    )  # fmt: skip
