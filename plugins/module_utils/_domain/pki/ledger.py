# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger: every certificate that was issued, by whom it is held, and which bundle each place trusts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import refuse

FORMAT = 1
ISSUED, INSTALLED, REPLACED, REVOKED = "issued", "installed", "replaced", "revoked"


@dataclass(frozen=True)
class Record:
    """One certificate. ``state``: issued (signed, not seen on its node yet), installed, replaced or revoked."""

    serial: str
    authority: str
    generation: int
    holder: str
    dns: tuple[str, ...]
    ip: tuple[str, ...]
    usages: tuple[str, ...]
    not_before: int
    not_after: int
    issued: int
    reason: str
    epoch: int
    state: str = ISSUED
    revoked: int = 0

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Record:
        """The other way."""
        lists = {name: tuple(row[name]) for name in ("dns", "ip", "usages")}
        return cls(**{**row, **lists})


@dataclass
class Ledger:
    """``records`` by serial; ``bundles``: digest of the trust bundle by place (``host:path``)."""

    records: dict[str, Record] = field(default_factory=dict)
    bundles: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        rows = [record.as_dict() for record in self.records.values()]
        return {"format": FORMAT, "certificates": rows, "bundles": dict(sorted(self.bundles.items()))}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Ledger:
        """The other way; NXC-PKI-0006 for a format of another release."""
        if content.get("format") != FORMAT:
            raise refuse("NXC-PKI-0006", path="ledger.json", found=content.get("format"), known=FORMAT)
        records = [Record.from_dict(row) for row in content["certificates"]]
        return cls({record.serial: record for record in records}, dict(content["bundles"]))

    def epochs(self) -> dict[str, int]:
        """The present epoch by holder."""
        found: dict[str, int] = {}
        for record in self.records.values():
            found[record.holder] = max(record.epoch, found.get(record.holder, 0))
        return found

    def add(self, records: Iterable[Record]) -> None:
        """Note what was just signed."""
        self.records.update({record.serial: record for record in records})

    def installed(self, seen: Mapping[str, str]) -> bool:
        """Note which serial each holder really has; True if that was news. Revoked ones stay revoked."""
        news = {}
        for serial, record in self.records.items():
            if record.holder not in seen or record.state == REVOKED:
                continue
            state = record.state
            if seen[record.holder] == serial:
                state = INSTALLED
            elif state == INSTALLED or not self._newer(record, seen):
                state = REPLACED
            if state != record.state:
                news[serial] = replace(record, state=state)
        self.records.update(news)
        return bool(news)

    def _newer(self, record: Record, seen: Mapping[str, str]) -> bool:
        """Signed after the one that is there: another run may be on its way to install it."""
        there = self.records.get(seen[record.holder])
        return there is not None and record.issued >= there.issued

    def trusts(self, places: Mapping[str, str]) -> bool:
        """Note the bundles of places; True if that was news."""
        before = dict(self.bundles)
        self.bundles.update(places)
        return self.bundles != before

    def revoke(self, holders: Iterable[str], now: int) -> list[Record]:
        """Revoke what the holders have, now or soon; the records that were not revoked before."""
        names = set(holders)
        doomed = [one for one in self.records.values() if one.holder in names and one.state in (ISSUED, INSTALLED)]
        self.records.update({one.serial: replace(one, state=REVOKED, revoked=now) for one in doomed})
        return doomed

    def forget(self, holders: Iterable[str]) -> None:
        """The places are no more; what they held keeps its records."""
        for holder in holders:
            self.bundles.pop(holder, None)

    def prune(self, now: int) -> None:
        """Drop records that have expired and are the last of no holder: a CRL need not name them any more."""
        last: dict[str, str] = {}
        for serial, record in self.records.items():
            if record.holder not in last or record.issued >= self.records[last[record.holder]].issued:
                last[record.holder] = serial
        keep = set(last.values())
        self.records = {
            serial: record for serial, record in self.records.items() if record.not_after > now or serial in keep
        }

    def drop_authority(self, authority: str) -> list[str]:
        """Remove what an authority issued, when it goes; the holders that were in it.

        Bundles beside its pairs, and in the folder of its name (``n1:/etc/…/clouds/dev/…``), are waited for no longer.
        """
        gone = [record for record in self.records.values() if record.authority == authority]
        for record in gone:
            del self.records[record.serial]
            self.bundles.pop(record.holder + "/ca.pem", None)
        self.forget([place for place in self.bundles if "/%s/" % authority in place])
        return sorted({record.holder for record in gone})

    def revoked(self, authority: str, generation: int, now: int) -> dict[str, int]:
        """Serial → moment of what an authority's CRL has to list."""
        return {
            record.serial: record.revoked
            for record in self.records.values()
            if record.state == REVOKED
            and (record.authority, record.generation) == (authority, generation)
            and record.not_after > now
        }

    def revoked_serials(self) -> set[str]:
        """All that are revoked."""
        return {record.serial for record in self.records.values() if record.state == REVOKED}

    def held_by_others(self, generation: int, now: int) -> list[str]:
        """Holders whose certificate in use is not of the generation; those that have expired hold nobody back."""
        return sorted(
            {
                record.holder
                for record in self.records.values()
                if record.state in (INSTALLED, ISSUED) and record.generation != generation and record.not_after > now
            }
        )

    def bundles_other_than(self, digest: str) -> list[str]:
        """Places whose bundle is another one."""
        return sorted(place for place, found in self.bundles.items() if found != digest)


def next_epoch(last: int, why: str, now: int) -> int:
    """The epoch of a holder's next certificate: one more, except where the old one is just gone. 0: had none.

    Where one is replaced that this ledger has never known, the ledger was lost, and ``now`` is beyond all it counted.
    """
    if why == "missing":
        return last or 1
    return last + 1 if last else now
