# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a site means for the driver podman, and the texts that nodes make necessary."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.nodes import podman
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.nodes.known_hosts import render_known_hosts


def site(**nodes):
    rows = nodes or {
        "n1": {"address": "10.9.0.10"},
        "n2": {"address": "10.9.0.11", "ssh": {"user": "root", "port": 22}},
    }
    return {"site": "aio", "driver": {"kind": "podman", "subnet": "10.9.0.0/24"}, "nodes": rows}


def test_things_of_a_site_in_the_order_of_making():
    things = [(item.kind, item.name, item.node, dict(item.facts)) for item in podman.items(site())]
    assert things == [
        ("network", "nextgen-aio", "", {"subnet": "10.9.0.0/24"}),
        ("volume", "nextgen-aio-n1-containers", "n1", {}),
        ("volume", "nextgen-aio-n1-mesos", "n1", {}),
        ("volume", "nextgen-aio-n2-containers", "n2", {}),
        ("volume", "nextgen-aio-n2-mesos", "n2", {}),
        ("node", "nextgen-aio-n1", "n1", {"address": "10.9.0.10"}),
        ("node", "nextgen-aio-n2", "n2", {"address": "10.9.0.11"}),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"address": "10.8.0.10"}, "NXC-NODE-0008"),
        ({"address": "10.9.0.0"}, "NXC-NODE-0008"),
        ({"address": "10.9.0.1"}, "NXC-NODE-0008"),
        ({"address": "10.9.0.10", "ssh": {"user": "debian", "port": 22}}, "NXC-NODE-0009"),
        ({"address": "10.9.0.10", "ssh": {"user": "root", "port": 2222}}, "NXC-NODE-0009"),
    ],
)
def test_nodes_that_podman_cannot_make_are_refused(row, code):
    with pytest.raises(CloudError) as caught:
        podman.items(site(bad=row))
    assert [problem.code for problem in caught.value.problems] == [code]


@pytest.mark.parametrize(
    ("unified", "installed", "runtime"),
    [
        (True, ["crun", "runc"], "crun"),
        (True, ["runc"], "runc"),
        (False, ["crun", "runc"], "runc"),
        (False, ["runc"], "runc"),
        (False, ["crun"], None),
        (True, [], None),
        (False, [], None),
    ],
)
def test_runtime_follows_the_control_groups(unified, installed, runtime):
    if runtime:
        assert podman.choose_runtime(unified, installed) == runtime
        return
    with pytest.raises(CloudError, match="NXC-NODE-0010"):
        podman.choose_runtime(unified, installed)


@pytest.mark.parametrize(
    ("nofile", "nproc", "line"),
    [
        (20000, 1000, '"nofile=20000:20000", "nproc=1000:1000"'),
        (1048576, 96365, '"nofile=65536:65536", "nproc=32768:32768"'),
        (-1, -1, '"nofile=65536:65536", "nproc=32768:32768"'),
    ],
)
def test_limits_never_exceed_what_this_process_has(nofile, nproc, line):
    text = podman.engine_settings("runc", "cgroupfs", nofile, nproc)
    assert "default_ulimits = [%s]\n" % line in text
    assert 'runtime = "runc"\ncgroup_manager = "cgroupfs"\n' in text


def test_word_for_an_image_or_its_own_reference():
    images = {"debian-12": "localhost/nextgen-node:abc"}
    assert podman.image_reference("debian-12", images) == "localhost/nextgen-node:abc"
    assert podman.image_reference("registry.test/mine:1", images) == "registry.test/mine:1"


def test_known_hosts_is_the_same_for_any_order():
    one = {"10.9.0.11": ["ssh-rsa BBB root@n2"], "10.9.0.10": ["ssh-rsa AAA root@n1", "ssh-ed25519 CCC root@n1"]}
    other = {"10.9.0.10": ["ssh-ed25519 CCC x", "ssh-rsa AAA x"], "10.9.0.11": ["ssh-rsa BBB"]}
    text = "10.9.0.10 ssh-ed25519 CCC\n10.9.0.10 ssh-rsa AAA\n10.9.0.11 ssh-rsa BBB\n"
    assert render_known_hosts(one) == render_known_hosts(other) == text
    assert render_known_hosts({}) == ""


def test_hardware_addresses_are_lasting_and_private():
    address = podman.hardware_address("aio", "aio-1")
    assert address == podman.hardware_address("aio", "aio-1") == "02:%s" % address[3:]
    assert len(address) == 17
    assert len({podman.hardware_address("aio", "n%d" % index) for index in range(200)}) == 200
