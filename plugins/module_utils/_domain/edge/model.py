# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the edge has to know: routes of a cloud and the running instances behind them.

Everything is checked here because it ends up in a configuration file: no field can
carry a blank, a quote or a newline further.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import CloudError, Problem

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,127})")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
_URI = re.compile(r"/[A-Za-z0-9._~/?&=+,:@-]*")

CHECK_TIMEOUT = 2.0


@dataclass(frozen=True)
class HttpCheck:
    """How to ask a server for its health. ``timeout`` in seconds."""

    uri: str
    timeout: float


@dataclass(frozen=True)
class Route:
    """A way into a cloud. ``protocol``: https (by name) or tcp (by the port ``listen`` on the edge)."""

    name: str
    service: str
    port: str
    protocol: str
    host: str
    listen: int
    check: HttpCheck | None = None


@dataclass(frozen=True, order=True)
class Instance:
    """A running, healthy task and where one port of its service can be reached."""

    task: str
    service: str
    port: str
    address: str
    host_port: int


def parse_cloud(cloud: str) -> str:
    """``cloud`` itself if it can be a DNS label."""
    if not _LABEL.fullmatch(cloud):
        raise CloudError(_problem(cloud, "cloud", cloud, "the name", cloud, "a DNS label"))
    return cloud


def parse_address(cloud: str, address: str) -> str:
    """``address`` itself if it is an IPv4 address."""
    if not _is_address(address):
        raise CloudError(_problem(cloud, "address", address, "it", address, "an IPv4 address"))
    return address


def parse_routes(cloud: str, routes: Iterable[Mapping[str, Any]], services: Iterable[Mapping[str, Any]]) -> list[Route]:
    """Route manifests → routes sorted by name. ``services``: manifests, of which ``name`` and ``health`` are read.

    All problems are raised together.
    """
    health = {service.get("name"): service.get("health") for service in services}
    problems: list[Problem] = []
    found: list[Route] = []
    for row in sorted(routes, key=lambda row: str(row.get("name"))):
        wrong = [_problem(cloud, "route", str(row.get("name")), *bad) for bad in _flaws(row)]
        problems.extend(wrong)
        if not wrong:
            found.append(_route(cloud, row, row.get("health") or health.get(row["service"])))
    problems.extend(_clashes(cloud, found))
    if problems:
        raise CloudError(problems)
    return found


def _problem(cloud: str, what: str, name: str, field: str, value: object, wanted: str) -> Problem:
    values = {"what": what, "name": name, "cloud": cloud, "field": field, "value": value, "wanted": wanted}
    return Problem("NXC-EDGE-0001", values)


def _flaws(row: Mapping[str, Any]) -> list[tuple[str, object, str]]:
    """(field, value, what was wanted) for each field of a route that cannot be used."""
    flaws: list[tuple[str, object, str]] = []
    for field in ("name", "service", "port"):
        if not _is_text(row.get(field), _NAME):
            flaws.append((field, row.get(field), "a name"))
    if row.get("protocol") not in ("https", "tcp"):
        flaws.append(("protocol", row.get("protocol"), "https or tcp"))
    if not _is_text(row.get("host"), _HOST):
        flaws.append(("host", row.get("host"), "a host name with its domain, in lower case"))
    if not _is_port(row.get("listen")):
        flaws.append(("listen", row.get("listen"), "a port number"))
    return flaws


def _route(cloud: str, row: Mapping[str, Any], health: Mapping[str, Any] | None) -> Route:
    return Route(
        name=row["name"],
        service=row["service"],
        port=row["port"],
        protocol=row["protocol"],
        host=row["host"],
        listen=row["listen"],
        check=_check(cloud, row, health),
    )


def _check(cloud: str, row: Mapping[str, Any], health: Mapping[str, Any] | None) -> HttpCheck | None:
    """The service's own HTTP health check, if it asks the very port that is routed over HTTP."""
    if not health or health.get("kind") != "http" or health.get("port") != row["port"] or row["protocol"] != "https":
        return None
    uri = str(health.get("path") or "/")
    if not _URI.fullmatch(uri):
        raise CloudError(_problem(cloud, "route", row["name"], "health.path", uri, "a plain path"))
    return HttpCheck(uri, float(health.get("timeout") or CHECK_TIMEOUT))


def _clashes(cloud: str, routes: Iterable[Route]) -> list[Problem]:
    """Two routes with one name, one host (https) or one port (tcp)."""
    taken: dict[str, Route] = {}
    problems = []
    for route in routes:
        by = "the host %s" % route.host if route.protocol == "https" else "the port %d" % route.listen
        for claim in ("the name %s" % route.name, by):
            other = taken.setdefault(claim, route)
            if other is not route:
                values = {"cloud": cloud, "name": other.name, "other": route.name, "what": claim}
                problems.append(Problem("NXC-EDGE-0007", values))
    return problems


def parse_instances(cloud: str, rows: Iterable[Mapping[str, Any]]) -> list[Instance]:
    """``{task, service, port, address, host_port}`` mappings → instances in a stable order."""
    problems: list[Problem] = []
    found: set[Instance] = set()
    for row in rows:
        wrong = [_problem(cloud, "instance", str(row.get("task")), *bad) for bad in _instance_flaws(row)]
        problems.extend(wrong)
        if not wrong:
            found.add(Instance(row["task"], row["service"], row["port"], row["address"], row["host_port"]))
    if problems:
        raise CloudError(problems)
    return sorted(found)


def _instance_flaws(row: Mapping[str, Any]) -> list[tuple[str, object, str]]:
    flaws: list[tuple[str, object, str]] = []
    for field in ("task", "service", "port"):
        if not _is_text(row.get(field), _NAME):
            flaws.append((field, row.get(field), "a name"))
    if not _is_address(str(row.get("address"))):
        flaws.append(("address", row.get("address"), "an IPv4 address"))
    if not _is_port(row.get("host_port")):
        flaws.append(("host_port", row.get("host_port"), "a port number"))
    return flaws


def _is_text(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536


def _is_address(value: str) -> bool:
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return False
    return True
