# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which components come into a cloud, in which order, and circles among names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import Place
from ..site.suggest import did_you_mean
from .model import Component, Findings, Locate, listing


def closure(
    asked: Iterable[str], catalogue: Mapping[str, Component], findings: Findings, cloud: str, locate_site: Locate
) -> list[Component]:
    """The asked components and all they require, required before requiring, otherwise by name."""
    graph: dict[str, list[str]] = {}
    waiting = []
    for name in sorted(asked):
        if name in catalogue:
            waiting.append(name)
        else:
            place = locate_site(["clouds", cloud, "components", name])
            _unknown(findings, "Cloud '%s'" % cloud, name, catalogue, place)
    while waiting:
        name = waiting.pop()
        if name in graph:
            continue
        graph[name] = []
        for index, required in enumerate(catalogue[name].document["requires"]):
            if required in catalogue:
                graph[name].append(required)
                waiting.append(required)
            else:
                place = catalogue[name].locate(["requires", index])
                _unknown(findings, "Component '%s'" % name, required, catalogue, place)
    order, circle = in_order(graph)
    if circle:
        place = catalogue[circle[0]].locate(["requires"])
        findings.add("NXC-COMP-0010", place=place, circle=" -> ".join(circle))
    return [catalogue[name] for name in order]


def _unknown(findings: Findings, asker: str, name: str, catalogue: Mapping[str, Component], place: Place) -> None:
    hint = did_you_mean(name, catalogue)
    findings.add("NXC-COMP-0009", place=place, hint=hint, asker=asker, name=name, known=listing(catalogue))


def reach(component: Component, among: Mapping[str, Component]) -> list[Component]:
    """The component and everything it requires, directly or not, by name; only from ``among``."""
    found: dict[str, Component] = {}
    waiting = [component.name]
    while waiting:
        name = waiting.pop()
        if name in among and name not in found:
            found[name] = among[name]
            waiting.extend(among[name].document["requires"])
    return [found[name] for name in sorted(found)]


def in_order(graph: Mapping[str, Iterable[str]]) -> tuple[list[str], list[str]]:
    """(names with required ones first, otherwise by name; one circle as ``[a, b, a]`` or nothing)."""
    left = {name: set(needs) for name, needs in graph.items()}
    order: list[str] = []
    while left:
        free = sorted(name for name, needs in left.items() if not needs & set(left))
        if not free:
            return order, _circle(left)
        order.append(free[0])
        del left[free[0]]
    return order, []


def _circle(left: Mapping[str, set[str]]) -> list[str]:
    """Every name in ``left`` waits for another one in it, so a walk must come back."""
    path = [min(left)]
    while path.count(path[-1]) == 1:
        path.append(min(left[path[-1]] & set(left)))
    return path[path.index(path[-1]) :]
