# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the acceptance tests make of ``ss`` and of the port list."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.tests.acceptance.node_sockets import sockets
from ansible_collections.nextgen.cloud.tests.acceptance.port_list import missing, strays, table, unpublished

SS = """\
udp UNCONN 0      0                127.0.0.1:53    0.0.0.0:* users:(("dnsmasq",pid=10896,fd=6))
tcp LISTEN 0      4096            10.77.0.10:5050  0.0.0.0:* users:(("mesos-master",pid=10412,fd=7))
tcp LISTEN 0      50     [::ffff:10.77.0.10]:2181        *:* users:(("java",pid=10202,fd=35))
tcp LISTEN 0      128                   [::]:22       [::]:* users:(("sshd",pid=50,fd=4),("systemd",pid=1,fd=4))
udp UNCONN 0      0      [fe80::1]%eth0:546           [::]:* users:(("dhclient",pid=7,fd=4))
tcp LISTEN 0      128                      *:80           *:*
"""
SEEN = [
    {"protocol": "udp", "address": "127.0.0.1", "port": 53, "processes": ["dnsmasq"]},
    {"protocol": "tcp", "address": "10.77.0.10", "port": 5050, "processes": ["mesos-master"]},
    {"protocol": "tcp", "address": "10.77.0.10", "port": 2181, "processes": ["java"]},
    {"protocol": "tcp", "address": "::", "port": 22, "processes": ["sshd", "systemd"]},
    {"protocol": "udp", "address": "fe80::1", "port": 546, "processes": ["dhclient"]},
    {"protocol": "tcp", "address": "::", "port": 80, "processes": []},
]
ROW = {"protocol": "tcp", "ports": [5000, 5099], "bound": ["10.77.0.10"], "processes": ["mesos-master"], "optional": ""}


def test_sockets_are_read():
    assert sockets(SS) == SEEN


def test_a_socket_of_the_list_is_no_stray_and_its_row_not_missing():
    assert strays([SEEN[1]], [ROW]) == []
    assert missing([SEEN[1]], [ROW]) == []


@pytest.mark.parametrize(
    "change",
    [{"port": 5100}, {"protocol": "udp"}, {"address": "0.0.0.0"}, {"address": "::"}, {"processes": ["nc"]},
     {"processes": ["mesos-master", "nc"]}, {"processes": []}],
)  # fmt: skip
def test_a_socket_that_differs_in_anything_is_a_stray(change):
    other = {**SEEN[1], **change}
    assert strays([SEEN[1], other], [ROW]) == [other]
    assert missing([other], [ROW]) == [ROW]
    assert missing([other], [{**ROW, "optional": "there may be none"}]) == []


def test_a_container_shows_only_what_it_publishes():
    there = {"protocol": "tcp", "address": "0.0.0.0", "port": 3306, "processes": ["mariadbd"]}
    task = {"published": [["tcp", 3306]], "sockets": [there, {**there, "address": "127.0.0.1", "port": 9}]}
    assert unpublished(task) == []
    more = {**there, "port": 4444}
    assert unpublished({**task, "sockets": [there, more, {**there, "protocol": "udp"}]}) == [
        more, {**there, "protocol": "udp"},
    ]  # fmt: skip


def test_a_table_is_aligned():
    assert table([{"a": "x", "b": 10}], "a", "b") == "\na  b\nx  10"
