# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of another tool's secrets comes where, and what is refused."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry, Version
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.importing import (
    Policy,
    Target,
    changes,
    decide,
    parse_mapping,
    summary,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.kolla import targets

NOW = "2026-11-21T13:00:00Z"
GOOD = "Aq3" * 8
FERNET = "x" * 43 + "="
PEM = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"


def entry(value, number=1, **changes):
    return Entry("password", Version(number, value, "2026-01-01T00:00:00Z"), **changes)


def version(kind, value):
    return Version(1, value, NOW)


def rows(values, mapping, stored=None, **policy):
    return decide(values, parse_mapping(mapping), stored or {}, Policy(**policy))


def codes(*arguments, **policy):
    with pytest.raises(CloudError) as caught:
        rows(*arguments, **policy)
    assert GOOD not in str(caught.value)
    return sorted(problem.code for problem in caught.value.problems)


@pytest.mark.parametrize(
    "value, mapped, action, kind",
    [
        (GOOD, "a/b", "create", "password"),
        (FERNET, {"path": "a/b", "kind": "fernet"}, "create", "fernet"),
        ({"private_key": PEM, "public_key": "x"}, {"path": "a/b", "kind": "ssh_ed25519"}, "create", "ssh_ed25519"),
    ],
)
def test_a_value_that_fits_is_created(value, mapped, action, kind):
    (row,) = rows({"x": value}, {"x": mapped})
    assert (row.action, row.path, row.kind) == (action, "a/b", kind)
    assert GOOD not in repr(row) and "value" not in row.as_dict()


@pytest.mark.parametrize(
    "mapped, code",
    [
        (7, "NXC-SECR-0080"),
        ({"kind": "hex"}, "NXC-SECR-0080"),
        ({"path": "a", "length": 3}, "NXC-SECR-0080"),
        ("../a", "NXC-SECR-0006"),
        ({"path": "a", "kind": "rsa"}, "NXC-SECR-0004"),
    ],
)
def test_a_mapping_is_checked(mapped, code):
    assert codes({"x": GOOD}, {"x": mapped}) == [code]


@pytest.mark.parametrize(
    "values, mapping, stored, code",
    [
        ({}, {"x": "a"}, {}, "NXC-SECR-0081"),
        ({"x": GOOD, "y": GOOD[1:]}, {"x": "a", "y": "a"}, {}, "NXC-SECR-0082"),
        ({"x": GOOD}, {}, {}, "NXC-SECR-0083"),
        ({"x": "short"}, {"x": "a"}, {}, "NXC-SECR-0084"),
        ({"x": "white space in a password"}, {"x": "a"}, {}, "NXC-SECR-0084"),
        ({"x": None}, {"x": "a"}, {}, "NXC-SECR-0084"),
        ({"x": {"public_key": "x"}}, {"x": "a"}, {}, "NXC-SECR-0084"),
        ({"x": GOOD}, {"x": "a"}, {"a": entry("other")}, "NXC-SECR-0085"),
    ],
)
def test_what_cannot_come_is_refused_by_name(values, mapping, stored, code):
    assert codes(values, mapping, stored, existing="refuse") == [code]


def test_every_problem_is_told_at_once():
    assert codes({"x": "short", "y": GOOD}, {"x": "a", "z": "b"}) == ["NXC-SECR-0081", "NXC-SECR-0083", "NXC-SECR-0084"]


@pytest.mark.parametrize(
    "value, kind, fitting",
    [
        (FERNET, "hex", "fernet"),
        ("00112233445566778899aabbccddeeff", "fernet", "hex"),
        ("5f0c3b2e-8a1d-4c7e-9b60-2f4d8e6a1c93", "hex", "uuid"),
        (PEM, "x509_key", "ssh_ed25519"),
        ("short", "password", "password"),
        ("p-a.s~s_w0rdX", "hex", "password"),
    ],
)
def test_on_choice_a_value_comes_as_the_kind_it_fits(value, kind, fitting):
    (row,) = rows({"x": value}, {"x": {"path": "a", "kind": kind}}, unfit="fit")
    assert (row.action, row.kind, row.value) == ("create", fitting, value)
    assert row.reason and value not in row.reason


def test_what_fits_no_kind_is_refused_or_left_out():
    assert codes({"x": "two words"}, {"x": "a"}, unfit="fit") == ["NXC-SECR-0084"]
    (row,) = rows({"x": "two words"}, {"x": "a"}, unfit="skip")
    assert (row.action, row.path) == ("skip", "a")
    assert row.reason


@pytest.mark.parametrize("unmapped", ["list", "skip"])
def test_every_name_has_a_row(unmapped):
    found = rows({"x": GOOD, "y": None, "z": GOOD}, {"x": "a"}, unmapped=unmapped)
    assert [(row.name, row.action) for row in found] == [("x", "create"), ("y", "skip"), ("z", "skip")]
    assert summary(found) == {"create": 1, "replace": 0, "same": 0, "keep": 0, "skip": 2}


@pytest.mark.parametrize(
    "stored, existing, action",
    [(GOOD, "refuse", "same"), (GOOD, "replace", "same"), ("other", "keep", "keep"), ("other", "replace", "replace")],
)
def test_what_is_stored_already(stored, existing, action):
    old = {
        "a": entry(
            stored,
            3,
            consumers=("keystone",),
            previous=Version(2, "older", NOW),
            previous_until="2027",
            staged=Version(4, "next", NOW),
        )
    }
    found = rows({"x": GOOD}, {"x": "a"}, old, existing=existing)
    assert [row.action for row in found] == [action]
    written = changes(found, old, version)
    assert bool(written) == (action == "replace")
    for change in written:
        new = change.after
        assert (new.current.number, new.current.value, new.current.created) == (4, GOOD, NOW)
        assert (new.staged, new.previous_until) == (Version(5, "next", NOW), None)
        assert (new.previous, new.consumers, change.verbs) == (None, ("keystone",), ("imported",))


def test_a_second_import_changes_nothing():
    (change,) = changes(rows({"x": GOOD}, {"x": "a"}), {}, version)
    assert change.after == Entry("password", Version(1, GOOD, NOW))
    assert changes(rows({"x": GOOD}, {"x": "a"}, {"a": change.after}), {}, version) == []


def test_two_names_may_have_one_value_for_one_path():
    assert len(changes(rows({"x": GOOD, "y": GOOD}, {"x": "a", "y": "a"}), {}, version)) == 1


def test_a_key_that_is_none_is_refused():
    def broken(kind, value):
        raise ValueError(value)

    with pytest.raises(CloudError) as caught:
        changes(rows({"x": GOOD}, {"x": "a"}), {}, broken)
    assert [problem.code for problem in caught.value.problems] == ["NXC-SECR-0084"]
    assert GOOD not in str(caught.value)


def test_the_names_of_kolla_may_be_missing_and_come_to_their_cloud():
    table = targets("dev")
    assert table["database_password"] == Target("clouds/dev/mariadb/root_password", "password", True)
    assert [row.path for row in decide({"keystone_admin_password": GOOD}, table, {}, Policy())] == [
        "clouds/dev/keystone/admin_password"
    ]
