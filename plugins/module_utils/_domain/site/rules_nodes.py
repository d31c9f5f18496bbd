# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about nodes: the roles a site needs, attributes, addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from ..errors import Problem
from .addresses import allocate, parse_subnet, reserved
from .document import spell
from .draft import Draft

NEEDED = ("control", "worker", "edge")


def role_problems(draft: Draft) -> Iterator[Problem]:
    """A site needs every role of ``NEEDED``, and an odd number of control nodes."""
    if not draft.roles_are_known():
        return
    for role in NEEDED:
        if not draft.with_role(role):
            yield draft.problem_at_key("NXC-SITE-0211", ("nodes",), role=role)
    control = draft.with_role("control")
    if control and len(control) % 2 == 0:
        path = ("nodes", control[-1], "roles")
        yield draft.problem("NXC-SITE-0212", path, count=len(control), names=", ".join(control))


def attribute_problems(draft: Draft) -> Iterator[Problem]:
    """The attribute ``node`` is ours."""
    for node in draft.names("nodes"):
        if "node" in (draft.get("nodes", node, "attributes") or {}):
            yield draft.problem_at_key("NXC-SITE-0214", ("nodes", node, "attributes", "node"))


def ssh_problems(draft: Draft) -> Iterator[Problem]:
    """Keys and known hosts of machines that we make are ours."""
    kind = draft.get("driver", "kind")
    for node in draft.names("nodes") if kind == "podman" else ():
        for key in ("private_key", "known_hosts"):
            if key in (draft.get("nodes", node, "ssh") or {}):
                path = ("nodes", node, "ssh", key)
                condition = "'driver.kind: %s'" % kind
                yield draft.problem_at_key("NXC-SITE-0108", path, key=key, where=spell(path[:-1]), condition=condition)


def address_problems(draft: Draft) -> Iterator[Problem]:
    """Every node has an address of its own, where the driver can give it to the node."""
    given: dict[str, ipaddress.IPv4Address] = {}
    for node in draft.names("nodes"):
        path = ("nodes", node, "address")
        address = draft.get(*path)
        if address is None:
            continue
        try:
            given[node] = ipaddress.IPv4Address(address)
        except ValueError:
            where = "nodes.%s.address" % node
            yield draft.problem("NXC-SITE-0301", path, where=where, value=address)
    kind = draft.get("driver", "kind")
    if kind == "podman":
        yield from _in_subnet(draft, given)
        return
    if kind == "static":
        yield from _unaddressed(draft)
    yield from _duplicates(draft, given)


def _unaddressed(draft: Draft) -> Iterator[Problem]:
    for node in draft.names("nodes"):
        if "address" not in draft.get("nodes", node):
            yield draft.problem_at_key("NXC-SITE-0307", ("nodes", node), node=node)


def _in_subnet(draft: Draft, given: dict[str, ipaddress.IPv4Address]) -> Iterator[Problem]:
    text = draft.get_or_default("driver", "subnet")
    if text is None:
        yield from _duplicates(draft, given)
        return
    try:
        subnet = parse_subnet(text)
    except ValueError as error:
        where = ("driver", "subnet")
        yield draft.problem("NXC-SITE-0302", where, where="driver.subnet", value=text, reason=error)
        return
    yield from _unusable(draft, subnet, given)
    allocated = _allocated(draft, subnet)
    for node, address in allocated.items():
        if address is None:
            yield draft.problem_at_key("NXC-SITE-0306", ("nodes", node), subnet=subnet, node=node)
    yield from _duplicates(draft, {**allocated, **given})


def _unusable(
    draft: Draft, subnet: ipaddress.IPv4Network, given: dict[str, ipaddress.IPv4Address]
) -> Iterator[Problem]:
    for node, address in given.items():
        path = ("nodes", node, "address")
        reason = reserved(address, subnet)
        if address not in subnet:
            yield draft.problem("NXC-SITE-0304", path, node=node, address=address, subnet=subnet)
        elif reason:
            yield draft.problem("NXC-SITE-0305", path, node=node, address=address, subnet=subnet, reason=reason)


def _allocated(draft: Draft, subnet: ipaddress.IPv4Network) -> dict[str, ipaddress.IPv4Address | None]:
    """Node → what it gets, for those that ask for nothing; None if there is nothing left."""
    asking = {node for node in draft.names("nodes") if "address" not in draft.get("nodes", node)}
    return {node: allocate(subnet, index) for index, node in enumerate(draft.get("nodes") or {}) if node in asking}


def _duplicates(draft: Draft, addresses: Mapping[str, ipaddress.IPv4Address | None]) -> Iterator[Problem]:
    """``addresses`` may hold allocated ones; the problem is shown where somebody wrote an address."""
    owner: dict[ipaddress.IPv4Address, str] = {}
    for node in draft.names("nodes"):
        address = addresses.get(node)
        if address is None:
            continue
        first = owner.setdefault(address, node)
        if first != node:
            if draft.get("nodes", node, "address") is None:
                first, node = node, first
            other = draft.document.key_place(("nodes", first))
            path = ("nodes", node, "address")
            yield draft.problem("NXC-SITE-0303", path, first=first, other=other, second=node, address=address)
