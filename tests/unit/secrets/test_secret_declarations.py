# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declarations of secrets: checked together."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.declaration import (
    Declaration,
    is_path,
    parse_declarations,
    under,
)


def codes(call):
    with pytest.raises(CloudError) as caught:
        call()
    return [problem.code for problem in caught.value.problems]


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
        {"path": "f", "policy": {"digits": 40}},
        {"path": "g", "kind": "hex", "policy": {"digits": 1}},
    ]
    assert codes(lambda: parse_declarations(rows)) == [
        "NXC-SECR-0004",
        "NXC-SECR-0006",
        "NXC-SECR-0005",
        "NXC-SECR-0005",
        "NXC-SECR-0007",
        "NXC-SECR-0020",
        "NXC-SECR-0020",
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


def test_under_counts_whole_segments():
    paths = ["clouds/dev/a/b", "clouds/dev2/a", "clouds/dev", "mesos/x"]
    assert under(paths, ["clouds/dev"]) == ["clouds/dev/a/b"]
    assert under(paths, []) == []
