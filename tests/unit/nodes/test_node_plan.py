# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wanted × found things to actions and refusals, from tables."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.nodes.model import (
    BROKEN,
    NETWORK,
    NODE,
    READY,
    STOPPED,
    UNCLAIMED,
    UNREACHABLE,
    VOLUME,
    Item,
    Mark,
    Thing,
    parse_mark,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.nodes.plan import (
    adopted_mark,
    plan_absent,
    plan_present,
)

OURS = Mark("aio", "1111")
NAMESAKE = Mark("aio", "2222")
OTHER = Mark("lab", "3333")

NET = Item(NETWORK, "net", facts={"subnet": "10.9.0.0/24"})
DISK = Item(VOLUME, "disk", "n1")
MACHINE = Item(NODE, "machine", "n1", {"address": "10.9.0.10"})
ITEMS = (NET, DISK, MACHINE)


def found(item, state=READY, mark=OURS, **facts):
    return Thing(item.kind, item.name, state, mark, item.node, {**item.facts, **facts})


ALL = tuple(found(item) for item in ITEMS)


def steps(plan):
    return [(action.verb, action.name) for action in plan.actions if action.verb != "keep"]


def codes(call):
    with pytest.raises(CloudError) as caught:
        call()
    return [problem.code for problem in caught.value.problems]


def test_empty_world_is_made_in_order():
    made = [("create", "net"), ("create", "disk"), ("create", "machine"), ("start", "machine")]
    assert steps(plan_present(ITEMS, (), OURS)) == made


def test_complete_world_is_kept():
    plan = plan_present(ITEMS, ALL, OURS)
    assert plan.changes == ()
    assert [action.verb for action in plan.actions] == ["keep"] * 3


@pytest.mark.parametrize(
    ("state", "mark", "verbs"),
    [
        (READY, OURS, []),
        (STOPPED, OURS, ["start"]),
        (BROKEN, OURS, ["repair", "start"]),
        (UNCLAIMED, None, ["claim"]),
    ],
)
def test_state_decides_the_steps(state, mark, verbs):
    plan = plan_present((MACHINE,), (found(MACHINE, state, mark),), OURS)
    assert [action.verb for action in plan.changes] == verbs


def test_any_interruption_ends_in_the_same_world():
    """Whatever subset of the things a killed run left, and in whatever state the machine is, the rest is made."""
    for size in range(4):
        for left in itertools.combinations(ITEMS, size):
            for state in (READY, STOPPED, BROKEN):
                things = [found(item, state if item is MACHINE else READY) for item in left]
                plan = plan_present(ITEMS, things, OURS)
                created = {action.name for action in plan.actions if action.verb in ("create", "repair")}
                there = {thing.name for thing in things if thing.state != BROKEN}
                assert created | there == {"net", "disk", "machine"}
                assert not created & there
                started = ("start", "machine") in steps(plan)
                assert started == (not (MACHINE in left and state == READY))


@pytest.mark.parametrize(
    ("thing", "code"),
    [
        (found(MACHINE, mark=None), "NXC-NODE-0001"),
        (found(NET, mark=None), "NXC-NODE-0001"),
        (found(DISK, mark=None), "NXC-NODE-0001"),
        (found(MACHINE, BROKEN, None), "NXC-NODE-0001"),
        (found(MACHINE, mark=OTHER), "NXC-NODE-0002"),
        (found(NET, mark=OTHER), "NXC-NODE-0002"),
        (found(MACHINE, mark=NAMESAKE), "NXC-NODE-0003"),
        (found(MACHINE, mark=Mark("unreadable mark", "")), "NXC-NODE-0002"),
        (found(MACHINE, address="10.9.0.99"), "NXC-NODE-0004"),
        (found(NET, subnet="10.8.0.0/24"), "NXC-NODE-0004"),
        (found(MACHINE, UNREACHABLE, None), "NXC-NODE-0005"),
        (Thing(NETWORK, "foreign", READY, None, facts={"subnet": "10.9.0.128/25"}), "NXC-NODE-0006"),
        (Thing(NODE, "old", READY, OURS, "old", {"address": "10.9.0.10"}), "NXC-NODE-0007"),
    ],
)
def test_what_is_not_ours_is_refused(thing, code):
    assert codes(lambda: plan_present(ITEMS, (thing,), OURS)) == [code]


def test_all_refusals_come_together():
    things = (found(NET, mark=None), found(DISK, mark=OTHER), found(MACHINE, mark=NAMESAKE))
    assert codes(lambda: plan_present(ITEMS, things, OURS)) == ["NXC-NODE-0001", "NXC-NODE-0002", "NXC-NODE-0003"]


@pytest.mark.parametrize("subnet", ["10.10.0.0/24", "fd00::/64", ""])
def test_other_networks_do_not_matter(subnet):
    plan = plan_present(ITEMS, (*ALL, Thing(NETWORK, "foreign", READY, None, facts={"subnet": subnet})), OURS)
    assert plan.changes == ()


def test_surplus_stays_unless_pruned():
    old = (Thing(VOLUME, "old-disk", READY, OURS, "n0"), Thing(NODE, "old", READY, OURS, "n0"))
    plan = plan_present(ITEMS, (*ALL, *old), OURS)
    assert (plan.changes, plan.surplus) == ((), ("old", "old-disk"))
    pruned = plan_present(ITEMS, (*ALL, *old), OURS, prune=True)
    assert steps(pruned) == [("destroy", "old"), ("destroy", "old-disk")]
    assert pruned.surplus == ()


def test_pruning_frees_an_address_first():
    old = Thing(NODE, "old", READY, OURS, "old", {"address": "10.9.0.10"})
    assert steps(plan_present((MACHINE,), (old,), OURS, prune=True))[0] == ("destroy", "old")


def test_pruning_leaves_what_is_not_ours():
    others = (Thing(NODE, "x", READY, OTHER), Thing(NODE, "y", READY, NAMESAKE), Thing(NODE, "z", READY, None))
    assert steps(plan_present(ITEMS, (*ALL, *others), OURS, prune=True)) == []


def test_destroy_takes_exactly_ours_users_first():
    things = (
        *ALL,
        Thing(NODE, "old", STOPPED, OURS),
        Thing(NODE, "foreign", READY, None),
        Thing(NODE, "namesake", READY, NAMESAKE),
        Thing(NETWORK, "other", READY, OTHER),
        Thing(NODE, "free", UNCLAIMED, None),
    )
    taken = [("destroy", "machine"), ("destroy", "old"), ("destroy", "disk"), ("destroy", "net")]
    assert steps(plan_absent(things, OURS)) == taken


def test_destroy_of_nothing_is_nothing():
    assert plan_absent((), OURS).actions == ()


def test_destroy_refuses_what_it_cannot_see():
    assert codes(lambda: plan_absent((found(MACHINE, UNREACHABLE, None),), OURS)) == ["NXC-NODE-0005"]


@pytest.mark.parametrize(
    ("marks", "result"),
    [
        ([], OURS),
        ([OURS], OURS),
        ([NAMESAKE, NAMESAKE, OTHER, None], NAMESAKE),
        ([NAMESAKE, OURS], OURS),
        ([OTHER], OURS),
    ],
)
def test_lost_mark_is_adopted_when_there_is_one_candidate(marks, result):
    things = [Thing(NODE, "n%d" % index, READY, mark) for index, mark in enumerate(marks)]
    assert adopted_mark(things, OURS) == result


def test_mark_survives_its_file():
    assert parse_mark(OURS.to_line()) == OURS


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"site": "aio"}', "7", "null"])
def test_foreign_content_of_a_mark_file_is_nobodys_mark(text):
    assert parse_mark(text) not in (OURS, Mark("aio", ""))
