# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read: manifests, the master's answers, its stream, offers and claims on the lock."""

from __future__ import annotations

import io
import json
import os
import random

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.http import Answer, location_host
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.journal import Journal
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.scheduler import is_lost, read_record
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.zookeeper import claimant, is_dead
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.manifests import work_digest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.mutation import Wait
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.offers import covers
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.plan import plan
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.reading import read_snapshot
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.snapshot import Snapshot, Task
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.waiting import explain
from ansible_collections.nextgen.cloud.tests.unit.operator.operator_world import (
    NOW,
    empty,
    job,
    route,
    service,
    top,
    wanted,
)

REFUSED = [
    ("NXC-PLAN-0001", [top(), service("a", schema=2)]),
    ("NXC-PLAN-0001", [top(), service("a", cloud="qa")]),
    ("NXC-PLAN-0001", [top(), {**service("a"), "kind": "thing"}]),
    ("NXC-PLAN-0001", [top(), service("a"), job("a")]),
    ("NXC-PLAN-0001", [top(), route("a")]),
    ("NXC-PLAN-0001", [top(), job("a") | {"volumes": [{"name": "x"}]}]),
    ("NXC-PLAN-0002", [top(), top()]),
    ("NXC-PLAN-0003", [top(), service("a", requires=["b"])]),
    ("NXC-PLAN-0004", [top(), service("a", requires=["b"]), job("b", requires=["c"]), service("c", requires=["a"])]),
    ("NXC-PLAN-0005", [top(cpus=0.9), service("a", instances=2)]),
    ("NXC-PLAN-0005", [top(mem=100), job("a")]),
    ("NXC-PLAN-0001", [top(), service("a", files=[{"path": "/a", "mode": "0444", "content": 'x = "y"\n' * 9000}])]),
]


@pytest.mark.parametrize("code, manifests", REFUSED)
def test_bad_manifests_are_refused(code, manifests):
    with pytest.raises(CloudError) as caught:
        wanted(*manifests)
    assert {problem.code for problem in caught.value.problems} == {code}
    assert str(caught.value)


def test_the_circle_is_named():
    with pytest.raises(CloudError, match="a -> b -> c -> a"):
        wanted(*REFUSED[8][1])


def test_required_comes_first_whatever_the_order():
    manifests = [top(), service("a", requires=["c"]), job("b", requires=["a"]), service("c"), service("d")]
    for seed in range(10):
        random.Random(seed).shuffle(manifests)
        assert [work.name for work in wanted(*manifests).works] == ["c", "a", "b", "d"]


def test_scaling_does_not_replace_what_runs():
    assert work_digest(service("a")) == work_digest(service("a", instances=3, requires=["b"], update="recreate"))
    assert work_digest(service("a")) != work_digest(service("a", image="b"))


def disk(size, **more):
    return {"name": "disk", "type": "SCALAR", "scalar": {"value": size}, **more}


MINE = {"reservations": [{"type": "DYNAMIC", "role": "dev", "principal": "dev"}]}
VOLUME = {"disk": {"persistence": {"id": "dev.a.0.d", "principal": "dev"}, "volume": {"container_path": "d"}}}
STATE = {
    "get_agents": {
        "agents": [
            {
                "agent_info": {
                    "id": {"value": "S0"},
                    "hostname": "node0",
                    "port": 5051,
                    "attributes": [{"name": "zone", "type": "TEXT", "text": {"value": "a"}}],
                },
                "active": True,
                "pid": "slave(1)@10.0.0.1:5051",
                "total_resources": [
                    {"name": "cpus", "type": "SCALAR", "scalar": {"value": 4}},
                    {"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": 20000, "end": 20999}]}},
                    disk(100),
                    disk(32, role="dev", **MINE, **VOLUME),
                    disk(8, role="dev", **MINE),
                    disk(64, reservations=[{"role": "qa"}], **VOLUME),
                ],
                "allocated_resources": [
                    {"name": "cpus", "type": "SCALAR", "scalar": {"value": 1.5}},
                    {"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": 20100, "end": 20101}]}},
                    disk(10),
                    disk(32, **MINE, **VOLUME),
                ],
            }
        ]
    },
    "get_frameworks": {"frameworks": [{"framework_info": {"name": "dev", "id": {"value": "dev-0123abcd"}}}]},
    "get_tasks": {
        "tasks": [
            {
                "task_id": {"value": "dev.a.1.2"},
                "framework_id": {"value": "dev-0123abcd"},
                "agent_id": {"value": "S0"},
                "state": "TASK_RUNNING",
                "resources": [{"name": "cpus", "scalar": {"value": 0.5}}, disk(32, **MINE, **VOLUME)],
                "statuses": [
                    {"state": "TASK_STARTING", "timestamp": 10.5},
                    {"state": "TASK_RUNNING", "timestamp": 11.5, "healthy": True, "message": "hello"},
                ],
                "discovery": {"ports": {"ports": [{"name": "api", "number": 20100}]}},
                "labels": {
                    "labels": [
                        {"key": "nextgen.name", "value": "a"},
                        {"key": "nextgen.kind", "value": "service"},
                        {"key": "nextgen.digest", "value": "f00"},
                        {"key": "nextgen.index", "value": "2"},
                        {"key": "nextgen.checked", "value": "true"},
                        {"key": "nextgen.address", "value": "10.0.0.1"},
                    ]
                },
            },
            {"task_id": {"value": "qa.a.1.2"}, "framework_id": {"value": "qa-0123abcd"}},
        ]
    },
}
QUOTA = {"status": {"configs": [{"role": "qa", "limits": {"cpus": {"value": 9}}}, {"role": "dev"}]}}


def read(records=(("framework", "dev-0123abcd"),), state=None, quota=None):
    state = STATE if state is None else state
    answers = {
        "state": state,
        "quota": QUOTA if quota is None else quota,
        "weights": {"weight_infos": [{"role": "dev", "weight": 2.5}]},
    }
    return read_snapshot("aio", "dev", "dev", answers, dict(records))


def test_the_answers_of_a_master():
    snapshot = read()
    assert snapshot.registered and snapshot.quota is None and snapshot.weight == 2.5
    (host,) = snapshot.agents
    assert host.free == {"cpus": 2.5, "mem": 0.0, "disk": 90.0}
    assert (host.address, host.attributes, host.used_ports) == ("10.0.0.1", {"zone": "a"}, (20100, 20101))
    assert [(volume.id, volume.size) for volume in host.volumes] == [("dev.a.0.d", 32.0)]
    assert host.volumes[0].resource == disk(32, **MINE, **VOLUME), "the role of old formats is left out"
    assert host.stray == (disk(8, **MINE),)
    (task,) = snapshot.tasks
    assert (task.name, task.index, task.healthy, task.checked, task.up) == ("a", 2, True, True, True)
    assert (task.started, task.changed, task.cpus, task.disk) == (10.5, 11.5, 0.5, 0.0)
    assert (task.ports, task.volumes, task.message) == ({"api": 20100}, ("dev.a.0.d",), "hello")
    json.dumps(snapshot.as_dict())


def test_a_framework_without_record_is_found_by_its_name_and_form_of_id():
    assert read(records=()).adoptable == "dev-0123abcd"
    info = {"name": "dev", "id": {"value": "somebody-elses"}}
    assert read(records=(), state={"get_frameworks": {"frameworks": [{"framework_info": info}]}}).adoptable == ""


def test_an_empty_master():
    snapshot = read(records=(), state={}, quota={})
    assert (snapshot.agents, snapshot.tasks, snapshot.quota) == ((), (), None)


def test_records_of_a_stream():
    text = b'{"type":"HEARTBEAT"}'
    stream = io.BytesIO(b"%d\n%s%d\n%s" % (len(text), text, len(text), text))
    assert [read_record(stream), read_record(stream), read_record(stream)] == [{"type": "HEARTBEAT"}] * 2 + [None]
    assert read_record(io.BytesIO(b"20\n{}")) is None, "cut off in the middle"


@pytest.mark.parametrize(
    "status, text, lost",
    [
        (0, "refused", True),
        (503, "no leader", True),
        (400, "The stream ID 'x' included in this request didn't match", True),
        (403, "Framework is not subscribed", True),
        (400, "Framework cannot be found", True),
        (400, "Failed to validate scheduler::Call", False),
        (401, "", False),
        (202, "", False),
    ],
)
def test_what_ends_a_subscription(status, text, lost):
    assert is_lost(Answer(status, {}, text.encode())) is lost


def test_where_a_follower_points_to():
    assert location_host("//10.0.0.1:5050/master/api/v1") == "10.0.0.1:5050"


def offer(cpus, first, last, *more):
    ports = {"name": "ports", "ranges": {"range": [{"begin": first, "end": last}]}}
    return {"resources": [{"name": "cpus", "scalar": {"value": cpus}}, ports, *more]}


def test_what_offers_hold():
    cloud = wanted(service("a", volumes=[{"name": "d", "path": "/d", "size": 32}], resources={"cpus": 0.5}))
    operations = plan(empty(), cloud, (), NOW).mutations[-1].body["operations"]
    assert [each["type"] for each in operations] == ["RESERVE", "CREATE", "LAUNCH"]
    assert covers([offer(0.5, 20000, 20100, disk(32))], operations)
    assert covers([offer(0.25, 20000, 20100), offer(0.25, 1, 2, disk(32))], operations)
    assert not covers([offer(0.4, 20000, 20100, disk(32))], operations)
    assert not covers([offer(0.5, 20100, 20200, disk(32))], operations), "the port is not in it"
    assert not covers([offer(0.5, 20000, 20100, disk(32, **MINE))], operations), "reserved is not free"
    assert not covers([], operations)
    assert covers([], [])


def test_waits_are_told_with_what_is_known_of_the_task():
    task = Task("t", "a", "service", "d", "TASK_RUNNING", "S0", started=990.0, healthy=False, message="HTTP 500")
    snapshot = Snapshot("aio", "dev", "dev", tasks=(task,))
    waits = [Wait("health", "t", "t to be healthy"), Wait("room", "b", "room for b"), Wait("order", "c", "c to be up")]
    assert explain(snapshot, waits, 1000.0) == (
        "t to be healthy (TASK_RUNNING, healthy: no, HTTP 500, for 10 s); room for b"
    )


def test_only_a_dead_process_of_this_host_loses_its_claim():
    mine = claimant()
    host, dummy, rest = mine.partition(", process ")
    space = rest.partition(" of ")[2]
    assert not is_dead(mine, mine)
    dead = "%s, process %d of %s" % (host, 2**22 + 1, space)
    assert is_dead(dead, mine)
    assert not is_dead(dead.replace(host, host + "x"), mine)
    assert not is_dead(dead.replace(space, "pid:[1]"), mine)
    assert not is_dead("something else", mine)


def test_the_journal_knows_a_run_that_was_cut_off(tmp_path):
    journal = Journal(str(tmp_path / "dev"), "me")
    assert not journal.interrupted()
    journal.write("end", 1.0)
    assert not os.path.exists(tmp_path / "dev"), "nothing was written, nothing is noted"
    journal.step({"a": 1}, {"b": (2,)})
    journal.write("begin", 1.0, target="x")
    assert journal.interrupted()
    journal.write("end", 2.0)
    assert not journal.interrupted()
    assert oct(os.stat(tmp_path / "dev").st_mode)[-3:] == "700"
    assert oct(os.stat(tmp_path / "dev" / "journal.jsonl").st_mode)[-3:] == "600"
