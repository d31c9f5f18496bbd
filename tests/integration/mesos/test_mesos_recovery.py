# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes on when a master, an agent or ZooKeeper's leader dies."""

from __future__ import annotations

import signal
import time

import pytest
from mesos_cluster import until
from mesos_scheduler import Scheduler, SchedulerError


@pytest.fixture(scope="module")
def cluster(mesos_factory):
    """A cluster of this module's own, because its daemons are killed."""
    cluster = mesos_factory().start()
    yield cluster
    cluster.stop()


@pytest.fixture
def scheduler(cluster):
    """A framework that is gone after its test, whatever happened."""
    scheduler = Scheduler(cluster)
    yield scheduler
    cluster.api("operator").call("TEARDOWN", framework_id={"value": scheduler.framework})


def subscribe_again(scheduler, addresses, timeout=20):
    """As soon as some master takes the framework back."""

    def attempt():
        for address in addresses:
            try:
                scheduler.connect(address)
                return True
            except (SchedulerError, OSError, TypeError, AttributeError):
                continue
        return False

    until(attempt, timeout, "a master that takes the framework back")


def test_tasks_outlive_the_agent_and_report_what_happened_meanwhile(cluster, scheduler, open_path):
    agent = cluster.agents[0]
    beats = open_path / "beats"
    launched = scheduler.launch("long", "while true; do echo >> %s; sleep 0.1; done" % beats)
    scheduler.launch("short", "sleep 1.5")
    scheduler.reached("long", "TASK_RUNNING")
    scheduler.reached("short", "TASK_RUNNING")
    until(beats.exists, 5, "the first beat")
    agent.kill(signal.SIGKILL)
    before = beats.stat().st_size
    time.sleep(2)  # the short task ends while there is no agent
    assert beats.stat().st_size > before + 5
    agent.start()
    scheduler.reached("short", "TASK_FINISHED", timeout=15)
    assert "TASK_LOST" not in scheduler.states("long")
    assert "TASK_FAILED" not in scheduler.states("long")
    size = beats.stat().st_size
    until(lambda: beats.stat().st_size > size, 5, "the long task's beat")
    # The executor listens to the new agent.
    cluster.wait_agents(1)
    scheduler.kill("long", launched["agent_id"])
    assert scheduler.reached("long", "TASK_KILLED", timeout=15)


def test_a_master_alone_comes_back_with_its_registry_and_its_frameworks(cluster, scheduler):
    scheduler.launch("kept", "sleep 60")
    scheduler.reached("kept", "TASK_RUNNING")
    cluster.masters[0].kill(signal.SIGKILL)
    cluster.masters[0].start()
    cluster.leader()
    subscribe_again(scheduler, cluster.addresses)
    assert "Recovered 1 agents from the registry" in cluster.masters[0].text()
    cluster.wait_agents(1)
    scheduler.call("RECONCILE", tasks=[])
    status = scheduler.wait(
        lambda: [u for u in scheduler.updates if u.get("reason") == "REASON_RECONCILIATION"], 5, "reconciliation"
    )
    assert [(u["task_id"]["value"], u["state"]) for u in status] == [("kept", "TASK_RUNNING")]


def test_tasks_go_on_without_their_scheduler_and_wait_with_their_news(cluster, scheduler):
    scheduler.launch("alone", "sleep 0.7")
    scheduler.reached("alone", "TASK_RUNNING")
    scheduler.disconnect()
    time.sleep(1)
    assert "TASK_FINISHED" not in scheduler.states("alone")
    scheduler.connect(cluster.master)
    scheduler.reached("alone", "TASK_FINISHED")


def test_a_teardown_leaves_no_process(cluster, scheduler):
    scheduler.launch("leaves", "sleep 60 & sleep 60")
    scheduler.reached("leaves", "TASK_RUNNING")
    daemons = {daemon.pid for daemon in [*cluster.masters, *cluster.agents]}
    assert set(cluster.processes()) - daemons
    scheduler.teardown()
    until(lambda: not set(cluster.processes()) - daemons, 15, "end of all tasks")


def test_an_elected_master_is_replaced_and_tasks_stay(mesos_factory, zookeeper_server):
    cluster = mesos_factory(zookeeper=zookeeper_server.address, masters=3).start()
    try:
        first = cluster.leader()
        scheduler = Scheduler(cluster, number=first)
        scheduler.launch("steady", "sleep 120")
        scheduler.reached("steady", "TASK_RUNNING")
        # A replica that has not joined the log yet cannot make a majority with the only other one that is left.
        for master in cluster.masters:
            until(lambda text=master.text: "Persisted replica status to VOTING" in text(), 20, "a replica that votes")
        cluster.masters[first].kill(signal.SIGKILL)
        others = [address for number, address in enumerate(cluster.addresses) if number != first]
        subscribe_again(scheduler, others)
        second = cluster.leader()
        assert second != first
        agent = cluster.wait_agents(1)[0]
        assert agent["agent_info"]["attributes"][0]["text"]["value"] == "node0"
        # The replicated log was written by another master: the new leader has the agent from it.
        assert "Recovered 1 agents from the registry" in cluster.masters[second].text()
        cluster.masters[first].start()
        scheduler.kill("steady", agent["agent_info"]["id"])
        scheduler.reached("steady", "TASK_KILLED")
        scheduler.teardown()
    finally:
        cluster.stop()


def test_without_authentication_everybody_may(mesos_factory):
    cluster = mesos_factory(auth=False).start()
    try:
        cluster.base.chmod(0o755)
        cluster.base.parent.chmod(0o755)
        scheduler = Scheduler(cluster)
        scheduler.launch("user", {"value": "id -un > /dev/fd/1; sleep 0", "user": "nobody"})
        assert scheduler.reached("user", "TASK_FINISHED")["message"] == "Command exited with status 0"
        logs = list(cluster.base.glob("agent0/work/slaves/*/frameworks/*/executors/user/runs/*/stdout"))
        assert logs[0].read_text() == "nobody\n"
        scheduler.teardown()
    finally:
        cluster.stop()


def test_wrong_flags_are_refused_as_mesos_does(mesos_factory):
    cluster = mesos_factory(auth=False)
    agent = cluster.add_agent(nosuch="1")
    agent.start()
    assert agent.exit_code() == 1
    assert "Failed to load unknown flag 'nosuch'" in agent.text()
    agent = cluster.add_agent(hooks="x")
    agent.start()
    assert agent.exit_code() == 1
    assert "does not support --hooks" in agent.text()
