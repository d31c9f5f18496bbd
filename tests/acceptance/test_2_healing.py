# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What breaks in one cloud heals, and the other cloud does not notice."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

import pytest

from .mesos_view import running_tasks
from .messages import MessageLoop, door, login_of
from .test_1_clouds import keystone_loop

SERVICES = ("keystone", "mariadb", "memcached")


def tasks_of(site, cloud: str) -> dict[str, str]:
    return {task["service"]: task["id"] for task in running_tasks(site) if task["cloud"] == cloud}


@pytest.fixture(autouse=True)
def whole_site(site):
    """Each case starts from a site on which everything runs, whatever the one before it left."""
    if sorted((task["cloud"], task["service"]) for task in running_tasks(site)) != site.wanted_tasks():
        assert site.playbook("deploy").rc == 0


def wait_until(condition, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.2)
    raise AssertionError("not within %s s: %s" % (seconds, what))


def kill_all_with(mark: str) -> None:
    """kill -9 of every process with this word in its arguments: Ansible's workers are sessions of their own."""
    for arguments in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if mark.encode() in arguments.read_bytes():
                os.kill(int(arguments.parent.name), signal.SIGKILL)


def container_pid(site, worker: str, task: str) -> str:
    return site.run(worker, "podman", "inspect", "-f", "{{.State.Pid}}", task).strip()


@pytest.mark.parametrize("service", SERVICES)
def test_killed_task_heals_with_the_next_deploy(site, service):
    [worker] = site.group("worker")
    before, others = tasks_of(site, "dev"), tasks_of(site, "qa")
    with keystone_loop(site, "qa") as loop:
        site.run(worker, "kill", "-9", container_pid(site, worker, before[service]))
        wait_until(lambda: tasks_of(site, "dev").get(service) != before[service], 30, "master knows of the death")
        result = site.playbook("deploy")
    assert result.rc == 0, result.output
    assert tasks_of(site, "dev")[service] != before[service]
    assert tasks_of(site, "qa") == others
    assert loop.failures == [] and loop.answered > 20
    assert site.openstack("dev", "token", "issue")["id"]


def test_killed_executor_leaves_no_orphan(site):
    [worker] = site.group("worker")
    before = tasks_of(site, "dev")["keystone"]
    executors = site.run(worker, "pgrep", "-f", "container-task %s" % before).split()
    site.run(worker, "kill", "-9", *executors)
    wait_until(lambda: tasks_of(site, "dev").get("keystone") != before, 30, "master knows of the death")
    assert site.playbook("deploy").rc == 0
    containers = site.run(worker, "podman", "ps", "-aq", "--filter", "label=nextgen.cloud=dev",
                          "--filter", "label=nextgen.name=keystone").split()  # fmt: skip
    assert len(containers) == 1
    assert site.openstack("dev", "token", "issue")["id"]


def volumes(site, worker: str) -> dict[str, bool]:
    """The volumes of containers that run, and whether the inside of each is the container's user's."""
    found = {}
    for task in (task["id"] for task in running_tasks(site)):
        format_ = "{{.Config.User}} {{range .Mounts}}{{if .RW}}{{.Source}} {{end}}{{end}}"
        user, *paths = site.run(worker, "podman", "inspect", "-f", format_, task).split()
        found.update({path: site.run(worker, "stat", "-c", "%u:%g", path).strip() == user for path in paths})
    return found


def test_killed_agent_leaves_tasks_running(site):
    [worker] = site.group("worker")
    before = sorted(task["id"] for task in running_tasks(site))
    queues = login_of(site, "qa"), *door(site, "qa")
    with keystone_loop(site, "dev") as dev, keystone_loop(site, "qa") as qa, MessageLoop(*queues) as messages:
        old = site.run(worker, "systemctl", "show", "-P", "MainPID", "mesos-agent").strip()
        site.run(worker, "kill", "-9", old)
        wait_until(
            lambda: site.run(worker, "systemctl", "show", "-P", "MainPID", "mesos-agent").strip() not in (old, "0"),
            20, "systemd starts the agent again",
        )  # fmt: skip
        wait_until(lambda: sorted(t["id"] for t in running_tasks(site)) == before, 40, "tasks are known again")
        time.sleep(3)
    # A new queue takes new files in the server's volume.
    with MessageLoop(*queues) as later:
        time.sleep(3)
    assert sorted(task["id"] for task in running_tasks(site)) == before
    assert dev.failures == [] and qa.failures == []
    assert messages.failures == [] and later.failures == [] and messages.answered > 20 and later.answered > 3
    found = volumes(site, worker)
    assert found and all(found.values()), found
    result = site.playbook("deploy")
    assert (result.rc, result.total("changed")) == (0, 0), result.output


def test_restarted_master_keeps_everything(site):
    [control] = site.group("control")
    before = sorted(task["id"] for task in running_tasks(site))
    with keystone_loop(site, "dev") as dev:
        site.run(control, "systemctl", "restart", "mesos-master")

        def known() -> bool:
            try:
                return sorted(t["id"] for t in running_tasks(site)) == before
            except OSError:
                return False

        wait_until(known, 60, "the master leads again and knows the tasks")
    assert dev.failures == []
    result = site.playbook("deploy")
    assert (result.rc, result.total("changed")) == (0, 0), result.output


@pytest.mark.parametrize("seconds", (2, 5, 9))
def test_killed_ansible_is_completed_by_the_next_run(site, seconds):
    [worker] = site.group("worker")
    site.run(worker, "kill", "-9", container_pid(site, worker, tasks_of(site, "dev")["mariadb"]))
    mark = "killed_run=%s" % uuid.uuid4()
    run = subprocess.Popen(
        site.playbook_command("deploy", "-e", mark), env=site.environment, cwd=site.root,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(seconds)
    kill_all_with(mark)
    run.wait()
    assert site.playbook("deploy").rc == 0
    result = site.playbook("deploy")
    assert (result.rc, result.total("changed")) == (0, 0), result.output
    assert sorted(tasks_of(site, "dev")) == sorted(SERVICES)
    assert site.openstack("dev", "token", "issue")["id"]
