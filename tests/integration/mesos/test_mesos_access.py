# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what: authentication, and the ACLs of the role mesos_master."""

from __future__ import annotations

import time

import pytest
from mesos_scheduler import Scheduler, SchedulerError


def test_the_api_refuses_strangers_and_wrong_secrets(mesos_cluster):
    api = mesos_cluster.api("operator")
    assert api.call("GET_MASTER")[0] == 200
    for principal, secret in ((None, None), ("operator", "wrong"), ("nobody", "x")):
        other = type(api)(mesos_cluster.master, principal, secret)
        assert other.call("GET_MASTER")[0] == 401
        assert other.request("/state")[0] == 401
    agent = mesos_cluster.agent_api()
    assert agent.call("GET_STATE")[0] == 200
    assert type(agent)(agent.address, "operator", "wrong").call("GET_STATE")[0] == 401


def test_a_framework_needs_its_own_secret_and_its_own_role(mesos_cluster):
    class Impostor:
        addresses, auth = mesos_cluster.addresses, True

        @staticmethod
        def api(principal, address):
            return type(mesos_cluster.api())(address, principal, "wrong")

    with pytest.raises(SchedulerError, match="401"):
        Scheduler(Impostor)
    with pytest.raises(SchedulerError, match="Not authorized to register framework .* with roles { qa }"):
        Scheduler(mesos_cluster, cloud="qa", principal="dev")
    Scheduler(mesos_cluster, cloud="qa").teardown()


def test_an_agent_with_a_wrong_secret_stays_outside(mesos_cluster):
    agent = mesos_cluster.add_agent(credential=("agent", "wrong"))
    agent.start()
    assert agent.exit_code() == 1
    assert "refused authentication" in agent.text()


def test_a_cloud_may_not_register_agents(mesos_cluster):
    agent = mesos_cluster.add_agent(credential=("dev", mesos_cluster.principals["dev"]))
    agent.start()
    time.sleep(1)
    try:
        assert len(mesos_cluster.api().call("GET_AGENTS")[1]["get_agents"]["agents"]) == 1
    finally:
        agent.kill()


def quota(role):
    limits = {"cpus": {"value": 4}, "mem": {"value": 4096}}
    return {"force": False, "quota_configs": [{"role": role, "limits": limits}]}


def test_quota_and_weights_belong_to_the_operator(mesos_cluster):
    operator, dev = mesos_cluster.api("operator"), mesos_cluster.api("dev")
    assert dev.call("UPDATE_QUOTA", **quota("dev"))[0] == 403
    assert dev.call("UPDATE_WEIGHTS", weight_infos=[{"role": "dev", "weight": 9}])[0] == 403
    assert operator.call("UPDATE_QUOTA", **quota("dev")) == (200, "")
    assert operator.call("UPDATE_WEIGHTS", weight_infos=[{"role": "dev", "weight": 2}]) == (200, "")
    configs = operator.call("GET_QUOTA")[1]["get_quota"]["status"]["configs"]
    assert [config["role"] for config in configs] == ["dev"]
    assert dev.call("GET_QUOTA")[1]["get_quota"]["status"]["configs"] == configs
    assert not mesos_cluster.api("qa").call("GET_QUOTA")[1]["get_quota"]["status"].get("configs")
    empty = {"force": True, "quota_configs": [{"role": "dev"}]}
    assert operator.call("UPDATE_QUOTA", **empty) == (200, "")
    assert operator.call("UPDATE_WEIGHTS", weight_infos=[{"role": "dev", "weight": 1}]) == (200, "")


def test_a_cloud_tears_down_only_itself(mesos_cluster):
    scheduler = Scheduler(mesos_cluster)
    target = {"framework_id": {"value": scheduler.framework}}
    assert mesos_cluster.api("qa").call("TEARDOWN", **target)[0] == 403
    assert mesos_cluster.api("dev").call("TEARDOWN", **target)[0] == 200
    other = Scheduler(mesos_cluster)
    assert mesos_cluster.api("operator").call("TEARDOWN", framework_id={"value": other.framework})[0] == 200


def test_views_show_a_cloud_nothing_of_others(mesos_cluster):
    scheduler = Scheduler(mesos_cluster)
    try:
        scheduler.launch("seen", "sleep 60")
        scheduler.reached("seen", "TASK_RUNNING")
        everything = mesos_cluster.api("operator").call("GET_TASKS")[1]["get_tasks"]
        assert [task["name"] for task in everything["tasks"]] == ["seen"]
        assert not mesos_cluster.api("qa").call("GET_TASKS")[1]["get_tasks"].get("tasks")
        assert not mesos_cluster.api("qa").call("GET_FRAMEWORKS")[1]["get_frameworks"].get("frameworks")
        names = [role["name"] for role in mesos_cluster.api("qa").call("GET_ROLES")[1]["get_roles"].get("roles", [])]
        assert "dev" not in names
        assert mesos_cluster.api("qa").call("GET_FLAGS")[0] == 403
        assert mesos_cluster.api("operator").call("GET_FLAGS")[0] == 200
    finally:
        scheduler.teardown()


def test_agents_are_drained_by_the_operator_only(mesos_cluster):
    agent_id = mesos_cluster.wait_agents(1)[0]["agent_info"]["id"]
    assert mesos_cluster.api("dev").call("DRAIN_AGENT", agent_id=agent_id)[0] == 403
    assert mesos_cluster.api("operator").call("DEACTIVATE_AGENT", agent_id=agent_id)[0] == 200
    assert mesos_cluster.api("operator").call("REACTIVATE_AGENT", agent_id=agent_id)[0] == 200
    mesos_cluster.wait_agents(1)


def test_a_task_cannot_read_its_executors_token(mesos_cluster):
    """A forged executor call without the token is refused."""
    call = {"type": "SUBSCRIBE", "framework_id": {"value": "x"}, "executor_id": {"value": "x"}, "subscribe": {}}
    api = mesos_cluster.agent_api(principal=None)
    assert api.request("/slave(1)/api/v1/executor", call)[0] == 401
