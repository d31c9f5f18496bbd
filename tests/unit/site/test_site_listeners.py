# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The port list of a site: which sockets, on which node, bound to what."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.listeners import (
    ANY,
    AUTHENTICATIONS,
    LOOPBACK,
    NODE,
    TRANSPORTS,
    listeners,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.rules_ports import FIXED
from ansible_collections.nextgen.cloud.plugins.plugin_utils.site_file import load_site

ROOT = Path(__file__).resolve().parents[3]


def sample(name):
    return load_site(str(ROOT / "inventories" / name / "site.yml"))


def brief(rows, node):
    """``name protocol ports@class`` of the rows of one node."""
    return [
        "%s %s %s@%s" % (row["name"], row["protocol"], "-".join(map(str, sorted(set(row["ports"])))), row["address"])
        for row in rows
        if row["node"] == node
    ]


SSH = "ssh tcp 22@any"
LOCAL = "zookeeper behind its TLS tcp 2182@loopback"
TUNNEL = "zookeeper tunnel tcp 2181@loopback"
NAMES = ["names udp 53@node", "names udp 53@loopback", "names tcp 53@node", "names tcp 53@loopback"]
ENSEMBLE = [
    SSH, "zookeeper tcp 2281@node", LOCAL, "zookeeper quorum tcp 2888@node", "zookeeper election tcp 3888@node",
    TUNNEL, "mesos master tcp 5050@node",
]  # fmt: skip
LAB_EDGE = [
    SSH, "https routes tcp 443@node", "tcp routes of production tcp 20000-20099@node",
    "tcp routes of staging tcp 22000-22099@node", "tcp routes of testing tcp 23000-23099@node", *NAMES,
]  # fmt: skip
LAB_WORKER = [
    SSH, TUNNEL, "mesos agent tcp 5051@node", "tasks of production tcp 20100-21999@node",
    "tasks of staging tcp 22100-22999@node", "tasks of testing tcp 23100-23999@node",
]  # fmt: skip
AIO = [
    SSH, "zookeeper tcp 2281@node", LOCAL, TUNNEL, "mesos master tcp 5050@node", "registry tcp 5000@node",
    "mesos agent tcp 5051@node", "tasks of dev tcp 20100-20999@node", "tasks of qa tcp 21100-21999@node",
    "https routes tcp 443@node", "tcp routes of dev tcp 20000-20099@node", "tcp routes of qa tcp 21000-21099@node",
    *NAMES,
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "node", "wanted"),
    [
        ("aio", "aio-1", AIO),
        ("lab", "control-1", [*ENSEMBLE, "registry tcp 5000@node"]),
        ("lab", "control-3", ENSEMBLE),
        ("lab", "worker-2", LAB_WORKER),
        ("lab", "edge-2", LAB_EDGE),
    ],
)
def test_each_node_has_the_sockets_of_its_roles(name, node, wanted):
    assert brief(listeners(sample(name)), node) == wanted


def test_sockets_are_bound_to_the_address_of_their_node():
    site = sample("lab")
    rows = listeners(site)
    assert {row["node"] for row in rows} == set(site["nodes"])
    for row in rows:
        address = site["nodes"][row["node"]]["address"]
        assert row["bound"] == {NODE: [address], LOOPBACK: ["127.0.0.1", "::1"], ANY: ["0.0.0.0", "::"]}[row["address"]]


def test_ssh_is_where_the_owner_of_the_machine_put_it():
    site = sample("lab")
    site["nodes"]["edge-1"]["ssh"]["port"] = 2222
    rows = {row["node"]: row["ports"] for row in listeners(site) if row["name"] == "ssh"}
    assert rows["edge-1"] == [2222, 2222] and rows["edge-2"] == [22, 22]


def test_a_mesos_of_your_own_brings_its_executors_ports():
    site = sample("aio")
    assert "mesos executors" not in {row["name"] for row in listeners(site)}
    site["mesos"] = {"source": "package"}
    [executors] = [row for row in listeners(site) if row["name"] == "mesos executors"]
    assert executors["reason"] and executors["optional"] and executors["ports"] == [32768, 60999]


@pytest.mark.parametrize("name", ["aio", "lab"])
def test_whatever_is_not_closed_says_why(name):
    for row in listeners(sample(name)):
        assert row["transport"] in TRANSPORTS and row["authentication"] in AUTHENTICATIONS
        assert row["processes"] and row["peers"]
        if row["transport"] == "plain" or row["authentication"] == "none" or row["address"] == ANY:
            assert row["reason"], row


@pytest.mark.parametrize("name", ["aio", "lab"])
def test_no_port_is_promised_twice_at_an_address(name):
    rows = listeners(sample(name))
    taken = {}
    for row in rows:
        for port in range(row["ports"][0], row["ports"][1] + 1):
            for address in row["bound"]:
                key = (row["node"], row["protocol"], address, port)
                assert key not in taken, (taken.get(key), row["name"])
                taken[key] = row["name"]


def test_the_sites_range_for_tasks_is_refused_on_every_fixed_port():
    """What the rules of the site file keep clear of is what really listens."""
    rows = listeners(sample("lab"))
    fixed = {row["ports"][0] for row in rows if row["ports"][0] == row["ports"][1]} - {443}
    assert fixed <= set(FIXED)
