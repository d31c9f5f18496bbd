# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of ``pki_report`` that come from the controller's own folder and from nodes."""

from __future__ import annotations

import typing as t
from collections.abc import Container, Mapping

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.authorities import ROOT
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.ledger import (
    INSTALLED,
    ISSUED,
    REVOKED,
    Ledger,
    Record,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.report import ReportRow
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.specification import Specification

from .directory import Authorities
from .reading import load, serial
from .signing import moment


def authority_rows(authorities: Authorities) -> list[ReportRow]:
    """Roots and authorities of all generations."""
    rows = []
    for one in authorities.generations:
        for name, text in ((ROOT, one.root), *one.authorities.items()):
            certificate = load(text)
            state = "signs" if one is authorities.signing() else "trusted"
            end = moment(certificate.not_valid_after_utc)
            issuer = "" if name == ROOT else "%s %d" % (ROOT, one.number)
            holder = "%s %d" % (name, one.number)
            rows.append(ReportRow("authority", holder, (), issuer, serial(certificate), end, state))
    return rows


def ledger_rows(ledger: Ledger, now: int) -> list[ReportRow]:
    """What holders have, and what is revoked and has not expired."""
    rows = []
    for one in ledger.records.values():
        if one.state in (ISSUED, INSTALLED) or (one.state == REVOKED and one.not_after > now):
            names = (*one.dns, *one.ip)
            row = ReportRow("ledger", one.holder, names, one.authority, one.serial, one.not_after, one.state)
            rows.append(row)
    return rows


def held_by(ledger: Ledger, host: str) -> list[Specification]:
    """The pairs that the ledger knows on a host, enough of each to look at it."""
    found = {}
    for one in sorted(ledger.records.values(), key=lambda record: record.issued):
        if one.holder.startswith(host + ":") and one.state in (ISSUED, INSTALLED):
            found[one.holder] = Specification(*_place(one), one.dns, one.ip, one.usages, 1, "66%")
    return list(found.values())


def left_in(ledger: Ledger, host: str, folder: str, kept: Container[str]) -> list[Specification]:
    """The pairs below a folder of a host that are not ``kept``, revoked ones too, until their removal is noted."""
    found = {}
    for one in ledger.records.values():
        wanted = Specification(*_place(one), one.dns, one.ip, one.usages, 1, "66%")
        there = one.state in (ISSUED, INSTALLED) or one.holder + "/ca.pem" in ledger.bundles
        if one.holder.startswith(host + ":") and wanted.is_in(folder) and one.holder not in kept and there:
            found[one.holder] = wanted
    return list(found.values())


def _place(record: Record) -> tuple[str, str, str]:
    """(name, holder, path) of a pair that is named after its path."""
    path = record.holder.partition(":")[2]
    return path, record.holder, path


def node_rows(ledger: Ledger, wanted: list[Specification], pairs: Mapping[str, t.Any]) -> list[ReportRow]:
    """What the node really has, and where that is not what the ledger says."""
    rows = []
    revoked = ledger.revoked_serials()
    for one in wanted:
        facts = pairs[one.name]["facts"]
        if facts is None:
            rows.append(ReportRow("node", one.holder, (), "", "", 0, "", problem="missing"))
            continue
        names, there = (*facts["dns"], *facts["ip"]), facts["serial"]
        record = ledger.records.get(there)
        problem = "" if record else "not in the ledger"
        problem = "revoked" if there in revoked else "key of another certificate" if not facts["paired"] else problem
        authority = record.authority if record else ""
        rows.append(ReportRow("node", one.holder, names, authority, there, facts["not_after"], "present", problem))
    return rows
