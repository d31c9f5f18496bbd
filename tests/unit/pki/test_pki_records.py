# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a roll-over, the ledger and the report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.ledger import (
    INSTALLED,
    ISSUED,
    REPLACED,
    REVOKED,
    Ledger,
    Record,
    next_epoch,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.moments import DAY
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.report import ReportRow, due, table
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.trust import next_phase, signing


@pytest.mark.parametrize(
    "phase, step, after",
    [("stable", "introduce", "introduce"), ("introduce", "introduce", "introduce"), ("introduce", "reissue", "reissue"),
     ("reissue", "reissue", "reissue"), ("reissue", "retire", "stable"), ("stable", "retire", "stable")],
)  # fmt: skip
def test_a_step(phase, step, after):
    assert next_phase(phase, step, [], "") == after


@pytest.mark.parametrize("phase, step", [("stable", "reissue"), ("introduce", "retire"), ("reissue", "introduce")])
def test_a_step_out_of_order_is_refused(phase, step):
    with pytest.raises(CloudError, match="NXC-PKI-0009"):
        next_phase(phase, step, [], "NXC-PKI-0010")


@pytest.mark.parametrize("phase, step", [("introduce", "reissue"), ("reissue", "retire")])
def test_a_step_waits_for_all_holders_unless_forced_by_its_code(phase, step):
    for force in ("", "yes", "NXC-PKI-0009"):
        with pytest.raises(CloudError, match="NXC-PKI-0010.*n1:/a, n2:/b"):
            next_phase(phase, step, ["n1:/a", "n2:/b"], force)
    assert next_phase(phase, step, ["n1:/a"], "NXC-PKI-0010") != phase


def test_who_signs():
    assert [signing(phase, numbers) for phase, numbers in
            (("stable", [3]), ("introduce", [3, 4]), ("reissue", [3, 4]))] == [3, 3, 4]  # fmt: skip


OLD = Record("a1", "site", 1, "n1:/p", ("x",), (), ("server",), 0, 100 * DAY, 1, "missing", 1)


def record(serial, **changes):
    return replace(OLD, serial=serial, **changes)


def ledger(*records):
    made = Ledger()
    made.add(records)
    return made


def test_a_ledger_survives_json():
    made = ledger(OLD, record("b2", state=REVOKED, revoked=5))
    made.trusts({"n1:/ca.pem": "d1"})
    assert Ledger.from_dict(made.as_dict()) == made
    with pytest.raises(CloudError, match="NXC-PKI-0006"):
        Ledger.from_dict({"format": 9})


@pytest.mark.parametrize(
    "last, why, epoch", [(0, "missing", 1), (1, "missing", 1), (1, "window", 2), (4, "san", 5), (0, "issuer", 900)]
)
def test_epochs_grow_unless_the_certificate_is_just_gone(last, why, epoch):
    assert next_epoch(last, why, 900) == epoch


def test_what_a_node_has_decides_which_record_is_in_use():
    made = ledger(OLD, record("b2", issued=2, generation=2))
    assert made.installed({"n1:/p": "a1"})
    # The newer one may be on its way; it is not replaced by being looked for.
    assert {one.serial: one.state for one in made.records.values()} == {"a1": INSTALLED, "b2": ISSUED}
    assert made.held_by_others(2, now=0) == ["n1:/p"]
    assert made.installed({"n1:/p": "b2"})
    assert {one.serial: one.state for one in made.records.values()} == {"a1": REPLACED, "b2": INSTALLED}
    assert made.held_by_others(2, now=0) == [] and not made.installed({"n1:/p": "b2"})


def test_those_that_have_expired_hold_nobody_back():
    assert ledger(record("a1", state=INSTALLED)).held_by_others(2, now=101 * DAY) == []


def test_revoking():
    made = ledger(record("a1", state=INSTALLED), record("b2", state=REPLACED), record("c3", holder="n2:/p"))
    assert [one.serial for one in made.revoke(["n1:/p"], now=7)] == ["a1"]
    assert made.revoke(["n1:/p"], now=9) == [] and made.revoked_serials() == {"a1"}
    assert made.revoked("site", 1, now=8) == {"a1": 7}
    assert made.revoked("site", 2, now=8) == made.revoked("site", 1, now=100 * DAY) == {}
    # Being seen on its node does not make it good again.
    made.installed({"n1:/p": "a1"})
    assert made.records["a1"].state == REVOKED


def test_pruning_keeps_what_counts():
    made = ledger(OLD, record("b2", issued=2, not_after=50 * DAY), record("c3", issued=0, not_after=50 * DAY))
    made.prune(now=60 * DAY)
    assert set(made.records) == {"a1", "b2"}
    assert made.epochs() == {"n1:/p": 1}


def test_an_authority_goes_with_its_records():
    made = ledger(OLD, record("b2", authority="clouds/dev", holder="n2:/p"))
    assert made.drop_authority("clouds/dev") == ["n2:/p"] and set(made.records) == {"a1"}


def test_nobody_waits_for_the_bundles_of_an_authority_that_is_gone():
    made = ledger(OLD, record("b2", authority="clouds/dev", holder="n2:/pairs/dev"))
    places = ["n1:/ca.pem", "n1:/p/ca.pem", "n2:/etc/clouds/dev2/ca.pem"]
    made.trusts(dict.fromkeys([*places, "n2:/pairs/dev/ca.pem", "n2:/etc/clouds/dev/certificates/ca.pem"], "old"))
    made.drop_authority("clouds/dev")
    assert made.bundles_other_than("new") == places


def test_places_with_another_bundle():
    made = Ledger()
    assert made.trusts({"n1:/ca": "old", "n2:/ca": "new"}) and not made.trusts({"n1:/ca": "old"})
    assert made.bundles_other_than("new") == ["n1:/ca"]
    made.forget(["n1:/ca"])
    assert made.bundles_other_than("new") == []


ROWS = [
    ReportRow("ledger", "n1:/late", ("a",), "site", "1", 5 * DAY, "installed"),
    ReportRow("ledger", "n1:/fine", ("b",), "site", "2", 90 * DAY, "installed"),
    ReportRow("ledger", "n1:/gone", ("c",), "site", "3", 5 * DAY, "revoked"),
    ReportRow("node", "n2:/bad", (), "", "", 0, "", problem="missing"),
]


def test_what_is_due():
    assert [row.holder for row in due(ROWS, 0, 30 * DAY)] == ["n2:/bad", "n1:/late"]
    assert [row.holder for row in due(ROWS, 0, 0)] == ["n2:/bad"]


def test_the_table_tells_dates_and_problems():
    lines = table(ROWS, 0).splitlines()
    assert lines[0].split() == ["SOURCE", "HOLDER", "NAMES", "AUTHORITY", "EXPIRES", "LEFT", "STATE"]
    assert lines[1].split() == ["node", "n2:/bad", "-", "-", "-", "-", "missing"]
    assert lines[-1].split() == ["ledger", "n1:/fine", "b", "site", "1970-04-01", "90", "days", "installed"]
    assert ROWS[0].as_dict(DAY)["seconds_left"] == 4 * DAY
