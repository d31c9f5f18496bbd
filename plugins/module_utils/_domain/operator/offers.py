# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do the offers at hand hold what the launches on an agent need?"""

from __future__ import annotations

from typing import Any, Iterable, Mapping

_EPSILON = 1e-6
_SCALARS = ("cpus", "mem", "disk")


def covers(offers: Iterable[Mapping[str, Any]], operations: Iterable[Mapping[str, Any]]) -> bool:
    """``offers`` of one agent against the operations of one ACCEPT: scalars, ports and volumes."""
    have = _sum(resource for offer in offers for resource in offer.get("resources") or ())
    need = _sum(_needed(operations))
    scalars = all(have[0][key] + _EPSILON >= need[0][key] for key in _SCALARS)
    return scalars and need[1] <= have[1] and need[2] <= have[2]


def _needed(operations: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """What has to be in the offer: a volume that is made first is needed as plain disk."""
    operations = list(operations)
    made: set[str] = set()
    for operation in operations:
        if operation["type"] == "RESERVE":
            for resource in operation["reserve"]["resources"]:
                yield {"name": "disk", "scalar": resource["scalar"]}
        elif operation["type"] == "CREATE":
            made.update(_volume(resource) for resource in operation["create"]["volumes"])
    for operation in operations:
        if operation["type"] == "LAUNCH":
            for info in operation["launch"]["task_infos"]:
                for resource in info["resources"]:
                    if _volume(resource) not in made or not _volume(resource):
                        yield resource


def _volume(resource: Mapping[str, Any]) -> str:
    return ((resource.get("disk") or {}).get("persistence") or {}).get("id", "")


def _sum(resources: Iterable[Mapping[str, Any]]) -> tuple[dict[str, float], set[int], set[str]]:
    """Sums of scalars that are not volumes, all ports, ids of all volumes."""
    scalars = dict.fromkeys(_SCALARS, 0.0)
    ports: set[int] = set()
    volumes: set[str] = set()
    for resource in resources:
        if _volume(resource):
            volumes.add(_volume(resource))
        elif resource["name"] in scalars and not _foreign(resource):
            scalars[resource["name"]] += float(resource["scalar"]["value"])
        elif resource["name"] == "ports":
            for item in resource["ranges"]["range"]:
                ports.update(range(int(item["begin"]), int(item["end"]) + 1))
    return scalars, ports, volumes


def _foreign(resource: Mapping[str, Any]) -> bool:
    """Reserved disk is not free disk."""
    return bool(resource.get("reservations"))
