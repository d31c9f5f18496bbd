# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which access lists of ZooKeeper's nodes are good, and what takes the place of the others."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.filter.zookeeper_digest import FilterModule
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.znodes import (
    ALL,
    READ,
    Grant,
    closed,
    digest,
    is_open,
    owner,
)

USERS = {"mesos": ["mesos:new", "mesos:old"], "nextgen": ["nextgen:n"]}
WORLD, LOOK = Grant("world", "anyone", ALL), Grant("world", "anyone", READ)
NEW, OLD = Grant("digest", "mesos:new", ALL), Grant("digest", "mesos:old", ALL)
OURS, READS = Grant("digest", "nextgen:n", ALL), Grant("digest", "nextgen:n", READ)
THEIRS = Grant("digest", "they:x", ALL)
CERTIFICATE = Grant("x509", "CN=worker", ALL)


def test_a_digest_is_that_of_zookeepers_own_documentation():
    assert digest("super", "admin") == "super:xQJmxLMiHGwaqBvst5y6rkB6HQs="
    assert FilterModule().filters()["zookeeper_digest"]("admin", "super") == digest("super", "admin")


@pytest.mark.parametrize(
    ("path", "user"),
    [
        ("/", ""),
        ("/mesos", "mesos"),
        ("/mesos/log_replicas/1", "mesos"),
        ("/mesosphere", ""),
        ("/nextgen/aio", "nextgen"),
        ("/zookeeper/config", ""),
    ],
)
def test_trees_have_owners(path, user):
    assert owner(path) == user


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ((), True),
        ((WORLD,), True),
        ((LOOK, Grant("world", "anyone", 4)), True),
        ((LOOK, NEW), False),
        ((THEIRS,), False),
    ],
)
def test_open_is_what_everyone_may_change(grants, expected):
    assert is_open(grants) is expected


@pytest.mark.parametrize(
    ("path", "grants", "expected"),
    [
        # as Mesos makes them, before and after a new secret; readable ones stay readable
        ("/mesos/json.info_1", {NEW, LOOK}, None),
        ("/mesos/json.info_1", {NEW, OLD, LOOK}, None),
        ("/mesos/json.info_1", {OLD, LOOK}, {NEW, OLD, LOOK}),
        ("/mesos", {NEW, OLD}, None),
        ("/mesos", {WORLD}, {NEW, OLD}),
        ("/mesos/log_replicas", {NEW, LOOK, CERTIFICATE}, {NEW, OLD, LOOK}),
        ("/mesos/log_replicas", set(), {NEW, OLD}),
        # ours are for us alone
        ("/nextgen/aio/clouds/dev/framework", {OURS}, None),
        ("/nextgen/aio/clouds/dev/framework", {OURS, LOOK}, {OURS}),
        ("/nextgen/aio/clouds/dev/framework", {OURS, THEIRS}, {OURS}),
        ("/nextgen", {WORLD}, {OURS}),
        # nobody's may be looked at
        ("/", {WORLD}, {READS}),
        ("/", {READS}, None),
        ("/zookeeper/config", {LOOK}, {READS}),
        ("/zookeeper/quota", {WORLD}, {READS}),
        # somebody else's: only if open
        ("/theirs", {THEIRS, LOOK}, None),
        ("/theirs", {THEIRS, WORLD}, {READS}),
    ],
)
def test_a_node_gets_the_list_that_it_should_have(path, grants, expected):
    made = closed(path, frozenset(grants), USERS)
    assert made == (None if expected is None else frozenset(expected))
    if made is not None:
        assert closed(path, made, USERS) is None, "and keeps it"
