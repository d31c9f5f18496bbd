# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables: a snapshot and what is wanted on the left, the plan on the right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.plan import plan
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.removal import plan_removal
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.snapshot import Own, Volume
from ansible_collections.nextgen.cloud.tests.unit.operator.operator_world import (
    NOW,
    agent,
    carry_out,
    converge,
    empty,
    end,
    everything_routed,
    job,
    route,
    service,
    top,
    wanted,
)

STACK = (
    service("mariadb", update="recreate", volumes=[{"name": "data", "path": "/d", "size": 512}]),
    job("database", requires=["mariadb"]),
    service("keystone", requires=["database", "memcached"]),
    service("memcached"),
    route("keystone"),
)


def told(todo):
    return [(each.verb, each.target) for each in todo.mutations]


def ready(todo):
    return [(each.verb, each.target.partition(".")[0] if each.verb == "kill" else each.target) for each in todo.ready]


def edit(snapshot, name, **values):
    tasks = tuple(replace(task, **values) if task.name == name else task for task in snapshot.tasks)
    return replace(snapshot, tasks=tasks)


def lose(snapshot, name, state):
    for task in snapshot.tasks:
        snapshot = end(snapshot, task.id, state) if task.name == name and task.alive else snapshot
    return snapshot


def running(*manifests, agents=()):
    return converge(empty(*agents), wanted(*manifests))


FULL = running(*STACK)
WIDE = running(service("web", instances=3), route("web"), agents=(agent(0), agent(1)))
NEW = {"environment": {"A": "b"}}


def two_zones(*manifests):
    return empty(agent(0), agent(1)), wanted(*manifests)


CASES = {
    "first deploy": (empty(), wanted(*STACK)),
    "nothing": (FULL, wanted(*STACK)),
    "dead task": (lose(FULL, "keystone", "TASK_FAILED"), wanted(*STACK)),
    "dead task with a volume": (lose(FULL, "mariadb", "TASK_LOST"), wanted(*STACK)),
    "unreachable task": (lose(FULL, "keystone", "TASK_UNREACHABLE"), wanted(*STACK)),
    "sick task": (edit(FULL, "keystone", healthy=False, changed=NOW - 100), wanted(*STACK)),
    "surge": (FULL, wanted(*STACK[:2], {**STACK[2], **NEW}, *STACK[3:])),
    "recreate with volume": (FULL, wanted({**STACK[0], **NEW}, *STACK[1:])),
    "changed job": (FULL, wanted(STACK[0], {**STACK[1], **NEW}, *STACK[2:])),
    "service removed": (FULL, wanted(*STACK[:2])),
    "scale up": (WIDE, wanted(service("web", instances=5), route("web"))),
    "scale down": (WIDE, wanted(service("web", instances=1), route("web"))),
    "scale down and change": (WIDE, wanted(service("web", instances=2, **NEW), route("web"))),
    "wide surge": (WIDE, wanted(service("web", instances=3, **NEW), route("web"))),
    "wide recreate": (WIDE, wanted(service("web", instances=3, update="recreate", **NEW), route("web"))),
    "wide surge, no room": (WIDE, wanted(top(cpus=1.5), service("web", instances=3, **NEW), route("web"))),
    "quota and weight": (FULL, wanted(top(cpus=3, weight=2.0), *STACK)),
    "two zones": two_zones(service("a", placement={"attributes": {"zone": "b"}}), service("b", instances=2)),
    "stray reservation": (empty(agent(stray=({"name": "disk", "scalar": {"value": 8}},))), wanted(service("a"))),
    "framework torn down": (replace(lose(FULL, "mariadb", "TASK_KILLED"), registered=False), wanted(*STACK)),
    "a framework came back": (replace(FULL, others=("dev-00000002",)), wanted(*STACK)),
    "record lost": (replace(FULL, framework="", registered=False, adoptable="dev-00000001"), wanted(*STACK)),
}


@pytest.mark.parametrize("name", CASES)
def test_carried_out_nothing_is_left(name):
    snapshot, cloud = CASES[name]
    todo = plan(snapshot, cloud, everything_routed(snapshot), NOW + 1)
    after = carry_out(snapshot, todo.mutations)
    left = plan(after, cloud, everything_routed(after), NOW + 2)
    assert (left.text, left.waiting, left.failures) == ("", (), ()) or not left.mutations and not left.waiting
    alive = [task for task in after.tasks if task.alive]
    services = {work.name: work for work in cloud.works if work.kind == "service"}
    assert sorted(task.name for task in alive) == sorted(
        work.name for work in services.values() for _instance in range(work.instances)
    )
    assert all(task.digest == services[task.name].digest for task in alive)
    ports = [(task.agent, port) for task in alive for port in task.ports.values()]
    assert len(set(ports)) == len(ports)
    assert all(20010 <= port <= 20049 for dummy, port in ports)


@pytest.mark.parametrize("name", CASES)
def test_the_seed_changes_nothing(name):
    snapshot, cloud = CASES[name]
    plans = [plan(snapshot, cloud, everything_routed(snapshot), NOW + 1, seed) for seed in range(8)]
    assert all(each == plans[0] for each in plans)


@pytest.mark.parametrize("name", CASES)
def test_step_by_step_it_gets_there_and_never_does_more(name):
    """Only what is ready, then look again: as the real loop does, with an edge that routes what it is told."""
    snapshot, cloud = CASES[name]
    routed, whole = everything_routed(snapshot), plan(snapshot, cloud, everything_routed(snapshot), NOW + 1)
    steps = []
    for step in range(60):
        todo = plan(snapshot, cloud, routed, NOW + 2 + step)
        if not todo.mutations and not todo.waiting:
            break
        steps += todo.ready
        snapshot = carry_out(snapshot, todo.ready)
        routed = sorted({each["task"] for each in todo.instances})
    else:
        raise AssertionError("stuck: %s" % todo.text)
    assert sorted((each.verb, each.kind) for each in steps) == sorted(
        (each.verb, each.kind) for each in whole.mutations
    )


def test_a_plan_can_be_read():
    assert plan(empty(), wanted(*STACK), (), NOW).text == (
        "  1 ~ quota cpus 4, mem 4096\n"
        "  2 + register framework dev-9867d50f\n"
        "  3 + launch service mariadb on node0 (api:20024)\n"
        "  4 + run job database on node0  [after 3; service mariadb to be up]\n"
        "  5 + launch service memcached on node0 (api:20038)\n"
        "  6 + launch service keystone on node0 (api:20032)  "
        "[after 4, 5; job database to finish; service memcached to be up]\n"
    )


def test_only_what_needs_nothing_starts_first():
    todo = plan(empty(), wanted(*STACK), (), NOW)
    assert [each.target for each in todo.ready] == ["dev", "dev", "mariadb/0", "memcached/0"]


GATES = [
    ({"healthy": None}, (), "health"),
    ({}, (), "route"),
    ({}, "all", None),
]


@pytest.mark.parametrize("values, routed, kind", GATES)
def test_a_dependent_waits_for_health_and_route(values, routed, kind):
    before = (service("api"), route("api"))
    snapshot = edit(running(*before), "api", **values)
    cloud = wanted(*before, service("client", requires=["api"]))
    todo = plan(snapshot, cloud, everything_routed(snapshot) if routed else (), NOW + 1)
    (launch,) = todo.mutations
    assert [wait.kind for wait in launch.waits] == ([kind] if kind else [])


def test_surge_keeps_the_old_until_the_new_is_routed_and_the_edge_let_go():
    (old,) = [task.id for task in FULL.tasks if task.name == "keystone"]
    cloud = CASES["surge"][1]
    todo = plan(FULL, cloud, [old], NOW + 1)
    assert ready(todo) == [("launch", "keystone/0")]
    assert [each["task"] for each in todo.instances if each["service"] == "keystone"] == [old]
    after = carry_out(FULL, todo.ready)
    (new,) = [task.id for task in after.tasks if task.name == "keystone" and task.id != old]
    todo = plan(edit(after, "keystone"), cloud, [old], NOW + 2)
    assert [each["task"] for each in todo.instances if each["service"] == "keystone"] == [new]
    assert not todo.ready and {wait.kind for wait in todo.waits} == {"route"}
    todo = plan(after, cloud, [old, new], NOW + 2)
    assert not todo.ready, "the edge still has the old one"
    todo = plan(after, cloud, [new], NOW + 2)
    assert [each.target for each in todo.ready] == [old]


def test_surge_without_room_becomes_recreate_and_says_so():
    todo = plan(*CASES["wide surge, no room"][:2], everything_routed(WIDE), NOW + 1)
    assert [each.verb for each in todo.mutations][1:3] == ["kill", "launch"]
    assert "SurgeFellBack" in {each.type for each in todo.conditions}


def test_recreate_replaces_one_at_a_time():
    snapshot, cloud = CASES["wide recreate"]
    todo = plan(snapshot, cloud, everything_routed(snapshot), NOW + 1)
    assert [each.verb for each in todo.ready] == ["kill"]


def test_scale_down_ends_the_newest():
    tasks = [replace(task, started=NOW + position) for position, task in enumerate(WIDE.tasks)]
    snapshot = replace(WIDE, tasks=tuple(tasks))
    todo = plan(snapshot, CASES["scale down"][1], [tasks[0].id], NOW + 9)
    assert sorted(each.target for each in todo.ready) == sorted(task.id for task in tasks[1:])


def test_before_the_edge_was_asked_nothing_it_may_route_to_is_ended():
    cloud = CASES["scale down"][1]
    todo = plan(WIDE, cloud, None, NOW + 9)
    assert not todo.ready and {wait.kind for wait in todo.waits} == {"route"}
    (kept,) = {each["task"] for each in todo.instances}
    todo = plan(WIDE, cloud, [kept], NOW + 10)
    assert len(todo.ready) == 2 and kept not in [each.target for each in todo.ready]


def test_an_instance_goes_to_its_volume_and_waits_for_its_agent():
    cloud = wanted(STACK[0])
    snapshot = edit(running(STACK[0], agents=(agent(0), agent(1))), "mariadb", state="TASK_FAILED")
    (task,) = snapshot.tasks
    todo = plan(snapshot, cloud, (), NOW + 1)
    assert todo.mutations[0].body["agent"] == task.agent
    assert [each["type"] for each in todo.mutations[0].body["operations"]] == ["LAUNCH"]
    away = replace(snapshot, agents=tuple(each for each in snapshot.agents if each.id != task.agent))
    todo = plan(away, cloud, (), NOW + 1)
    assert not todo.mutations and [wait.kind for wait in todo.waiting] == ["agent"]
    assert {each.type for each in todo.conditions} == {"VolumeAway"}


def test_a_port_is_kept_over_a_restart():
    before = {task.name: task.ports for task in FULL.tasks if task.alive}
    for name in ("dead task", "recreate with volume"):
        snapshot, cloud = CASES[name]
        after = carry_out(snapshot, plan(snapshot, cloud, (), NOW + 1).mutations)
        assert {task.name: task.ports for task in after.tasks if task.alive} == before


def test_jobs():
    cloud = wanted(job("one"))
    started = converge(empty(), wanted())
    todo = plan(started, cloud, (), NOW)
    task = todo.mutations[0].body["task"]
    done = replace(carry_out(started, todo.mutations), jobs=())
    assert told(plan(done, cloud, (), NOW)) == [("record", cloud.works[0].digest)]
    going = edit(done, "one", state="TASK_RUNNING")
    assert not plan(going, cloud, (), NOW + 5).mutations
    assert plan(going, cloud, (), NOW + 5).waiting[0].kind == "job"
    late = plan(going, cloud, (), NOW + 500)
    assert told(late) == [("kill", task)]
    late = plan(replace(going, killed=(task,)), cloud, (), NOW + 500)
    assert [each.code for each in late.failures] == ["NXC-PLAN-0015"]
    failed = edit(done, "one", state="TASK_FAILED")
    assert told(plan(failed, cloud, (), NOW + 5)) == [("run", "one/0")], "the failure of an earlier run"
    mine = replace(failed, own=(Own(task, "one", "job", "TASK_FAILED"),))
    assert [each.code for each in plan(mine, cloud, (), NOW + 5).failures] == ["NXC-PLAN-0006"]


def test_a_service_that_ends_again_and_again_is_given_up():
    own = tuple(Own("t%d" % number, "web", "service", "TASK_FAILED") for number in range(3))
    cloud = wanted(service("web"))
    assert not plan(empty(own=own[:2]), cloud, (), NOW).failures
    todo = plan(empty(own=own), cloud, (), NOW)
    assert [each.code for each in todo.failures] == ["NXC-PLAN-0007"]
    assert "launch" not in [each.verb for each in todo.mutations]


def test_what_nobody_has_room_for_is_said():
    todo = plan(empty(), wanted(service("web", placement={"attributes": {"zone": "z"}})), (), NOW)
    assert [each.verb for each in todo.mutations] == ["set", "register"]
    assert "zone=z" in todo.conditions[0].message and todo.waiting[0].kind == "room"


def test_after_a_restart_of_the_master_nothing_is_decided_too_early():
    todo = plan(replace(FULL, tasks=(), agents=(), recovering=1), wanted(*STACK), (), NOW)
    assert not todo.mutations and [wait.kind for wait in todo.waiting] == ["agent"]


def test_after_a_restart_of_the_master_nothing_is_taken_for_gone():
    unseen = replace(FULL, registered=False, tasks=(), agents=(), recovering=1)
    todo = plan_removal(unseen, NOW)
    assert not todo.mutations and [wait.kind for wait in todo.waiting] == ["agent"]


def test_volumes_outlive_their_service():
    todo = plan(FULL, wanted(), (), NOW + 1)
    assert {each.verb for each in todo.mutations} == {"kill"}
    assert {each.type for each in todo.conditions} == {"VolumeKept"}


def test_preconditions_follow_what_was_read():
    todo = plan(FULL, CASES["surge"][1], (), NOW + 1)
    launch = todo.mutations[0]
    assert FULL.facts(launch.reads) == launch.precondition
    gone = lose(FULL, "keystone", "TASK_FAILED")
    assert gone.facts(launch.reads) != launch.precondition


def test_removal_takes_all_and_is_then_empty():
    snapshot = replace(FULL, weight=2.0)
    todo = plan_removal(snapshot, NOW)
    assert [each.verb for each in todo.mutations] == [
        *["kill"] * 3,
        "teardown",
        "destroy",
        "unreserve",
        "remove",
        "set",
        "remove",
    ]
    assert {each.verb for each in todo.ready} == {"kill", "remove", "set"}
    after = carry_out(snapshot, todo.mutations)
    assert plan_removal(after, NOW).mutations == () and not after.agents[0].volumes
    assert plan_removal(empty(), NOW).mutations == ()


def test_an_id_the_master_does_not_know_is_not_used_again():
    (mutation,) = [each for each in plan(*CASES["framework torn down"], (), NOW + 1).mutations if each.seq == 1]
    assert mutation.verb == "register" and mutation.body["framework_info"]["id"]["value"] != FULL.framework


def test_removal_names_volumes_it_cannot_reach():
    todo = plan_removal(empty(places={"dev.a.0.data": "node7"}, recorded=True), NOW)
    assert [each.type for each in todo.conditions] == ["VolumeLeft"]


def test_volume_size_is_told_not_changed():
    host = FULL.agents[0]
    small = tuple(Volume(each.id, 1.0, each.resource) for each in host.volumes)
    snapshot = edit(replace(FULL, agents=(replace(host, volumes=small),)), "mariadb", state="TASK_FAILED")
    todo = plan(snapshot, wanted(*STACK), everything_routed(snapshot), NOW + 1)
    assert "VolumeSizeDiffers" in {each.type for each in todo.conditions}
