# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wanted things and found things to an ordered list of actions, or to refusals.

Pure: a driver observes before and applies after. Every refusal of a plan is collected,
so nothing has been changed when one is raised.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Iterable, Iterator, Sequence

from ..errors import CloudError, Problem
from .model import (
    CREATE,
    DESTROY,
    KEEP,
    NETWORK,
    NODE,
    START,
    UNCLAIMED,
    UNREACHABLE,
    VERBS,
    VOLUME,
    Action,
    Item,
    Mark,
    Thing,
)

# Taken away in this order: a machine uses its volumes and its network.
_REMOVAL = {NODE: 0, VOLUME: 1, NETWORK: 2}


@dataclass(frozen=True)
class Plan:
    """Actions in the order of their doing, and names of own things that the site no longer wants."""

    actions: tuple[Action, ...]
    surplus: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Action, ...]:
        """The actions that change something."""
        return tuple(action for action in self.actions if action.verb != KEEP)


def adopted_mark(things: Iterable[Thing], mark: Mark) -> Mark:
    """The mark to go on with when the site's own was lost: the one that all things of the site's name carry.

    With things of several sites of that name it is not for us to choose, and ``mark`` stays.
    """
    found = {thing.mark for thing in things if thing.mark and thing.mark.site == mark.site}
    return found.pop() if len(found) == 1 else mark


def plan_present(items: Sequence[Item], things: Sequence[Thing], mark: Mark, *, prune: bool = False) -> Plan:
    """What makes all ``items`` exist. Own things that are no longer wanted stay and are named, unless ``prune``."""
    found = {(thing.kind, thing.name): thing for thing in things}
    wanted = {(item.kind, item.name) for item in items}
    surplus = _in_removal_order(
        thing for thing in things if thing.mark == mark and (thing.kind, thing.name) not in wanted
    )
    stays = () if prune else surplus

    problems = [problem for item in items for problem in _objections(item, found.get((item.kind, item.name)), mark)]
    problems += _overlaps(items, things)
    problems += _taken_addresses(items, stays)
    if problems:
        raise CloudError(problems)

    doomed = surplus if prune else ()
    actions = [_removal(thing, "is no longer in the site file") for thing in doomed]
    for item in items:
        actions += _steps(item, found.get((item.kind, item.name)))
    return Plan(tuple(actions), tuple(thing.name for thing in stays))


def plan_absent(things: Sequence[Thing], mark: Mark) -> Plan:
    """What removes everything that carries the mark, and nothing else."""
    problems = [_unreachable(thing) for thing in things if thing.state == UNREACHABLE]
    if problems:
        raise CloudError(problems)
    own = _in_removal_order(thing for thing in things if thing.mark == mark)
    return Plan(tuple(_removal(thing, "belongs to the site") for thing in own))


def _steps(item: Item, thing: Thing | None) -> list[Action]:
    if thing is None:
        verbs: tuple[str, ...] = (CREATE, START) if item.kind == NODE else (CREATE,)
        reason = "is missing"
    else:
        verbs, reason = VERBS[thing.state]
    return [Action(verb, item.kind, item.name, item.node, reason) for verb in verbs]


def _removal(thing: Thing, reason: str) -> Action:
    return Action(DESTROY, thing.kind, thing.name, thing.node, reason)


def _in_removal_order(things: Iterable[Thing]) -> tuple[Thing, ...]:
    return tuple(sorted(things, key=lambda thing: (_REMOVAL[thing.kind], thing.name)))


def _objections(item: Item, thing: Thing | None, mark: Mark) -> Iterator[Problem]:
    """Why the thing found under the item's name cannot be used."""
    if thing is None:
        return
    if thing.state == UNREACHABLE:
        yield _unreachable(thing)
    elif thing.mark is None and thing.state != UNCLAIMED:
        yield Problem("NXC-NODE-0001", {"kind": thing.kind, "name": thing.name, "site": mark.site})
    elif thing.mark is not None and thing.mark != mark:
        values = {"kind": thing.kind, "name": thing.name, "other": thing.mark.site, "site": mark.site}
        yield Problem("NXC-NODE-0003" if thing.mark.site == mark.site else "NXC-NODE-0002", values)
    else:
        for fact in sorted(item.facts):
            if fact in thing.facts and thing.facts[fact] != item.facts[fact]:
                values = {"kind": thing.kind, "name": thing.name, "fact": fact}
                yield Problem("NXC-NODE-0004", {**values, "found": thing.facts[fact], "wanted": item.facts[fact]})


def _unreachable(thing: Thing) -> Problem:
    return Problem("NXC-NODE-0005", {"name": thing.name, "detail": thing.detail or "no answer"})


def _overlaps(items: Iterable[Item], things: Iterable[Thing]) -> Iterator[Problem]:
    """Wanted networks whose addresses another network of this machine already has."""
    wanted = [item for item in items if item.kind == NETWORK]
    for thing in things:
        for item in wanted:
            if thing.kind != NETWORK or thing.name == item.name or not thing.facts.get("subnet"):
                continue
            if _overlap(item.facts["subnet"], thing.facts["subnet"]):
                values = {"subnet": item.facts["subnet"], "name": thing.name, "other": thing.facts["subnet"]}
                yield Problem("NXC-NODE-0006", values)


def _overlap(one: str, other: str) -> bool:
    first, second = ipaddress.ip_network(one, strict=False), ipaddress.ip_network(other, strict=False)
    return first.version == second.version and first.overlaps(second)


def _taken_addresses(items: Iterable[Item], stays: Iterable[Thing]) -> Iterator[Problem]:
    """Wanted addresses that a machine holds which the site no longer lists."""
    holders = {thing.facts["address"]: thing.name for thing in stays if thing.facts.get("address")}
    for item in items:
        if item.facts.get("address") in holders:
            address = item.facts["address"]
            yield Problem("NXC-NODE-0007", {"node": item.node, "address": address, "name": holders[address]})
