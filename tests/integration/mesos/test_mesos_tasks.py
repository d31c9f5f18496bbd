# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks on a real agent: what the executor and the containerizer helper promise."""

from __future__ import annotations

import os
import signal
import time

import pytest
from mesos_cluster import free_port, until
from mesos_scheduler import Scheduler


@pytest.fixture(scope="module")
def scheduler(mesos_cluster):
    scheduler = Scheduler(mesos_cluster)
    yield scheduler
    scheduler.teardown()


def name():
    return "task-" + os.urandom(3).hex()


def sandbox(cluster, task_id, file):
    """The content of a file in a task's sandbox, through the agent's API."""
    state = cluster.agent_api().get("/state")
    frameworks = state["frameworks"] + state["completed_frameworks"]
    for framework in frameworks:
        for executor in framework["executors"] + framework["completed_executors"]:
            if executor["id"] == task_id:
                path = "%s/%s" % (executor["directory"], file)
                return cluster.agent_api().get("/files/read?offset=0&path=" + path)["data"]
    raise AssertionError("no executor of %s" % task_id)


def processes_with(mark):
    """Pids whose command line contains ``mark``."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open("/proc/%s/cmdline" % entry, encoding="utf-8", errors="replace") as file:
                if mark in file.read() and entry.isdigit():
                    found.append(int(entry))
        except OSError:
            continue
    return found


def test_output_environment_and_exit_status_reach_sandbox_and_scheduler(mesos_cluster, scheduler):
    task = name()
    command = {
        "value": "echo out $FLAVOUR $MESOS_ALLOCATION_ROLE ${MESOS_EXECUTOR_AUTHENTICATION_TOKEN:-none}; echo err >&2",
        "environment": {"variables": [{"name": "FLAVOUR", "value": "plain"}]},
    }
    scheduler.launch(task, command)
    status = scheduler.reached(task, "TASK_FINISHED")
    assert status["message"] == "Command exited with status 0"
    assert scheduler.states(task) == ["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED"]
    assert sandbox(mesos_cluster, task, "stdout") == "out plain dev none\n"
    assert sandbox(mesos_cluster, task, "stderr") == "err\n"


def test_argv_commands_keep_their_arguments_and_failures_their_status(mesos_cluster, scheduler):
    task = name()
    argv = ["sh", "-c", 'echo "$1"; exit 7', "sh", "two  words"]
    scheduler.launch(task, {"shell": False, "value": "/bin/sh", "arguments": argv})
    assert scheduler.reached(task, "TASK_FAILED")["message"] == "Command exited with status 7"
    assert sandbox(mesos_cluster, task, "stdout") == "two  words\n"


def test_a_command_that_cannot_start_fails(mesos_cluster, scheduler):
    task = name()
    scheduler.launch(task, {"shell": False, "value": "/nonexistent", "arguments": ["x"]})
    assert scheduler.reached(task, "TASK_FAILED")["message"] == "Command exited with status 127"
    assert "cannot start the command" in sandbox(mesos_cluster, task, "stderr")


def test_files_named_by_uri_are_fetched_into_the_sandbox(mesos_cluster, scheduler, open_path):
    (open_path / "hello.sh").write_text("#!/bin/sh\necho fetched\n")
    uris = [{"value": str(open_path / "hello.sh"), "executable": True}]
    task = name()
    scheduler.launch(task, {"value": "./hello.sh", "uris": uris})
    scheduler.reached(task, "TASK_FINISHED")
    assert sandbox(mesos_cluster, task, "stdout") == "fetched\n"


def test_a_task_gets_its_grace_and_then_is_killed_with_all_it_started(scheduler):
    task, mark = name(), "61.%d" % (os.getpid() % 10000)
    launched = scheduler.launch(task, "trap '' TERM; sleep %s & while true; do sleep 0.1; done" % mark)
    scheduler.reached(task, "TASK_RUNNING")
    # The child, for the shell that has the same words sets its trap before it starts it.
    until(lambda: processes_with("sleep\0" + mark), 5, "the task's child")
    began = time.monotonic()
    scheduler.kill(task, launched["agent_id"], grace=1.0)
    scheduler.reached(task, "TASK_KILLING")
    assert scheduler.reached(task, "TASK_KILLED")["message"].startswith("Command terminated with signal Killed")
    assert 0.9 < time.monotonic() - began < 3
    until(lambda: not processes_with("sleep\0" + mark), 5, "end of the task's child")


def test_a_task_that_ends_in_its_grace_is_not_killed_early(mesos_cluster, scheduler):
    task = name()
    policy = {"grace_period": {"nanoseconds": 20 * 10**9}}
    command = "trap 'sleep 0.5; echo bye; exit 0' TERM; while true; do sleep 0.05; done"
    launched = scheduler.launch(task, command, kill_policy=policy)
    scheduler.reached(task, "TASK_RUNNING")
    time.sleep(0.2)  # until the shell has set its trap
    scheduler.kill(task, launched["agent_id"])
    assert scheduler.reached(task, "TASK_KILLED", timeout=5)["message"] == "Command exited with status 0"
    assert sandbox(mesos_cluster, task, "stdout") == "bye\n"


def test_a_task_is_ended_at_its_maximum_completion_time(scheduler):
    task = name()
    scheduler.launch(task, "sleep 60", max_completion_time={"nanoseconds": 500_000_000})
    status = scheduler.reached(task, "TASK_FAILED", timeout=5)
    assert status["reason"] == "REASON_MAX_COMPLETION_TIME_REACHED"


def health(kind, definition, **more):
    timing = {"delay_seconds": 0, "interval_seconds": 0.2, "timeout_seconds": 1, "grace_period_seconds": 30}
    return {"type": kind, kind.lower(): definition, "consecutive_failures": 2, **timing, **more}


def serve(body):
    """A shell command with a tiny HTTP server whose answer is the Python expression ``body`` of the path."""
    return (
        "exec /usr/bin/python3 -c 'import http.server, os, sys\n"
        "class H(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(%s); self.end_headers()\n"
        'http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), H).serve_forever()\' %%d' % body
    )


@pytest.mark.parametrize("kind", ["HTTP", "TCP", "COMMAND"])
def test_a_health_check_reports_healthy_then_unhealthy_and_then_ends_the_task(scheduler, open_path, kind):
    task, port, sick = name(), free_port(), open_path / "sick"
    if kind == "HTTP":
        command = serve('503 if os.path.exists("%s") else 204' % sick) % port
        check = health(kind, {"port": port, "path": "/healthz"})
    elif kind == "TCP":
        # Serves until it is told to close its socket.
        command = (
            "exec /usr/bin/python3 -c 'import os, socket, time\n"
            's = socket.create_server(("127.0.0.1", %d))\n'
            'while not os.path.exists("%s"): time.sleep(0.05)\n'
            "s.close(); time.sleep(60)'" % (port, sick)
        )
        check = health(kind, {"port": port})
    else:
        command = "sleep 60"
        check = health(kind, {"value": "test $WHO = me && test ! -e %s" % sick})
    variables = [{"name": "WHO", "value": "me"}]
    labels = {"labels": [{"key": "nextgen.address", "value": "127.0.0.1"}]}
    scheduler.launch(
        task, {"value": command, "environment": {"variables": variables}}, health_check=check, labels=labels
    )
    scheduler.reached(task, "TASK_RUNNING", healthy=True)
    sick.touch()
    status = scheduler.reached(task, "TASK_RUNNING", healthy=False)
    assert status["reason"] == "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED"
    status = scheduler.reached(task, "TASK_KILLED")
    assert status["healthy"] is False
    bad = [u for u in scheduler.updates if u["task_id"]["value"] == task and u.get("healthy") is False]
    assert len([u for u in bad if u["state"] == "TASK_RUNNING"]) == 2


def test_failures_in_the_grace_period_do_not_count(scheduler, open_path):
    task, ready = name(), open_path / "ready"
    check = health("COMMAND", {"value": "test -e %s" % ready}, consecutive_failures=1)
    scheduler.launch(task, "sleep 60", health_check=check)
    scheduler.reached(task, "TASK_RUNNING")
    time.sleep(0.8)
    assert scheduler.states(task) == ["TASK_STARTING", "TASK_RUNNING"]
    ready.touch()
    scheduler.reached(task, "TASK_RUNNING", healthy=True)


def test_a_check_that_hangs_counts_as_failed(scheduler):
    task = name()
    check = health(
        "COMMAND", {"value": "sleep 60"}, timeout_seconds=0.3, grace_period_seconds=0, consecutive_failures=1
    )
    scheduler.launch(task, "sleep 60", health_check=check)
    assert "timed out" in scheduler.reached(task, "TASK_KILLED", timeout=5)["message"]


def test_a_check_at_the_wrong_address_fails(scheduler):
    task, port = name(), free_port()
    labels = {"labels": [{"key": "nextgen.address", "value": "127.0.0.2"}]}
    check = health("HTTP", {"port": port}, grace_period_seconds=0, consecutive_failures=1)
    scheduler.launch(task, serve("200") % port, health_check=check, labels=labels)
    assert "refused" in scheduler.reached(task, "TASK_KILLED", timeout=5)["message"]


def test_general_checks_are_refused_instead_of_ignored(scheduler):
    task = name()
    check = {"type": "COMMAND", "command": {"command": {"value": "true"}}}
    scheduler.launch(task, "sleep 60", check=check)
    assert "not supported" in scheduler.reached(task, "TASK_FAILED")["message"]


def test_a_task_whose_executor_is_killed_ends_and_leaves_nothing(scheduler):
    task, mark = name(), "62.%d" % (os.getpid() % 10000)
    scheduler.launch(task, "sleep %s" % mark)
    status = scheduler.reached(task, "TASK_RUNNING")
    children = until(lambda: processes_with("sleep\0" + mark) or processes_with(mark), 5, "the task")
    with open("/proc/%d/stat" % children[0], encoding="utf-8") as file:
        executor = int(file.read().rpartition(")")[2].split()[1])
    helper = status["container_status"]["executor_pid"]
    assert executor != helper
    with open("/proc/%d/maps" % helper, encoding="utf-8") as file:
        assert "libmesos" not in file.read()  # a plain container needs no library
    os.kill(executor, signal.SIGKILL)
    scheduler.reached(task, "TASK_FAILED")
    until(lambda: not processes_with(mark), 3, "end of the task's processes")
