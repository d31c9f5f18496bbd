# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop around the plan, where time and order decide; the world is a table here."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.apply import Applier
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.http import Credential
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.journal import Journal
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.run import CloudRun, Settings, can_move
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.scheduler import Subscription
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.mutation import Plan, Wait
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.plan import plan
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.snapshot import Own
from ansible_collections.nextgen.cloud.tests.unit.operator.operator_world import (
    NOW,
    agent,
    converge,
    empty,
    service,
    top,
    wanted,
)

VOLUME = [{"name": "data", "path": "/d", "size": 512}]


class Time:
    """Goes on by what is slept, and a little with every look."""

    def __init__(self):
        self.at = NOW

    def now(self):
        return self.at

    def monotonic(self):
        self.at += 0.01
        return self.at

    def sleep(self, seconds):
        self.at += seconds


class World:
    """A master that answers from a table, the records, and a connection that everything goes through."""

    def __init__(self, recovering=0):
        self.recovering = recovering
        self.offers, self.updates = {}, {}
        self.accepted, self.volumes = [], []
        self.connected = self.wanting = True

    def call(self, body, _credential):
        if body["type"] == "GET_STATE":
            return {"get_agents": {"recovered_agents": [{}] * self.recovering}}
        return {"tasks": [{"task_id": {"value": task}} for task in self.accepted]}

    def read(self):
        return {}

    def write_volumes(self, places):
        self.volumes.append(places)

    def drain(self, _seconds):
        return False

    def give_back(self):
        pass

    enough = give_back

    def accept(self, _offers, operations):
        self.accepted += [info["task_id"]["value"] for info in operations[-1]["launch"]["task_infos"]]


def cloud_run(world, manifests, tmp_path, timeout=600.0):
    nobody = Credential("dev", "")
    run = CloudRun(
        Settings("aio", "dev", ["m:1"], "", nobody, nobody, str(tmp_path), timeout, clock=Time()), manifests, ()
    )
    run._masters, run._records = world, world
    return run


def test_agents_get_their_time_after_every_restart_of_a_master(tmp_path):
    world = World()
    run = cloud_run(world, [top()], tmp_path)
    run._clock.sleep(100)
    assert run.observe().recovering == 0
    world.recovering = 2
    assert run.observe().recovering == 2, "long after the start of the run the master was restarted"
    run._clock.sleep(15)
    world.recovering = 1
    assert run.observe().recovering == 1
    run._clock.sleep(15)
    assert run.observe().recovering == 0, "it does not come back"
    world.recovering = 2
    assert run.observe().recovering == 2, "another restart"


def test_what_has_no_effect_is_not_written_for_ever(tmp_path):
    run = cloud_run(World(), [top()], tmp_path, timeout=20.0)
    cloud = wanted(service("web"))
    snapshot = converge(empty(), wanted())
    todo = plan(snapshot, cloud, (), NOW)
    writes = []
    run._look = lambda: (snapshot, todo)
    run._records = type("Lock", (), {"held": lambda self: None})()
    run._masters = None
    run.observe = lambda: snapshot

    def vain(ready, *_more):
        writes.append([each.summary for each in ready])
        if len(writes) > 50:
            raise AssertionError("it goes on and on")
        run._clock.sleep(1)

    run._applier.apply = vain
    with pytest.raises(CloudError) as caught:
        run._converge()
    assert "NXC-PLAN-0008" in str(caught.value) and "launch service web" in str(caught.value)
    assert len(writes) > 10


def test_volumes_on_several_agents_are_all_recorded(tmp_path):
    snapshot = converge(empty(agent(0), agent(1)), wanted())
    elsewhere = {"attributes": {"zone": "b"}}
    cloud = wanted(service("one", volumes=VOLUME), service("two", volumes=VOLUME, placement=elsewhere))
    todo = plan(snapshot, cloud, (), NOW)
    assert len({each.body["agent"] for each in todo.ready}) == 2
    world, nobody = World(), Credential("dev", "")
    for number in range(2):
        scalars = [{"name": key, "scalar": {"value": 4096}} for key in ("cpus", "mem", "disk")]
        ports = {"name": "ports", "ranges": {"range": [{"begin": 20000, "end": 20999}]}}
        offer = {"id": {"value": "O%d" % number}, "agent_id": {"value": "S%d" % number}, "resources": [*scalars, ports]}
        world.offers[offer["id"]["value"]] = offer
    applier = Applier(world, nobody, nobody, world, Journal(str(tmp_path), "test"), Time())
    applier.subscription = world
    assert applier.apply(todo.ready, snapshot, snapshot, {})
    assert len(world.accepted) == 2
    assert set(world.volumes[-1]) == {"dev.one.0.data", "dev.two.0.data"}


def test_a_lost_connection_is_no_reason_to_ask_without_pause(tmp_path):
    world, asked, nobody = World(), [], Credential("dev", "")
    applier = Applier(world, nobody, nobody, world, Journal(str(tmp_path), "test"), Time())
    applier.own = {"t": Own("t", "web", "service")}
    applier.known = lambda: asked.append(1) or set()
    world.connected = False
    applier._until_seen(world, ["t"])
    assert applier.own["t"].state == "TASK_DROPPED" and len(asked) < 60


def test_updates_of_jobs_are_held_until_all_is_recorded(tmp_path):
    nobody, acknowledged = Credential("dev", ""), []
    applier = Applier(World(), nobody, nobody, World(), Journal(str(tmp_path), "test"), Time())
    applier.own = {"s": Own("s", "web", "service"), "j": Own("j", "prepare", "job")}
    subscription = Subscription(World(), nobody, Time(), applier._is_held)
    subscription.connected = True
    subscription.call = lambda body: acknowledged.append(body["acknowledge"]["task_id"]["value"])
    applier.subscription = subscription
    for task in ("s", "j", "somebody"):
        status = {"task_id": {"value": task}, "agent_id": {"value": "S0"}, "uuid": "u", "state": "TASK_FINISHED"}
        subscription._handle({"type": "UPDATE", "update": {"status": status}})
    assert acknowledged == ["s"], "a service that ends is only a dead task"
    applier.all_recorded()
    assert acknowledged == ["s", "j", "somebody"]


@pytest.mark.parametrize(
    ("kinds", "moves"),
    [
        ((), False),
        (("order", "route"), False),
        (("task", "route"), True),
        (("room",), True),
        # Room will come when what the edge is asked to route lets a job run and end: nobody else brings that on.
        (("room", "route", "order"), False),
        (("room", "route", "job"), True),
    ],
)
def test_waits_that_only_the_edge_ends_end_the_run(kinds, moves):
    todo = Plan(waiting=tuple(Wait(kind, kind, kind) for kind in kinds))
    assert can_move(todo) is moves
