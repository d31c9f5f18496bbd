# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes and instances to HAProxy text: golden file, map, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.edge import fragment, hostmap
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.edge.model import (
    parse_address,
    parse_cloud,
    parse_instances,
    parse_routes,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError

GOLDEN = Path(__file__).with_name("golden") / "dev.cfg"

KEYSTONE = {
    "schema": 1,
    "kind": "route",
    "cloud": "dev",
    "name": "keystone",
    "service": "keystone",
    "port": "api",
    "protocol": "https",
    "host": "keystone.dev.aio.test",
    "listen": 443,
    "container_port": 5000,
}
MARIADB = {
    "name": "mariadb",
    "service": "mariadb",
    "port": "sql",
    "protocol": "tcp",
    "host": "mariadb.dev.aio.test",
    "listen": 20003,
}
HEALTH = {"kind": "http", "port": "api", "path": "/healthcheck", "interval": 2, "timeout": 5}
SERVICES = [{"name": "keystone", "health": HEALTH}, {"name": "mariadb", "health": {"kind": "tcp", "port": "sql"}}]
INSTANCES = [
    {"task": "dev.keystone.1a.b", "service": "keystone", "port": "api", "address": "10.77.0.11", "host_port": 20105},
    {"task": "dev.keystone.1a.a", "service": "keystone", "port": "api", "address": "10.77.0.10", "host_port": 20104},
    {"task": "dev.mariadb.2b.a", "service": "mariadb", "port": "sql", "address": "10.77.0.10", "host_port": 20106},
    {"task": "dev.memcached.3c.a", "service": "memcached", "port": "kv", "address": "10.77.0.10", "host_port": 20107},
]


def text(routes, instances, services=()):
    parsed = parse_routes("dev", routes, services), parse_instances("dev", instances)
    return fragment.fragment("dev", *parsed, "10.77.0.10")


def test_golden():
    assert text([KEYSTONE, MARIADB], INSTANCES, SERVICES) == GOLDEN.read_text()


def test_the_servers_can_be_read_back():
    assert fragment.servers(GOLDEN.read_text()) == {
        ("10.77.0.10", 20104),
        ("10.77.0.10", 20106),
        ("10.77.0.11", 20105),
    }
    assert fragment.servers("") == set()


def test_order_of_input_does_not_matter():
    assert text([MARIADB, KEYSTONE], INSTANCES[::-1] + INSTANCES, SERVICES[::-1]) == GOLDEN.read_text()


def test_routed_are_the_tasks_that_a_route_leads_to():
    routes = parse_routes("dev", [KEYSTONE, MARIADB], [])
    assert fragment.routed(routes, parse_instances("dev", INSTANCES)) == [
        "dev.keystone.1a.a",
        "dev.keystone.1a.b",
        "dev.mariadb.2b.a",
    ]


def test_without_instances_there_is_an_explanation_and_no_server():
    lines = text([KEYSTONE], []).splitlines()
    assert not [line for line in lines if line.strip().startswith("server ")]
    (page,) = [line for line in lines if "http-error status 503" in line]
    assert "'dev'" in page and "'keystone'" in page


def test_without_routes_there_is_no_section():
    assert [line for line in text([], INSTANCES).splitlines() if not line.startswith("#")] == []


@pytest.mark.parametrize(
    "health",
    [None, {**HEALTH, "port": "admin"}, {"kind": "tcp", "port": "api"}, {"kind": "command", "command": ["x"]}],
    ids=["none", "otherport", "tcp", "command"],
)
def test_only_http_health_on_the_routed_port_is_asked(health):
    assert "httpchk" not in text([KEYSTONE], INSTANCES, [{"name": "keystone", "health": health}])


def test_the_map_keeps_the_lines_of_others():
    dev = parse_routes("dev", [KEYSTONE, MARIADB], [])
    qa = parse_routes("qa", [{**KEYSTONE, "host": "k.qa.aio.test"}], [])
    both = hostmap.merge(hostmap.merge("", "dev", dev), "qa", qa)
    assert hostmap.parse(both) == {"keystone.dev.aio.test": "dev.keystone", "k.qa.aio.test": "qa.keystone"}
    assert hostmap.merge(hostmap.merge("", "qa", qa), "dev", dev) == both
    assert hostmap.merge(both, "dev", []) == hostmap.merge("", "qa", qa)


def test_cloud_names_that_begin_alike_are_apart():
    dev2 = hostmap.merge("", "dev2", parse_routes("dev2", [{**KEYSTONE, "host": "k.dev2.aio.test"}], []))
    assert hostmap.merge(dev2, "dev", []) == dev2


def test_a_host_of_another_cloud_is_refused():
    taken = hostmap.merge("", "qa", parse_routes("qa", [KEYSTONE], []))
    with pytest.raises(CloudError, match="NXC-EDGE-0002"):
        hostmap.merge(taken, "dev", parse_routes("dev", [KEYSTONE], []))


BAD_ROUTES = [
    {"name": "a b"},
    {"name": None},
    {"service": "x\n"},
    {"port": ""},
    {"protocol": "http"},
    {"host": "keystone"},
    {"host": "Keystone.dev.aio.test"},
    {"host": "a.b\n server x"},
    {"host": 7},
    {"listen": 0},
    {"listen": 65536},
    {"listen": "443"},
    {"listen": True},
    {"health": {**HEALTH, "path": "/x y"}},
    {"health": {**HEALTH, "path": "/x\nserver"}},
]


@pytest.mark.parametrize("bad", BAD_ROUTES, ids=[str(bad) for bad in BAD_ROUTES])
def test_bad_routes(bad):
    with pytest.raises(CloudError, match="NXC-EDGE-0001"):
        text([{**KEYSTONE, **bad}], [])


BAD_INSTANCES = [{"task": "a\nb"}, {"address": "::1"}, {"address": "host"}, {"host_port": 70000}, {"host_port": None}]


@pytest.mark.parametrize("bad", BAD_INSTANCES, ids=[str(bad) for bad in BAD_INSTANCES])
def test_bad_instances(bad):
    with pytest.raises(CloudError, match="NXC-EDGE-0001"):
        text([KEYSTONE], [{**INSTANCES[0], **bad}])


def test_all_problems_come_together():
    with pytest.raises(CloudError) as caught:
        text([{**KEYSTONE, "host": "x", "listen": 0}, {**MARIADB, "protocol": "udp"}], [])
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    "other",
    [
        {**KEYSTONE, "host": "other.dev.aio.test"},
        {**KEYSTONE, "name": "other"},
        {**MARIADB, "name": "other"},
    ],
    ids=["name", "host", "port"],
)
def test_two_routes_cannot_share(other):
    with pytest.raises(CloudError, match="NXC-EDGE-0007"):
        text([KEYSTONE, MARIADB, other], [])


@pytest.mark.parametrize("cloud", ["", "Dev", "a.b", "../x", "-a", "a" * 64, "a\n"])
def test_bad_cloud_names(cloud):
    with pytest.raises(CloudError, match="NXC-EDGE-0001"):
        parse_cloud(cloud)


def test_bad_address():
    with pytest.raises(CloudError, match="NXC-EDGE-0001"):
        parse_address("dev", "0.0.0.0 ssl")
