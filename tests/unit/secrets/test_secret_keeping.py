# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What present, rotated and absent mean for what is stored; the audit log as text."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets import audit
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.declaration import parse_declarations
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry, Version, first, rotate
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.keeping import (
    absent,
    as_stored,
    lines,
    present,
    rotated,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import later

NOW = "2026-11-21T13:00:00Z"
DAY = 86400


def make(declared, number):
    return Version(number, "x" * declared.length + str(number), NOW)


def stored(**entries):
    return {path.replace("__", "/"): entry for path, entry in entries.items()}


def entry(value="y" * 32, kind="password", **more):
    return first(kind, lambda number: Version(number, "%s%d" % (value, number), NOW), **more)


def outcome(changes):
    return {change.path: change.verbs for change in changes}


def declared(*paths, **more):
    return parse_declarations([{"path": path, **more} for path in paths])


def turn(wanted, entries, *, under=(), now=NOW, force=False):
    return rotated(wanted, under, entries, now, make, grace=DAY, force=force)


def test_only_what_is_missing_is_made_and_lengths_do_not_matter_later():
    changes = present(declared("b", "a", length=64), stored(b=entry()), NOW, make)
    assert outcome(changes) == {"a": ("created",)}
    assert changes[0].after.current.value == "x" * 64 + "1" and changes[0].number == 1


def test_staged_values_are_added_and_stay():
    changes = present(declared("a", staged=True), stored(a=entry()), NOW, make)
    assert outcome(changes) == {"a": ("staged",)} and changes[0].after.staged.number == 2
    assert present(declared("a"), {"a": changes[0].after}, NOW, make) == []


def test_owner_and_consumers_follow_what_is_declared_and_stay_when_nothing_is():
    old = entry(owner="a", consumers=("x",))
    assert present(declared("a"), stored(a=old), NOW, make) == []
    changes = present(declared("a", owner="b", consumers=["z", "y"]), stored(a=old), NOW, make)
    assert outcome(changes) == {"a": ("described",)}
    assert (changes[0].after.owner, changes[0].after.consumers) == ("b", ("y", "z"))


def test_previous_values_are_forgotten_when_their_time_is_over():
    old = rotate(entry(), NOW, DAY, lambda number: Version(number, "z", NOW))
    assert present(declared("a"), stored(a=old), NOW, make) == []
    changes = present(declared("a"), stored(a=old), later(NOW, DAY), make)
    assert outcome(changes) == {"a": ("retired",)} and changes[0].after.previous is None


def test_rotation_of_named_secrets_and_folders_is_idempotent():
    entries = stored(a=entry(), f__b=entry(), f2__c=entry())
    changes = turn(declared("a", length=50), entries, under=["f"])
    assert outcome(changes) == {"a": ("rotated",), "f/b": ("rotated",)}
    values = {change.path: change.after.current.value for change in changes}
    # What is declared counts; in a folder the length of the value stays.
    assert values == {"a": "x" * 50 + "2", "f/b": "x" * 33 + "2"}
    after = {**entries, **{change.path: change.after for change in changes}}
    assert turn(declared("a"), after, under=["f"]) == []
    assert len(turn(declared("a"), after, under=["f"], force=True)) == 2


def test_rotation_of_what_is_not_there_says_how_to_make_it():
    with pytest.raises(CloudError, match="NXC-SECR-0001"):
        turn(declared("a"), {})


@pytest.mark.parametrize(
    ("kind", "value", "length"),
    [("password", "short", 12), ("hex", "ab" * 10, 20), ("uuid", "x", 36), ("x509_key", "-----", 0)],
)
def test_the_declaration_of_what_is_stored(kind, value, length):
    assert as_stored("a", Entry(kind, Version(1, value, NOW))).length == length


def test_another_kind_and_spoilt_values_are_refused_without_showing_them():
    entries = {
        "a": Entry("password", Version(1, "not good at all", NOW)),
        "b": Entry("uuid", Version(1, "x", NOW)),
    }
    with pytest.raises(CloudError) as caught:
        present(declared("a", "b"), entries, NOW, make)
    assert [problem.code for problem in caught.value.problems] == ["NXC-SECR-0010", "NXC-SECR-0007"]
    assert "not good" not in str(caught.value)


def test_absent_counts_whole_segments():
    entries = stored(a=entry(), f__b=entry(), f2__c=entry())
    assert [change.path for change in absent(["a", "nothing"], ["f"], entries)] == ["a", "f/b"]
    assert absent(["nothing"], ["g"], entries) == []


def test_difference_shows_digests_and_no_value():
    old = rotate(entry(staged=True, owner="me", consumers=("x",)), NOW, DAY, lambda number: Version(number, "", NOW))
    text = lines({"a": old}, lambda value: "digest-of-%d" % len(value))
    assert text.splitlines() == [
        "a (password)",
        "  current: version 2, digest-of-33",
        "  previous: version 1, digest-of-33",
        "  previous until: 2026-11-22T13:00:00Z",
        "  staged: version 3, not made yet",
        "  owner: me",
        "  consumers: x",
    ]


RECORDS = [{"path": "a", "version": 1, "action": "created"}, {"path": "b", "version": 2, "action": "rotated"}]


def test_the_audit_log_is_a_chain():
    log = audit.append(RECORDS, "")
    log += audit.append(RECORDS, log[-1])
    assert audit.broken_line(log) == 0 and audit.broken_line([]) == 0


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda log: [log[0].replace('"a"', '"c"'), *log[1:]], 2),
        (lambda log: [log[0], *log[2:]], 2),
        (lambda log: log[1:], 1),
        (lambda log: [log[1], log[0], *log[2:]], 1),
        (lambda log: [*log[:3], "{"], 4),
    ],
    ids=["changed", "removed", "first", "exchanged", "torn"],
)
def test_a_broken_chain_is_found_where_it_breaks(spoil, line):
    log = audit.append(RECORDS * 2, "")
    assert audit.broken_line(spoil(log)) == line


def test_changes_name_paths_and_numbers():
    changes = present(declared("a"), {}, NOW, make)
    assert dataclasses.replace(changes[0], after=None).number == 0
