# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Driver static on machines that are there: claimed by a mark file, released again, and otherwise left alone."""

from __future__ import annotations

import pytest
from nodes_runner import SITE, Nodes, site_with, verbs

NODES = {name: {"address": row["address"]} for name, row in SITE["nodes"].items()}
STATIC = site_with(site="given", driver={"kind": "static"}, nodes=NODES)


@pytest.fixture(scope="module")
def machines(nodes):
    """Two machines with sshd; the driver under test does not know how they came to be."""
    nodes.ok()
    return nodes


def runner(machines, folder, name):
    scratch = folder / name
    scratch.mkdir()
    nodes = Nodes(machines.image, scratch / "state", scratch)

    def run(site=STATIC, **options):
        return nodes(site, ssh_args=machines.ssh_args(), **options)

    return run


def codes(result):
    return [problem["code"] for problem in result["problems"]]


def test_machines_are_claimed_once_and_released(machines, tmp_path):
    run = runner(machines, tmp_path, "one")
    assert verbs(run(check=True)) == [("claim", "n1"), ("claim", "n2")]
    assert machines.ssh("n1", "ls /etc/nextgen.cloud 2>&1 || true").endswith("No such file or directory\n")

    assert verbs(run()) == [("claim", "n1"), ("claim", "n2")]
    assert '"site": "given"' in machines.ssh("n2", "cat /etc/nextgen.cloud/site")
    assert run()["changed"] is False

    other = runner(machines, tmp_path, "two")
    assert codes(other()) == ["NXC-NODE-0003", "NXC-NODE-0003"], "same name, another site"
    assert codes(other({**STATIC, "site": "rival"})) == ["NXC-NODE-0002", "NXC-NODE-0002"]
    assert other(state="absent")["changed"] is False
    assert '"site": "given"' in machines.ssh("n1", "cat /etc/nextgen.cloud/site")

    assert verbs(run(state="absent")) == [("destroy", "n1"), ("destroy", "n2")]
    assert run(state="absent")["changed"] is False
    assert machines.ssh("n1", "ls /etc/nextgen.cloud") == ""


def test_half_claimed_site_is_completed(machines, tmp_path):
    run = runner(machines, tmp_path, "half")
    assert verbs(run({**STATIC, "nodes": {"n1": NODES["n1"]}})) == [("claim", "n1")]
    assert verbs(run()) == [("claim", "n2")]
    run(state="absent")


def test_unreachable_machine_is_refused_before_the_others_are_claimed(machines, tmp_path):
    run = runner(machines, tmp_path, "lost")
    nodes = {**NODES, "n3": {"address": SITE["nodes"]["n1"]["address"], "ssh": {"user": "root", "port": 2}}}
    result = run({**STATIC, "nodes": nodes})
    assert codes(result) == ["NXC-NODE-0005"]
    assert result["problems"][0]["retryable"] is True
    assert "refused" in result["problems"][0]["message"]
    assert machines.ssh("n1", "ls /etc/nextgen.cloud") == ""
