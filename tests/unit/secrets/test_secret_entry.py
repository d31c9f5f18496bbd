# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries: parts, revisions, rotation with grace; moments and spans."""

from __future__ import annotations

import json

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import (
    Entry,
    Version,
    first,
    retire,
    rotate,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import (
    later,
    moment,
    parse_span,
    seconds_between,
)

NOW = "2026-11-21T13:00:00Z"
DAY = 86400


def make(number):
    return Version(number, "value-%d" % number, NOW)


def test_a_new_entry_shows_the_current_value_everywhere():
    entry = first("password", make)
    assert entry.parts(NOW) == {
        "": "value-1",
        "previous": "value-1",
        "staged": "value-1",
        "slot": "a",
        "previous_slot": "a",
    }


def test_rotation_keeps_the_previous_value_until_its_time_is_over():
    entry = rotate(first("password", make), NOW, DAY, make)
    inside, after = later(NOW, DAY - 1), later(NOW, DAY)
    assert entry.parts(inside)["previous"] == "value-1" and entry.parts(inside)["previous_slot"] == "a"
    assert entry.parts(inside)[""] == "value-2" and entry.parts(inside)["slot"] == "b"
    assert entry.parts(after)["previous"] == "value-2" and entry.parts(after)["previous_slot"] == "b"


def test_rotation_inside_of_the_window_changes_nothing_unless_forced():
    entry = rotate(first("password", make), NOW, DAY, make)
    assert rotate(entry, later(NOW, DAY - 1), DAY, make) is entry
    assert rotate(entry, later(NOW, DAY), DAY, make).current.number == 3
    forced = rotate(entry, NOW, DAY, make, force=True)
    assert (forced.current.value, forced.previous.value) == ("value-3", "value-2")


def test_without_grace_nothing_is_previous():
    entry = rotate(first("password", make), NOW, 0, make)
    assert entry.previous is None and entry.previous_until is None and entry.current.number == 2


def test_the_staged_value_becomes_current_and_another_is_staged():
    before = first("fernet", make, staged=True)
    after = rotate(before, later(NOW, 60), DAY, lambda number: Version(number, "fresh", NOW))
    assert (before.staged.number, before.staged.value) == (2, "value-2")
    assert (after.current.number, after.current.value, after.current.created) == (2, "value-2", later(NOW, 60))
    assert (after.staged.number, after.staged.value) == (3, "fresh")
    assert after.previous.value == "value-1"


def test_retiring_forgets_a_previous_value_whose_time_is_over():
    entry = rotate(first("password", make), NOW, DAY, make)
    assert retire(entry, NOW) is entry
    assert retire(entry, later(NOW, DAY)).previous is None


def test_the_revision_follows_every_part_and_no_value():
    entry = first("password", make)
    rotated = rotate(entry, NOW, DAY, make)
    revisions = [entry.revision(NOW), rotated.revision(NOW), rotated.revision(later(NOW, DAY))]
    assert len(set(revisions)) == 3 and all(len(one) == 12 for one in revisions)
    assert rotated.revision(later(NOW, DAY)) == retire(rotated, later(NOW, DAY)).revision(NOW)
    assert entry.revision(NOW) == first("password", lambda number: Version(number, "other", NOW)).revision(NOW)
    assert first("password", make, staged=True).revision(NOW) != entry.revision(NOW)


def test_public_halves_and_hashes_are_parts_of_the_kinds_that_have_them():
    key = Entry("ssh_ed25519", Version(1, "private", NOW, public="ssh-ed25519 AAAA"))
    assert key.parts(NOW)["public"] == "ssh-ed25519 AAAA" and "hash" not in key.parts(NOW)
    entry = rotate(
        Entry("htpasswd", Version(1, "x", NOW, hash="$2y$1")), NOW, DAY, lambda n: Version(n, "y", NOW, hash="$2y$2")
    )
    assert (entry.parts(NOW)["hash"], entry.parts(NOW)["previous_hash"]) == ("$2y$2", "$2y$1")


@pytest.mark.parametrize(
    "entry",
    [
        first("password", make),
        first("fernet", make, staged=True, owner="me", consumers=("a", "b")),
        rotate(first("password", make), NOW, DAY, make),
        Entry("htpasswd", Version(7, "x", NOW, hash="$2y$", public="p")),
    ],
    ids=["new", "staged", "rotated", "full"],
)
def test_json_and_back(entry):
    assert Entry.from_dict(json.loads(json.dumps(entry.as_dict()))) == entry


@pytest.mark.parametrize("row", [{}, {"kind": "x"}, {"kind": "x", "current": {"number": 1, "value": 5, "created": ""}}])
def test_rows_that_are_no_entry_are_refused(row):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Entry.from_dict(row)


def test_no_repr_shows_a_value():
    entry = rotate(first("password", make, staged=True), NOW, DAY, make)
    assert "value-" not in repr(entry)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("90s", 90), ("7d", 7 * DAY), ("1w2d", 9 * DAY), ("12h30m", 45000), ("0s", 0)],
)
def test_spans(text, seconds):
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "7", "d", "2d1w", "-1d", "1 d", "7days", "0.5h"])
def test_what_is_no_span(text):
    with pytest.raises(CloudError, match="NXC-SECR-0014"):
        parse_span(text)


def test_moments():
    assert moment(0) == "1970-01-01T00:00:00Z" and moment(86399.9) == "1970-01-01T23:59:59Z"
    assert later(NOW, DAY) == "2026-11-22T13:00:00Z" and seconds_between(later(NOW, 5), NOW) == -5
