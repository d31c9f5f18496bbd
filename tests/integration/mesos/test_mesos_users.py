# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody with the secret of cloud dev tries with Mesos alone: to be root, to be qa, to look around."""

from __future__ import annotations

import os
import pwd
import shutil
import tarfile
import tempfile
from pathlib import Path

import pytest
from mesos_cluster import USERS, until
from mesos_scheduler import Scheduler


@pytest.fixture(scope="module")
def dev(mesos_cluster):
    scheduler = Scheduler(mesos_cluster)
    yield scheduler
    scheduler.teardown()
    shutil.rmtree(FOLDER)


def name():
    return "user-" + os.urandom(3).hex()


def said(cluster, task_id):
    """What a task wrote to its stdout."""
    state = cluster.agent_api().get("/state")
    for framework in state["frameworks"] + state["completed_frameworks"]:
        for executor in framework["executors"] + framework["completed_executors"]:
            if executor["id"] == task_id:
                path = executor["directory"] + "/stdout"
                return cluster.agent_api().get("/files/read?offset=0&path=" + path)["data"]
    raise AssertionError("no executor of %s" % task_id)


def custom(framework, user):
    """An executor that shows who it is in a file anybody may write."""
    return {
        "type": "CUSTOM",
        "executor_id": {"value": name()},
        "framework_id": {"value": framework},
        "command": {"value": "id -un > %s; sleep 1" % WHO, "user": user},
        "resources": [],
    }


def test_tasks_and_their_executors_run_as_the_clouds_user(mesos_cluster, dev):
    task = name()
    dev.launch(task, "id -un; id -Gn; stat -c %U /proc/$PPID; stat -c '%U %a' .")
    dev.reached(task, "TASK_FINISHED")
    assert said(mesos_cluster, task).split() == [*[USERS["dev"]] * 3, USERS["dev"], "750"]


@pytest.mark.parametrize("user", ["root", USERS["qa"], "nobody"])
def test_a_cloud_runs_tasks_as_no_other_user(dev, user):
    task = name()
    dev.launch(task, {"value": "id -un", "user": user})
    assert "under user '%s'" % user in dev.reached(task, "TASK_ERROR")["message"]


@pytest.mark.parametrize("user", ["root", USERS["qa"]])
def test_a_framework_that_says_another_user_runs_nothing(mesos_cluster, user):
    scheduler = Scheduler(mesos_cluster, user=user)
    try:
        task = name()
        scheduler.launch(task, "id -un")
        assert "under user '%s'" % user in scheduler.reached(task, "TASK_ERROR")["message"]
        task = name()
        scheduler.launch(task, {"value": "id -un", "user": USERS["dev"]})
        scheduler.reached(task, "TASK_FINISHED")
        assert said(mesos_cluster, task) == USERS["dev"] + "\n"
    finally:
        scheduler.teardown()


FOLDER = Path(tempfile.mkdtemp(prefix="nextgen-test-"))
WHO = str(FOLDER / "who")


def group(scheduler, user, **more):
    """Launch a group whose tasks run as the cloud's user and whose executor does as another; the first status."""
    offer = scheduler.offer()
    task = scheduler.task(offer, name(), {"value": "true", "user": USERS["dev"]})
    executor = custom(scheduler.framework, user)
    executor["command"].update(more)
    executor["resources"] = [scheduler.scalar(*pair) for pair in (("cpus", 0.1), ("mem", 32), ("disk", 16))]
    groups = {"type": "LAUNCH_GROUP", "launch_group": {"executor": executor, "task_group": {"tasks": [task]}}}
    scheduler.accept(offer, groups)

    def of_task():
        return [update for update in scheduler.updates if update["task_id"] == task["task_id"]]

    return scheduler.wait(of_task, 20, "an answer")[-1]


@pytest.mark.parametrize("user", ["root", USERS["qa"]])
def test_an_executor_of_ones_own_is_no_way_either(dev, user):
    offer = dev.offer()
    task = dev.task(offer, name(), "true")
    del task["command"]
    task["executor"] = custom(dev.framework, user)
    dev.accept(offer, {"type": "LAUNCH", "launch": {"task_infos": [task]}})
    assert "under user '%s'" % user in dev.reached(task["task_id"]["value"], "TASK_ERROR")["message"]


@pytest.fixture
def nobody_was_there():
    FOLDER.chmod(0o777)
    yield
    for path in FOLDER.iterdir():
        path.unlink()


@pytest.mark.parametrize("user", ["root", USERS["qa"]])
def test_nor_is_the_executor_of_a_group_of_tasks(dev, nobody_was_there, user):
    """The masters' rules look at the user of the tasks; the executor would be started as whom it says."""
    assert group(dev, user)["state"] == "TASK_FAILED"
    assert not os.path.exists(WHO)


def test_such_an_executor_of_the_clouds_own_is_started(dev, nobody_was_there):
    group(dev, USERS["dev"])
    with open(WHO, encoding="ascii") as file:
        assert file.read() == USERS["dev"] + "\n"


def test_nothing_is_fetched_for_it(dev, nobody_was_there, open_path):
    with tarfile.open(open_path / "way.tar", "w") as archive:
        (open_path / "file").write_text("x")
        archive.add(open_path / "file", "out")
    group(dev, "root", uris=[{"value": str(open_path / "way.tar"), "output_file": "way.tar"}])
    runs = dev.cluster.base.glob("agent0/work/slaves/*/frameworks/%s/executors/*/runs/*" % dev.framework)
    assert not [path for path in runs if (path / "way.tar").exists() or (path / "out").exists()]


@pytest.mark.parametrize("user", ["root", USERS["qa"], USERS["dev"]])
def test_nor_is_a_container_inside_ones_own(mesos_cluster, dev, nobody_was_there, user):
    """An executor's token lets it start containers inside its own, whose user Mesos takes as it is told."""
    task = name()
    launched = "env > environment; sleep 60"
    dev.launch(task, launched)
    status = dev.reached(task, "TASK_RUNNING")
    pid = status["container_status"]["executor_pid"]
    helper = [int(child) for child in open("/proc/%d/task/%d/children" % (pid, pid)).read().split()][0]
    with open("/proc/%d/environ" % helper, "rb") as file:
        environment = dict(item.split("=", 1) for item in file.read().decode().split("\0") if item)
    api = mesos_cluster.agent_api(principal=None)
    api.headers["Authorization"] = "Bearer " + environment["MESOS_EXECUTOR_AUTHENTICATION_TOKEN"]
    parent = status["container_status"]["container_id"]
    inner = {"value": "inner-" + os.urandom(3).hex(), "parent": parent}
    command = {"value": "id -un > %s" % WHO, "user": user}
    answer = api.call("LAUNCH_NESTED_CONTAINER", container_id=inner, command=command)
    if user == USERS["dev"]:
        assert answer[0] == 200, answer
        until(lambda: os.path.exists(WHO) and open(WHO).read(), 10, "the container")
        assert open(WHO).read() == user + "\n"
    else:
        api.call("WAIT_NESTED_CONTAINER", container_id=inner)
        assert not os.path.exists(WHO)
    dev.kill(task, status["agent_id"])
    dev.reached(task, "TASK_KILLED")


def test_files_are_fetched_with_the_rights_of_the_user(mesos_cluster, dev, open_path):
    secret = open_path / "secret"
    secret.write_text("x")
    secret.chmod(0o600)
    for uri in ({"value": str(secret)}, {"value": "file://%s" % secret, "cache": True}):
        task = name()
        dev.launch(task, {"value": "true", "uris": [uri]})
        assert dev.reached(task, "TASK_FAILED")
    secret.chmod(0o644)
    task = name()
    dev.launch(task, {"value": "stat -c %U secret", "uris": [{"value": str(secret), "cache": True, "extract": False}]})
    dev.reached(task, "TASK_FINISHED")
    assert said(mesos_cluster, task) == USERS["dev"] + "\n"


def test_secrets_of_agents_and_what_others_run_is_closed(mesos_cluster, dev):
    qa = Scheduler(mesos_cluster, cloud="qa")
    try:
        theirs = name()
        qa.launch(theirs, "echo private > file; sleep 60")
        status = qa.reached(theirs, "TASK_RUNNING")
        work = mesos_cluster.base / "agent0"
        look = (
            "cat %s/credential.json %s/jwt.key; find %s/work/slaves/*/frameworks/%s/executors/%s/runs/ -name file; "
            "cat /proc/%d/environ; kill -9 %d; grep -rls AUTHENTICATION_TOKEN %s/run %s/work; true"
        )
        pid = status["container_status"]["executor_pid"]
        task = name()
        dev.launch(task, look % (work, work, work, qa.framework, theirs, pid, pid, work, work))
        dev.reached(task, "TASK_FINISHED", timeout=20)
        assert said(mesos_cluster, task) == ""
        assert qa.states(theirs) == ["TASK_STARTING", "TASK_RUNNING"]
    finally:
        qa.teardown()


def test_a_cloud_sees_its_own_and_nothing_else(mesos_cluster, dev):
    task = name()
    dev.launch(task, "echo mine; sleep 60")
    dev.reached(task, "TASK_RUNNING")
    tasks = mesos_cluster.api("dev").call("GET_TASKS")[1]["get_tasks"]["tasks"]
    assert task in [each["name"] for each in tasks]
    assert not mesos_cluster.api("qa").call("GET_TASKS")[1]["get_tasks"].get("tasks")
    frameworks = mesos_cluster.api("dev").call("GET_FRAMEWORKS")[1]["get_frameworks"]["frameworks"]
    assert dev.framework in [each["framework_info"]["id"]["value"] for each in frameworks]
    assert not mesos_cluster.api("qa").call("GET_FRAMEWORKS")[1]["get_frameworks"].get("frameworks")
    state = mesos_cluster.agent_api().get("/state")
    [path] = [e["directory"] for f in state["frameworks"] for e in f["executors"] if e["id"] == task]
    for principal, answer in (("dev", 200), ("qa", 403)):
        agent = mesos_cluster.agent_api(principal=principal)
        assert agent.request("/files/read?offset=0&path=%s/stdout" % path)[0] == answer, principal


def test_the_users_are_accounts_of_this_machine():
    assert len({pwd.getpwnam(user).pw_uid for user in USERS.values()} | {0}) == 3
