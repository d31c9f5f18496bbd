# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mesos on a closed ensemble: three masters, the replicated log and an agent, all logged in through the tunnel."""

from __future__ import annotations

from pathlib import Path

import pytest
from kazoo.exceptions import NoAuthError
from mesos_cluster import until
from mesos_scheduler import Scheduler
from zookeeper_ensemble import SECRETS, Ensemble, walk

FIRST, LOCAL, TUNNEL = 22850, 21860, 21850
SUPER = ("super", SECRETS["super"])
READ = 1


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    made = Ensemble(tmp_path_factory.mktemp("ensemble"), 3, FIRST, LOCAL, TUNNEL)
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture(scope="module")
def cluster(mesos_factory, ensemble):
    cluster = mesos_factory(zookeeper=ensemble.tunnel, masters=3, login="mesos:" + SECRETS["mesos"])
    try:
        yield cluster.start()
    finally:
        cluster.stop()


def test_masters_elect_replicate_and_find_agents_with_a_login(cluster, ensemble):
    with ensemble.client(*SUPER) as client:
        top = "/mesos/" + cluster.base.name
        assert len(client.get_children(top + "/log_replicas")) == 3
        assert len([name for name in client.get_children(top) if name.startswith("json.info")]) == 3


def test_what_mesos_makes_is_open_to_nobody(cluster, ensemble):
    with ensemble.client(*SUPER) as client:
        tree = dict(walk(client))
    for path, acls in tree.items():
        schemes = {acl.id.scheme for acl in acls}
        assert acls and schemes <= {"digest", "world"}, path
        assert not [acl for acl in acls if acl.id.scheme == "world" and acl.perms != READ], path
    assert ensemble.close_nodes() == [], "the walk leaves Mesos' own nodes as they are"
    (leader, *_others) = sorted(path for path in tree if "/json.info" in path)
    for login in (("mesos", "wrong"), ("nextgen", SECRETS["nextgen"])):
        with ensemble.client(*login) as client:
            for attempt in (
                lambda: client.set(leader, b"{}"),
                lambda: client.delete(leader),
                lambda: client.create(leader.rpartition("/")[0] + "/json.info_9", b"{}"),
            ):
                with pytest.raises(NoAuthError):
                    attempt()


def test_the_login_is_in_no_argument_answer_log_or_environment(cluster):
    scheduler = Scheduler(cluster, number=cluster.leader())
    secret = SECRETS["mesos"]
    try:
        scheduler.launch("seen", "sleep 60")
        scheduler.reached("seen", "TASK_RUNNING")
        found = []
        for pid in [daemon.pid for daemon in (*cluster.masters, *cluster.agents)] + cluster.processes():
            for part in ("cmdline", "environ"):
                if secret.encode() in Path("/proc", str(pid), part).read_bytes():
                    found.append((pid, part))
        assert not found
        for api in [cluster.api(address=address) for address in (cluster.addresses[cluster.leader()],)] + [
            cluster.agent_api()
        ]:
            flags = api.call("GET_FLAGS")[1]["get_flags"]["flags"]
            assert "zk://127.0.0.1" in str(flags), "it is shown where ZooKeeper is"
            for answer in (flags, api.get("/flags"), api.get("/state"), api.call("GET_STATE")):
                assert secret not in str(answer)
        for daemon in (*cluster.masters, *cluster.agents):
            assert secret not in daemon.text()
    finally:
        scheduler.teardown()


def test_a_lost_server_and_a_lost_leader_are_survived(cluster, ensemble):
    ensemble.servers[0].kill()
    before = cluster.leader()
    cluster.masters[before].kill()
    until(lambda: cluster.leader() != before, 30, "another leader")
    cluster.wait_agents(1, timeout=30)
    ensemble.servers[0].start()
    cluster.masters[before].start()
    ensemble.serves(0)


def test_a_master_with_a_wrong_login_makes_nothing_and_never_leads(cluster, mesos_factory, ensemble):
    other = mesos_factory(zookeeper=ensemble.tunnel, login="mesos:wrong")
    master = other.masters[0]
    master.start()
    try:
        until(lambda: "not authenticated" in master.text() or "Failed" in master.text(), 20, "a refusal in the log")
        with ensemble.client(*SUPER) as client:
            assert not client.exists("/mesos/" + other.base.name)
        assert "Elected as the leading master" not in master.text()
    finally:
        other.stop()
