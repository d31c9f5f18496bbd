# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about what clouds get: quotas that are nothing or more than there is, components that do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import units
from ..errors import Problem
from .document import Path, spell
from .draft import Draft
from .suggest import did_you_mean


def quota_problems(draft: Draft) -> Iterator[Problem]:
    """Sizes are whole MiB, quotas are not zero and fit into what the workers declare."""
    for path in _size_paths(draft):
        if draft.get(*path) is not None and draft.size(*path) is None:
            values = {"expected": "a whole number of MiB", "example": "1536MiB"}
            yield draft.problem("NXC-SITE-0106", path, where=spell(path), value=draft.get(*path), **values)
    for resource in ("cpus", "mem"):
        quotas = {cloud: _amount(draft, "clouds", cloud, "quota", resource) for cloud in draft.names("clouds")}
        for cloud, amount in quotas.items():
            if amount == 0:
                path = ("clouds", cloud, "quota", resource)
                yield draft.problem("NXC-SITE-0502", path, cloud=cloud, resource=resource)
        capacity = _capacity(draft, resource)
        if capacity is not None:
            yield from _overbooked(draft, resource, quotas, capacity)


def component_problems(draft: Draft) -> Iterator[Problem]:
    """Every component of every cloud is in a directory of components."""
    known = sorted(draft.components)
    for cloud in draft.names("clouds"):
        for name in draft.get("clouds", cloud, "components") or {}:
            if name not in draft.components:
                yield draft.problem_at_key(
                    "NXC-SITE-0503",
                    ("clouds", cloud, "components", name),
                    did_you_mean(name, known),
                    name=name,
                    cloud=cloud,
                    known=", ".join(known) or "none",
                )


def _size_paths(draft: Draft) -> Iterator[Path]:
    for node in draft.names("nodes"):
        yield ("nodes", node, "resources", "mem")
        yield ("nodes", node, "resources", "disk")
    for cloud in draft.names("clouds"):
        yield ("clouds", cloud, "quota", "mem")


def _amount(draft: Draft, *path: Any) -> float | None:
    """CPUs, or memory in MiB; None if it is absent or unreadable."""
    return draft.size(*path) if path[-1] == "mem" else draft.get(*path)


def _capacity(draft: Draft, resource: str) -> float | None:
    """What all workers declare together. None unless every one does: the rest is detected on the nodes later."""
    if not draft.roles_are_known():
        return None
    declared = [_amount(draft, "nodes", node, "resources", resource) for node in draft.with_role("worker")]
    known = [amount for amount in declared if amount is not None]
    return round(sum(known), 6) if known and len(known) == len(declared) else None


def _overbooked(draft: Draft, resource: str, quotas: dict[str, Any], capacity: float) -> Iterator[Problem]:
    """Shown once, at the first cloud in file order that does not fit any more."""
    total: float = 0
    over = None
    for cloud, amount in quotas.items():
        total = round(total + (amount or 0), 6)
        if over is None and total > capacity:
            over = cloud
    if over is None:
        return
    yield draft.problem(
        "NXC-SITE-0501",
        ("clouds", over, "quota", resource),
        clouds=", ".join(cloud for cloud, amount in quotas.items() if amount),
        resource=resource,
        sum=_spell(total, resource),
        capacity=_spell(capacity, resource),
    )


def _spell(amount: float, resource: str) -> str:
    return units.format_size(int(amount)) if resource == "mem" else str(amount)
