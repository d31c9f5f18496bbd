# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declarations of secrets: checked together, generated once."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.declaration import (
    Declaration,
    Secret,
    generate,
    is_path,
    missing,
    parse_declarations,
    under,
)


def codes(call):
    with pytest.raises(CloudError) as caught:
        call()
    return [problem.code for problem in caught.value.problems]


def fixed(size):
    return (b"\x00\x1a\x34" * size)[:size]


def test_defaults():
    assert parse_declarations([{"path": "a"}, {"path": "b", "kind": "fernet"}]) == [
        Declaration("a", "password", 32),
        Declaration("b", "fernet", 44),
    ]


def test_the_same_declaration_twice_is_one():
    assert len(parse_declarations([{"path": "a"}, {"path": "a", "kind": "password", "length": 32}])) == 1


def test_all_problems_come_together():
    rows = [
        {"path": "a", "kind": "pasword"},
        {"path": "../b"},
        {"path": "c", "length": 3},
        {"path": "d", "kind": "uuid", "length": 12},
        {"path": "e", "length": 20},
        {"path": "e", "length": 21},
    ]
    assert codes(lambda: parse_declarations(rows)) == [
        "NXC-SECR-0004",
        "NXC-SECR-0006",
        "NXC-SECR-0005",
        "NXC-SECR-0005",
        "NXC-SECR-0007",
    ]


def test_a_misspelt_kind_gets_a_suggestion():
    with pytest.raises(CloudError, match="Did you mean 'password'"):
        parse_declarations([{"path": "a", "kind": "pasword"}])


@pytest.mark.parametrize(
    ("path", "good"),
    [
        ("clouds/dev/keystone/database_password", True),
        ("mesos/principals/agent", True),
        ("", False),
        ("/a", False),
        ("a/", False),
        ("a//b", False),
        ("a/../b", False),
        (".a", False),
        ("a/.b", False),
        ("-a", False),
        ("a b", False),
        ("a\n", False),
        ("a" * 256, False),
    ],
)
def test_paths(path, good):
    assert is_path(path) is good


def test_only_what_is_missing_is_generated_and_lengths_do_not_matter_later():
    declared = parse_declarations([{"path": "b"}, {"path": "a"}, {"path": "old", "length": 64}])
    absent = missing(declared, {"old": Secret("password", "x" * 32)})
    assert [one.path for one in absent] == ["a", "b"]
    made = generate(absent, fixed)
    assert sorted(made) == ["a", "b"] and made["a"].kind == "password"


def test_another_kind_is_refused():
    declared = parse_declarations([{"path": "a", "kind": "uuid"}])
    assert codes(lambda: missing(declared, {"a": Secret("password", "x" * 32)})) == ["NXC-SECR-0007"]


def test_a_spoilt_value_is_refused_without_showing_it():
    declared = parse_declarations([{"path": "a"}])
    with pytest.raises(CloudError) as caught:
        missing(declared, {"a": Secret("password", "not good at all")})
    assert caught.value.problems[0].code == "NXC-SECR-0010"
    assert "not good" not in str(caught.value)


def test_no_repr_shows_a_value():
    assert "geheim" not in repr(Secret("password", "geheim"))


def test_under_counts_whole_segments():
    paths = ["clouds/dev/a/b", "clouds/dev2/a", "clouds/dev", "mesos/x"]
    assert under(paths, ["clouds/dev"]) == ["clouds/dev/a/b"]
    assert under(paths, []) == []
