# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does a cloud fit into its quota? Counted as Mesos counts: with the executor of every task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import Place
from .model import Findings

EXECUTOR_CPUS = 0.1
EXECUTOR_MEM = 32
"""MiB; both are what the agent adds for the executor that runs a task."""

_UNITS = {"cpus": "", "mem": " MiB"}


def check_quota(cloud: Mapping[str, Any], works: Sequence[Mapping[str, Any]], findings: Findings, place: Place) -> None:
    """``cloud`` and ``works`` are manifests. All services run at once; beside them there must be room for the
    largest thing that comes and goes: a job (one at a time) or the second instance of a service that surges."""
    for resource, extra in (("cpus", EXECUTOR_CPUS), ("mem", EXECUTOR_MEM)):
        services, passing = 0.0, {"nothing": 0.0}
        for work in works:
            one = work["resources"][resource] + extra
            if work["kind"] == "service":
                services += one * work["instances"]
            if work["kind"] == "job" or (work["update"] == "surge" and work["instances"]):
                passing["%s %s" % (work["kind"], work["name"])] = one
        largest = min(passing, key=lambda name: (-passing[name], name))
        needed = round(services + passing[largest], 4)
        quota = cloud["quota"][resource]
        if needed > quota:
            unit = _UNITS[resource]
            parts = (_number(services) + unit, largest, _number(passing[largest]) + unit)
            detail = "all services %s, and the largest that comes and goes beside them, %s, %s" % parts
            findings.add(
                "NXC-COMP-0023",
                place=place,
                cloud=cloud["name"],
                needed=_number(needed) + unit,
                resource=resource,
                quota=_number(quota) + unit,
                detail=detail,
            )


def _number(value: float) -> str:
    return ("%.4f" % value).rstrip("0").rstrip(".")
