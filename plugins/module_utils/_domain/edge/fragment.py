# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HAProxy text of one cloud: a backend per route, and a frontend per tcp route.

The https frontend, timeouts and headers that all clouds share are in the base
configuration (role ``edge``); a fragment holds nothing but whole sections, because
HAProxy reads every file of its folder from a section's boundary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .model import HttpCheck, Instance, Route

_HEAD = "# Cloud %s. Written by nextgen.cloud.edge from the running tasks; what is changed here is lost.\n"

# A dead server is out after two failed checks (2 s); until then the retries below find another one.
_SERVER_DEFAULTS = "default-server check inter 1s fastinter 500ms fall 2 rise 1"

# Connections of tcp routes (database sessions in pools) may be idle for long.
_TCP_IDLE = "1h"


def backend_name(cloud: str, route: str) -> str:
    """``dev.keystone``: cloud names have no dot, so the cloud is what is before the first one."""
    return "%s.%s" % (cloud, route)


def fragment(cloud: str, routes: Iterable[Route], instances: Sequence[Instance], address: str) -> str:
    """The text for ``clouds.d/<cloud>.cfg``. ``address``: of the edge, which tcp routes listen on."""
    sections = []
    for route in routes:
        servers = behind(route, instances)
        if route.protocol == "tcp":
            sections.append(_section("frontend", cloud, route, _tcp_frontend(cloud, route, address)))
            sections.append(_section("backend", cloud, route, _tcp_backend() + _servers(servers)))
        else:
            sections.append(_section("backend", cloud, route, _http_backend(cloud, route) + _servers(servers)))
    return _HEAD % cloud + "".join(sections)


def behind(route: Route, instances: Iterable[Instance]) -> list[Instance]:
    """The instances that a route leads to."""
    return [one for one in instances if (one.service, one.port) == (route.service, route.port)]


def routed(routes: Sequence[Route], instances: Iterable[Instance]) -> list[str]:
    """Ids of the tasks that at least one route leads to."""
    ends = {(route.service, route.port) for route in routes}
    return sorted({one.task for one in instances if (one.service, one.port) in ends})


def _section(kind: str, cloud: str, route: Route, lines: Iterable[str]) -> str:
    return "\n%s %s\n%s" % (kind, backend_name(cloud, route.name), "".join("    %s\n" % line for line in lines))


def _tcp_frontend(cloud: str, route: Route, address: str) -> list[str]:
    return [
        "mode tcp",
        "bind %s:%d" % (address, route.listen),
        "option tcplog",
        "timeout client %s" % _TCP_IDLE,
        "default_backend %s" % backend_name(cloud, route.name),
    ]


def _tcp_backend() -> list[str]:
    return [
        "mode tcp",
        "balance leastconn",
        "option redispatch 1",
        "retries 3",
        "timeout server %s" % _TCP_IDLE,
        # Sessions to a dead server end at once, so that clients connect anew to a living one.
        _SERVER_DEFAULTS + " on-marked-down shutdown-sessions",
    ]


def _http_backend(cloud: str, route: Route) -> list[str]:
    text = "503: no running instance of service '%s' of cloud '%s' answers for %s. Deploy again or look at its status."
    return [
        "mode http",
        "balance leastconn",
        "option redispatch 1",
        "retries 3",
        "retry-on conn-failure empty-response",
        # A request that may have been acted on is repeated only if acting twice does no harm.
        "http-request disable-l7-retry unless METH_GET",
        'http-error status 503 content-type "text/plain" string "%s\\n"' % (text % (route.service, cloud, route.host)),
        *_http_check(route.check, route.host),
        _SERVER_DEFAULTS,
    ]


def _http_check(check: HttpCheck | None, host: str) -> list[str]:
    if check is None:
        return []
    return [
        "option httpchk",
        "http-check send meth GET uri %s ver HTTP/1.1 hdr Host %s" % (check.uri, host),
        "http-check expect status 200-399",
        "timeout check %dms" % round(check.timeout * 1000),
    ]


def servers(text: str) -> set[tuple[str, int]]:
    """Address and port of every server in the text of a fragment."""
    found = (line.split()[2].rpartition(":") for line in text.splitlines() if line.startswith("    server "))
    return {(address, int(port)) for address, _colon, port in found}


def _servers(instances: Iterable[Instance]) -> list[str]:
    return ["server %s %s:%d" % (one.task, one.address, one.host_port) for one in instances]
