# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every endpoint of masters and agents: which one answers a stranger, and why it may."""

from __future__ import annotations

import http.client

import pytest
from mesos_cluster import Api

# What Mesos has no switch for, and what it tells: nothing of clouds, tasks or secrets.
OPEN = {
    "/health": "that the daemon lives, for whoever watches it",
    "/master/health": "the same",
    "/slave(1)/health": "the same",
    "/version": "which Mesos this is",
    "/version/": "the same",
    "/redirect": "who leads, which agents and schedulers look for before they have logged in",
    "/master/redirect": "the same",
    "/help": "the documentation of the endpoints",
    "/system/stats.json": "load and memory of the machine, from which the metrics are made",
}
# Would answer, but the launcher ends the actor, or keeps away what serves them.
CLOSED = {
    "/__processes__": 404,
    "/__processes__/": 404,
    "/api/v1/resource_provider": 503,
    "/slave(1)/api/v1/resource_provider": 503,
}
# Asked without a stand-in this one would end the agent, and it is for the operator only.
NOT_ASKED = "/containerizer/debug"
PROVIDER = {"type": "SUBSCRIBE", "subscribe": {"resource_provider_info": {"type": "a.b", "name": "x"}}}


def endpoints(api: Api) -> set[str]:
    """All that the daemon's own help lists, also by the short names of its first actor."""
    status, answer = api.request("/help?format=json")
    assert status == 200
    long = {"/" + each["id"] + path["name"] for each in answer["processes"] for path in each["endpoints"]}
    short = {"/" + name.split("/", 2)[2] for name in long if name.startswith(("/master/", "/slave(1)/"))}
    return {name for name in long | short | {"/files/read", "/api/v1"} if not name.endswith(NOT_ASKED)}


@pytest.mark.parametrize("daemon", ["master", "agent"])
def test_strangers_and_wrong_secrets_get_an_answer_only_where_that_is_known(mesos_cluster, daemon):
    operator = mesos_cluster.api() if daemon == "master" else mesos_cluster.agent_api()
    names = endpoints(operator) | {"/__processes__"}
    assert len(names) > 25 and {"/flags", "/metrics/snapshot", "/files/browse", "/logging/toggle"} <= names
    opened, refused = [], []
    for name in sorted(names - set(CLOSED)):
        for login in ((), ("operator", "wrong"), ("nobody", "x")):
            for body in (None, {"type": "GET_STATE"}):
                status = Api(operator.address, *login).request(name, body)[0]
                if name not in OPEN and status not in (401, 404):
                    opened.append((name, login, status))
                elif status == 401:
                    refused.append(name)
    assert not opened
    assert len(set(refused)) > 15


def test_what_mesos_leaves_open_without_a_switch_is_closed_by_the_launcher(mesos_cluster):
    for address in (mesos_cluster.master, mesos_cluster.agent_addresses[0]):
        for name, status in CLOSED.items():
            if address == mesos_cluster.master and name.endswith("resource_provider"):
                continue
            for api in (Api(address), mesos_cluster.api(address=address)):
                assert api.request(name)[0] == status
                assert api.request(name, PROVIDER)[0] == status, name


def test_a_cloud_sees_neither_flags_nor_metrics_nor_logs_nor_agents_sandboxes(mesos_cluster):
    paths = ("/flags", "/metrics/snapshot", "/logging/toggle", "/files/debug")
    agent = mesos_cluster.agent_api(principal="dev")
    for path in paths:
        assert mesos_cluster.api("dev").request(path)[0] == 403
        assert agent.request(path)[0] == 403
    assert agent.request("/containers")[0] == 403
    assert agent.request("/monitor/statistics")[0] == 403


@pytest.mark.parametrize("source, accepted", [("127.0.0.1", True), ("127.0.0.2", False)])
def test_nobody_speaks_as_the_master_from_another_address(mesos_cluster, source, accepted):
    host, port = mesos_cluster.agent_addresses[0].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5, source_address=(source, 0))
    headers = {"Libprocess-From": "master@" + mesos_cluster.master, "Connection": "Keep-Alive"}
    try:
        connection.request("POST", "/slave(1)/mesos.internal.KillTaskMessage", b"", headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        status = 0
    finally:
        connection.close()
    assert (status == 202) is accepted, status
