# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is found about secrets."""

from __future__ import annotations

import hashlib
import json
import random
import string

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry, Version
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.report import (
    DAY,
    Known,
    Limits,
    bits,
    counts,
    report,
    table,
    versions,
)

NOW = "2026-11-21T13:00:00Z"
VALUE = "vR7mQ2xK9pLw4TzB8nHc"


def entry(value=VALUE, created="2026-11-01T13:00:00Z", number=1, kind="password", **changes):
    return Entry(kind, Version(number, value, created), **changes)


def reported(entries, wanted=None, imported=None, recorded=None, **limits):
    digests = {path: hashlib.sha256(one.current.value.encode()).hexdigest() for path, one in entries.items()}
    if recorded is None:
        recorded = {path: {one.current.number} for path, one in entries.items()}
    return report(entries, Known(digests, recorded, imported or {}, wanted), NOW, Limits(**limits))


def test_a_row_says_what_there_is_and_no_value():
    previous = Version(1, "older", "2026-01-01T00:00:00Z")
    one = entry(
        number=2,
        previous=previous,
        previous_until="2026-12-01T00:00:00Z",
        owner="keystone",
        consumers=("keystone", "edge"),
    )
    (row,) = reported({"a": one})
    assert row.as_dict() == {
        "path": "a",
        "kind": "password",
        "version": 2,
        "age_days": 20,
        "rotated": "2026-11-01T13:00:00Z",
        "grace_until": "2026-12-01T00:00:00Z",
        "owner": "keystone",
        "consumers": ["keystone", "edge"],
        "findings": [],
        "same_as": [],
    }
    assert VALUE not in json.dumps(row.as_dict()) + table([row], 0, 7)


def test_a_grace_that_is_over_is_no_grace():
    over = entry(previous=Version(1, "x", NOW), previous_until="2026-11-21T12:59:59Z", number=2)
    assert reported({"a": over})[0].grace_until == ""


@pytest.mark.parametrize(
    "one, path, limits, wanted, findings",
    [
        (entry(), "a", {"max_age": 20 * DAY}, None, ()),
        (entry(), "a", {"max_age": 20 * DAY - 1}, None, ("old",)),
        (entry(), "a", {}, {"b", "a/"}, ("unused",)),
        (entry(), "pki/root", {}, {"pki/"}, ()),
        (entry(), "a", {}, {"a"}, ()),
        (entry("secret"), "a", {}, None, ("weak",)),
        (entry("passwordpassword"), "a", {}, None, ("weak",)),
        (entry("a" * 200), "a", {}, None, ("weak",)),
        (entry("x" * 43 + "=", kind="fernet"), "a", {}, None, ()),
    ],
)
def test_findings(one, path, limits, wanted, findings):
    assert reported({path: one}, wanted, **limits)[0].findings == findings


def test_what_was_imported_is_told_until_it_is_rotated():
    log = [
        '{"path": "a", "action": "created", "version": 1}',
        '{"path": "a", "action": "imported", "version": 2}',
        '{"path": "b", "action": "described,imported", "version": 1}',
        "no record",
        "[]",
    ]
    recorded, imported = versions(log)
    assert (recorded, imported) == ({"a": {1, 2}, "b": {1}}, {"a": 2, "b": 1})
    assert reported({"a": entry(number=2)}, imported=imported)[0].findings == ("imported",)
    assert reported({"a": entry(number=3)}, imported=imported)[0].findings == ()


def test_a_version_that_the_log_does_not_name_is_told():
    # Two writers may log the other way round than they wrote; what was removed begins anew.
    recorded, _imported = versions(
        '{"path": "%s", "action": "%s", "version": %d}' % row
        for row in [
            ("a", "created", 1),
            ("c", "rotated", 3),
            ("c", "rotated", 2),
            ("d", "created", 1),
            ("d", "removed", 1),
        ]
    )
    assert reported({"c": entry(number=3)}, recorded=recorded)[0].findings == ()
    assert reported({"d": entry()}, recorded=recorded)[0].findings == ("unrecorded",)
    assert reported({"a": entry()}, recorded=recorded)[0].findings == ()
    assert reported({"a": entry(number=2)}, recorded=recorded)[0].findings == ("unrecorded",)
    assert reported({"b": entry()}, recorded=recorded)[0].findings == ("unrecorded",)


def test_duplicates_name_each_other():
    rows = reported({"a": entry(), "b": entry("another" + VALUE), "c": entry()})
    assert [row.same_as for row in rows] == [("c",), (), ("a",)]
    found = counts(rows, 3)
    assert found.pop("duplicate") == 2 and found.pop("audit") == 1 and not any(found.values())
    text = table(rows, 3, 9)
    assert "duplicate=c" in text
    assert text.endswith("audit log: broken at line 3 of 9")


@pytest.mark.parametrize("alphabet", [string.ascii_letters + string.digits, "0123456789abcdef"])
def test_what_is_generated_is_never_weak(alphabet):
    source = random.Random(7)
    length = 20 if len(alphabet) > 22 else 32
    assert all(bits("".join(source.choices(alphabet, k=length))) > 70 for _each in range(3000))


@pytest.mark.parametrize("value", ["", "0", "Password123", "abababababababababab", "admin", "qwertyuiop"])
def test_what_people_think_of_is_weak(value):
    assert bits(value) < 70
