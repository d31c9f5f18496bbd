# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about names: what DNS, hosts, certificates and the inventory can bear, and which have to be known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import naming
from ..errors import Problem
from .draft import Draft
from .schema_words import ROLES
from .suggest import did_you_mean

GROUPS = ("all", "ungrouped", "nodes", "clouds", "pending", *ROLES)

_RESERVED = {
    **{name: "it is the name of an inventory group" for name in GROUPS},
    "localhost": "it means the controller",
    "registry": "it is the registry's name in the site's domain",
}
_RESERVED_FOR_CLOUDS = {
    **_RESERVED,
    "operator": "it is the principal of the collection itself",
    "agent": "it is the principal of the Mesos agents",
}


def name_problems(draft: Draft) -> Iterator[Problem]:
    """Reserved, colliding and, put together, overlong names."""
    yield from _reserved(draft)
    yield from _collisions(draft)
    yield from _lengths(draft)
    yield from _strangers(draft)


def _reserved(draft: Draft) -> Iterator[Problem]:
    for section, reserved in (("nodes", _RESERVED), ("clouds", _RESERVED_FOR_CLOUDS)):
        for name in draft.names(section):
            if name in reserved:
                yield draft.problem_at_key("NXC-SITE-0204", (section, name), name=name, reason=reserved[name])


def _collisions(draft: Draft) -> Iterator[Problem]:
    nodes = draft.names("nodes")
    for cloud in draft.names("clouds"):
        for name in (cloud, naming.cloud_host(cloud)):
            if name in nodes:
                other = draft.document.key_place(("nodes", name))
                path = ("clouds", cloud)
                yield draft.problem_at_key("NXC-SITE-0205", path, node=name, cloud=cloud, other=other, name=name)


def _strangers(draft: Draft) -> Iterator[Problem]:
    clouds = list(draft.names("clouds"))
    for name in draft.get("certificates", "clouds") or {}:
        if name not in clouds:
            path, hint = ("certificates", "clouds", name), did_you_mean(name, clouds)
            values = {"name": name, "known": ", ".join(clouds) or "none"}
            yield draft.problem_at_key("NXC-SITE-0701", path, hint=hint, **values)


def _lengths(draft: Draft) -> Iterator[Problem]:
    domain = draft.get("domain")
    if domain is None:
        return
    if not naming.is_domain(domain):
        yield draft.problem("NXC-SITE-0202", ("domain",), name=domain)
        return
    made = [("nodes", node, "The node '%s'" % node, naming.node_fqdn(node, domain)) for node in draft.names("nodes")]
    for cloud in draft.names("clouds"):
        what = "The certificate of the cloud '%s'" % cloud
        made.append(("clouds", cloud, what, naming.wildcard(cloud, domain)))
    for section, key, what, name in made:
        if len(name) > naming.HOSTNAME_MAX and naming.is_label(key):
            limits: dict[str, Any] = {"length": len(name), "limit": naming.HOSTNAME_MAX}
            yield draft.problem_at_key("NXC-SITE-0203", (section, key), what=what, name=name, **limits)
