# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about ports: ranges that are none, pools that overlap, leave the site's range or are too small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import naming, units
from ..errors import Problem
from .document import Path, spell
from .draft import Draft

POOL_MIN = 200  # the first 100 are for routes on the edge, the others for tasks

# What listens on nodes besides tasks and routes.
FIXED = {
    22: "SSH",
    53: "the name server",
    naming.ZOOKEEPER_PORT: "ZooKeeper",
    2182: "ZooKeeper",
    2281: "ZooKeeper",
    2888: "ZooKeeper",
    3888: "ZooKeeper",
    naming.REGISTRY_PORT: "the registry",
    naming.MASTER_PORT: "the Mesos master",
    naming.AGENT_PORT: "the Mesos agent",
}


def port_problems(draft: Draft) -> Iterator[Problem]:
    """All rules of this file."""
    pools = {name: ("clouds", name, "ports") for name in draft.names("clouds")}
    for path in (("ports",), *pools.values()):
        if draft.get(*path) is not None and draft.ports(*path) is None:
            limits: dict[str, Any] = {"low": units.PORT_MIN, "high": units.PORT_MAX}
            yield draft.problem("NXC-SITE-0401", path, where=spell(path), value=draft.get(*path), **limits)
    yield from _collisions(draft)
    readable = {name: ports for name, path in pools.items() if (ports := draft.ports(*path))}
    yield from _pools(draft, readable)
    yield from _overlaps(draft, readable)


def _collisions(draft: Draft) -> Iterator[Problem]:
    edge = draft.get_or_default("edge", "port")
    site = draft.ports("ports")
    if edge in FIXED:
        yield draft.problem("NXC-SITE-0406", ("edge", "port"), port=edge, owner=FIXED[edge])
    if site is None:
        return
    for port, owner in {**FIXED, edge: "the edge"}.items():
        if port is not None and site[0] <= port <= site[1]:
            path: Path = ("ports",) if draft.get("ports") is not None else ("edge", "port")
            yield draft.problem("NXC-SITE-0405", path, ports=units.format_ports(site), port=port, owner=owner)


def _pools(draft: Draft, pools: dict[str, tuple[int, int]]) -> Iterator[Problem]:
    site = draft.ports("ports")
    for name, pool in pools.items():
        path = ("clouds", name, "ports")
        count = pool[1] - pool[0] + 1
        if count < POOL_MIN:
            yield draft.problem("NXC-SITE-0404", path, cloud=name, count=count, minimum=POOL_MIN)
        if site is not None and not (site[0] <= pool[0] and pool[1] <= site[1]):
            values = {"ports": units.format_ports(pool), "site": units.format_ports(site)}
            yield draft.problem("NXC-SITE-0403", path, cloud=name, **values)


def _overlaps(draft: Draft, pools: dict[str, tuple[int, int]]) -> Iterator[Problem]:
    """Each pool is compared with the one before it, by first port, that reaches furthest."""
    written = list(pools)
    widest = None
    for name in sorted(pools, key=lambda cloud: pools[cloud]):
        if widest is not None and pools[name][0] <= pools[widest][1]:
            overlap = pools[name][0], min(pools[name][1], pools[widest][1])
            first, second = sorted((widest, name), key=written.index)
            yield draft.problem(
                "NXC-SITE-0402",
                ("clouds", second, "ports"),
                first=first,
                second=second,
                other=draft.document.place(("clouds", first, "ports")),
                overlap=units.format_ports(overlap),
            )
        if widest is None or pools[name][1] > pools[widest][1]:
            widest = name
