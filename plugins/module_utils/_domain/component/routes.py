# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports of a cloud's TCP routes at the edge, and the names routes have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Place
from ..naming import service_name
from .model import Component, Findings

ROUTE_PORTS = 100


@dataclass(frozen=True)
class Route:
    """A route of one cloud. ``host`` is the full name, ``listen`` the port at the edge, ``url`` both with a scheme."""

    name: str
    component: str
    declaration: Mapping[str, Any]
    host: str
    listen: int
    container_port: int

    def __str__(self) -> str:
        return self.url

    @property
    def port(self) -> int:
        return self.listen

    @property
    def url(self) -> str:
        kind = self.declaration["kind"]
        usual = kind == "https" and self.listen == 443
        return "%s://%s%s" % (kind, self.host, "" if usual else ":%d" % self.listen)


def route_range(pool: Sequence[int]) -> tuple[int, int]:
    """First and last port for TCP routes: the first 100 of the pool, or its first half if it is small."""
    first, last = pool
    count = min(ROUTE_PORTS, (last - first + 1) // 2)
    return first, first + count - 1


def tcp_ports(names: Sequence[str], first: int, last: int) -> dict[str, int]:
    """A port for each name: by its digest, so that a new route moves no other, except when two want the same.

    The caller has made sure that there are no more names than ports.
    """
    size = last - first + 1
    taken: dict[int, str] = {}
    for name in sorted(names):
        slot = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") % size
        while slot in taken:
            slot = (slot + 1) % size
        taken[slot] = name
    return {name: first + slot for slot, name in taken.items()}


def routes_of(
    site: Mapping[str, Any], cloud: str, components: Sequence[Component], findings: Findings, place: Place
) -> dict[str, Route]:
    """Route name -> Route for all components of a cloud; their references are known to be right."""
    declared = {name: (one, route) for one in components for name, route in one.section("routes").items()}
    tcp = [name for name, (_one, route) in declared.items() if route["kind"] == "tcp"]
    first, last = route_range(site["clouds"][cloud]["ports"])
    if len(tcp) > last - first + 1:
        findings.add("NXC-COMP-0024", place=place, cloud=cloud, routes=len(tcp), ports=last - first + 1)
        return {}
    ports = tcp_ports(tcp, first, last)
    return {
        name: Route(
            name,
            one.name,
            route,
            service_name(route.get("host", name), cloud, site["domain"]),
            ports.get(name, site["edge"]["port"]),
            one.section("services")[route["service"]]["ports"][route["port"]],
        )
        for name, (one, route) in sorted(declared.items())
    }
