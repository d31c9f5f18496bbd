# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every place for secrets has to do: the encrypted file, a KV-v2 server, etcd and Barbican, all real but KV-v2."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.declaration import parse_declarations
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry, Version
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.kinds import KINDS
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import generate
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Conflict

NOW = "2026-01-01T00:00:00Z"
LATER = "2026-02-01T00:00:00Z"
MARK = "Gb7-never-shown"


def entry(value: str, number: int = 1) -> Entry:
    return Entry("password", Version(number, value, NOW))


def values(backend, paths=None) -> dict[str, str]:
    return {path: stored.entry.current.value for path, stored in backend.read(paths).items()}


def test_an_empty_place_has_nothing(place):
    backend = place.open()
    assert backend.read(None) == {} and backend.read(["clouds/dev/a"]) == {} and backend.read([]) == {}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_comes_back_as_it_was(place, kind):
    declared = parse_declarations([{"path": "site/x/%s" % kind, "kind": kind}])[0]
    one, two, three = (generate.version(declared, number, NOW) for number in (1, 2, 3))
    full = Entry(kind, two, one, LATER, three, "mariadb", ("keystone", "häuser"))
    place.open().write({declared.path: full, "site/x/plain": Entry(kind, one)}, {})
    found = place.open().read([declared.path, "site/x/plain"])
    assert {path: stored.entry for path, stored in found.items()} == {
        declared.path: full,
        "site/x/plain": Entry(kind, one),
    }


def test_everything_is_listed_whatever_the_path(place):
    paths = ["a", "mesos/principals/dev", "clouds/dev/a_b/c.d-e", "clouds/dev/axb/c.d-e", "/".join("abcdefghijkl")]
    backend = place.open()
    backend.write({path: entry("value of %s" % path) for path in paths}, {})
    assert values(place.open()) == {path: "value of %s" % path for path in paths}
    assert values(place.open(), [paths[2], "clouds/dev", "nowhere"]) == {paths[2]: "value of %s" % paths[2]}


def test_places_do_not_see_each_other(place):
    place.open().write({"a": entry("x")}, {})
    if "prefix" in place.settings:
        place.settings = {**place.settings, "prefix": place.settings["prefix"] + "-2"}
    else:
        place.state_dir = place.state_dir.with_name("other")
    assert place.open().read(None) == {}


def test_an_entry_that_was_removed_is_absent_and_can_come_back(place):
    backend = place.open()
    backend.write({"a": entry("first"), "b": entry("stays")}, {})
    backend.write({"a": None}, backend.read(["a"]))
    assert values(place.open()) == {"b": "stays"} and backend.read(["a"]) == {}
    backend.write({"a": None}, {})
    backend.write({"a": entry("second")}, {})
    assert values(place.open()) == {"a": "second", "b": "stays"}


def test_what_was_seen_before_a_removal_is_a_conflict(place):
    backend = place.open()
    backend.write({"a": entry("first")}, {})
    seen = backend.read(["a"])
    backend.write({"a": None}, seen)
    with pytest.raises(Conflict):
        backend.write({"a": entry("second", 2)}, seen)
    backend.write({"a": entry("third")}, {})
    with pytest.raises(Conflict):
        backend.write({"a": entry("second", 2)}, seen)
    assert values(place.open()) == {"a": "third"}


def test_the_slower_of_two_writers_is_told(place):
    one, other = place.open(), place.open()
    one.write({"a": entry("first"), "b": entry("b")}, {})
    seen = other.read(["a", "b"])
    one.write({"a": entry("second", 2)}, one.read(["a"]))
    for change in (entry("third", 3), None):
        with pytest.raises(Conflict) as refused:
            other.write({"a": change}, seen)
        assert refused.value.path == "a"
    with pytest.raises(Conflict):
        other.write({"a": entry("as if it were new")}, {})
    with pytest.raises(Conflict):
        other.write({"a": None}, {})
    assert values(place.open()) == {"a": "second", "b": "b"}
    other.write({"a": entry("third", 3), "b": None}, other.read(None))
    assert values(place.open()) == {"a": "third"}


def test_writers_at_once_lose_nothing(place):
    rounds, names = 4, ("one", "two", "three")
    writers = [place.writer(name, str(rounds)) for name in names]
    outputs = [writer.communicate(timeout=120)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * len(names), outputs
    found = place.open().read(None)
    assert found.pop("common/counter").entry.current.number == rounds * len(names)
    own = ["writers/%s/%d" % (name, turn) for name in names for turn in range(rounds)]
    assert {path: stored.entry.current.value for path, stored in found.items()} == {
        path: "value of %s" % path for path in own
    }


def test_more_entries_than_a_page_or_a_transaction(place):
    wanted = {"many/%03d" % number: "value %d" % number for number in range(place.many)}
    backend = place.open()
    backend.write({path: entry(value) for path, value in wanted.items()}, {})
    assert values(place.open()) == wanted
    assert values(place.open(), list(wanted)) == wanted


def test_large_values_come_back(place):
    large = "-----BEGIN\n" + "ä" * 3000 + "\n-----END\n"
    full = replace(entry(large), previous=Version(1, large, NOW), previous_until=LATER)
    place.open().write({"a": full}, {})
    assert place.open().read(["a"])["a"].entry == full


def test_values_beyond_what_a_server_takes_are_refused(server_place):
    backend = server_place.open()
    with pytest.raises(CloudError) as refused:
        backend.write({"a": entry(MARK * 200000)}, {})
    assert [problem.code for problem in refused.value.problems] == ["NXC-SECR-0048"]
    assert MARK not in str(refused.value) and server_place.open().read(None) == {}


def test_what_is_no_entry_is_refused_without_being_shown(place):
    place.open().write({"good": entry("x")}, {})
    place.plant("bad", '{"password": "%s"}' % MARK)
    for paths in (None, ["bad"]):
        with pytest.raises(CloudError) as refused:
            place.open().read(paths)
        assert {problem.code for problem in refused.value.problems} == {place.unreadable}
        assert "bad" in str(refused.value) and MARK not in str(refused.value)
    if place.settings["backend"] != "file":  # which is sealed as a whole
        assert values(place.open(), ["good"]) == {"good": "x"}


def test_a_place_that_fails_says_so_without_values_and_comes_back(place):
    backend = place.open()
    backend.write({"a": entry(MARK)}, {})
    seen = backend.read(["a"])
    place.fail()
    try:
        for attempt in (lambda: place.open().read(["b"]), lambda: backend.write({"a": entry(MARK + "2", 2)}, seen)):
            with pytest.raises(CloudError) as refused:
                attempt()
            problem = refused.value.problems[0]
            assert problem.code == place.failing and MARK not in str(refused.value)
    finally:
        place.heal()
    # The login of before may have been forgotten by the server: it is made again.
    backend.write({"b": entry("later")}, {})
    assert values(backend, ["b"]) == {"b": "later"}
