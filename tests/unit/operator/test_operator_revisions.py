# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New revisions of secrets and certificates: who is replaced, in which order, and who is left alone."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.manifests import (
    digest,
    revisions_of,
    work_digest,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.plan import plan
from ansible_collections.nextgen.cloud.tests.unit.operator.operator_world import (
    NOW,
    carry_out,
    converge,
    empty,
    everything_routed,
    job,
    route,
    service,
    wanted,
)


def file(content, **more):
    return {"path": "/f", "mode": "0400", "content": content, **more}


PASSWORD = "@secret:keystone/password@"
STACK = (
    service("mariadb", update="recreate", files=[file("@secret:mariadb/root@", rotation="ignore")]),
    job("accounts", requires=["mariadb"], files=[file("%s @secret:mariadb/root@" % PASSWORD)]),
    service("keystone", requires=["accounts"], files=[file("@secret:keystone/password.slot@ @trust@")]),
    service("memcached", files=[file("@certificate:memcached/server/combined@")]),
    route("keystone"),
)
OLD = {
    "secret:mariadb/root": "a",
    "secret:keystone/password": "a",
    "certificate:memcached/server": "1",
    "trust": "t",
    "secret:other/name": "a",
}
RUNNING = converge(empty(), wanted(*STACK, revisions=OLD))

CASES = {
    "nothing": ({}, []),
    "of nobody": ({"secret:other/name": "b"}, []),
    "job and service": ({"secret:keystone/password": "b"}, ["accounts", "keystone"]),
    "where it is ignored only the job": ({"secret:mariadb/root": "b"}, ["accounts"]),
    "certificate": ({"certificate:memcached/server": "2"}, ["memcached"]),
    "trust": ({"trust": "u"}, ["keystone"]),
}


@pytest.mark.parametrize("name", CASES)
def test_who_follows_a_new_revision(name):
    new, followers = CASES[name]
    cloud = wanted(*STACK, revisions={**OLD, **new})
    todo = plan(RUNNING, cloud, everything_routed(RUNNING), NOW + 1)
    started = [each for each in todo.mutations if each.verb in ("launch", "run")]
    assert [each.target.partition("/")[0] for each in started] == followers
    told = ", ".join(sorted(key.replace(":", " ") for key in new))
    assert all(each.summary.endswith(": new revision of " + told) for each in started)
    after = carry_out(RUNNING, todo.mutations)
    assert not plan(after, cloud, everything_routed(after), NOW + 2).mutations


def test_the_job_runs_before_the_service_is_replaced():
    cloud = wanted(*STACK, revisions={**OLD, "secret:keystone/password": "b"})
    todo = plan(RUNNING, cloud, everything_routed(RUNNING), NOW + 1)
    run, launch, kill = todo.mutations
    assert [each.verb for each in todo.mutations] == ["run", "launch", "kill"]
    assert launch.after == (run.seq,) and kill.after == (launch.seq,)
    assert "job accounts to finish" in [wait.text for wait in launch.waits]
    assert todo.ready == (run,)


def test_revisions_that_are_not_known_change_no_digest():
    plain = {key: value for key, value in STACK[2].items() if key not in ("instances", "requires", "update", "timeout")}
    assert work_digest(STACK[2]) == work_digest(STACK[2], {}) == digest(plain)
    assert revisions_of(STACK[2], {"secret:other/name": "a"}) == {}
    assert [work.digest for work in wanted(*STACK).works] == [
        work.digest for work in wanted(*STACK, revisions={}).works
    ]


@pytest.mark.parametrize(
    "text, sources",
    [
        ("nothing", []),
        ("@secret:a/b@ and @secret:a/b.previous@", ["secret:a/b"]),
        ("@certificate:a/b/key@@certificate:a/b/cert@", ["certificate:a/b"]),
        ("@certificate:a/b/ca@", ["trust"]),
        ("@trust@", ["trust"]),
        ("someone@trust.example", []),
    ],
)
def test_what_a_task_depends_on(text, sources):
    every = dict.fromkeys(("secret:a/b", "secret:a/c", "certificate:a/b", "trust"), "1")
    assert list(revisions_of({"files": [file(text)]}, every)) == sources
    assert list(revisions_of({"files": [file(text, rotation="restart")]}, every)) == sources
    assert not revisions_of({"files": [file(text, rotation="ignore")]}, every)
    assert list(revisions_of({"secret_environment": {"A": text}}, every)) == sources


@pytest.mark.parametrize("name", ["keystone/password", "secret:keystone", "secret:a/b/key", "trust:x", ""])
def test_a_revision_of_nothing_is_refused(name):
    with pytest.raises(CloudError, match="NXC-PLAN-0018.*'%s'" % name):
        wanted(*STACK, revisions={**OLD, name: "1"})


def test_a_task_carries_revisions_and_tokens_but_nothing_else():
    environment = {"environment": {"A": "1"}, "secret_environment": {"KEY": PASSWORD}}
    cloud = wanted(service("web", **environment), revisions=OLD)
    todo = plan(empty(), cloud, (), NOW)
    ((info,),) = [
        each["launch"]["task_infos"]
        for mutation in todo.mutations
        for each in mutation.body.get("operations", ())
        if each["type"] == "LAUNCH"
    ]
    labels = {each["key"]: each["value"] for each in info["labels"]["labels"]}
    assert labels["nextgen.revisions"] == '{"secret:keystone/password":"a"}'
    assert '"environment":{"A":"1","KEY":"%s"}' % PASSWORD in info["command"]["environment"]["variables"][0]["value"]
    assert "nextgen.revisions" not in str(plan(empty(), wanted(service("web", **environment)), (), NOW))
