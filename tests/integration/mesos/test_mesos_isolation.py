# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The linux launcher, where this machine's cgroups allow it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mesos_cluster import FILES, until
from mesos_scheduler import Scheduler

CGROUPS = Path("/sys/fs/cgroup")
NEEDED = ("cpu", "cpuacct", "freezer", "memory")


def usable():
    return os.geteuid() == 0 and all(os.access(CGROUPS / name / "tasks", os.W_OK) for name in NEEDED)


def wrapper(folder, **flags):
    """What the wrapper says when it starts an agent with these flags, and with one that ends the agent at once."""
    etc = folder / "mesos-agent"
    etc.mkdir()
    for flag, value in {**flags, "nosuch": "1"}.items():
        (etc / flag).write_text(value + "\n")
    command = [sys.executable, "-IS", str(FILES / "mesos_init.py"), "agent", "--etc", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stderr


def removed(root):
    """Remove a cgroup with all below it; OSError while a process is in one of them."""
    for directory in sorted((path for path in root.rglob("*") if path.is_dir()), reverse=True):
        directory.rmdir()
    if root.is_dir():
        root.rmdir()
    return True


@pytest.fixture
def cgroups_root():
    """A name for this run's cgroups, whose directories are removed at the end."""
    name = "mesos-test-%d" % os.getpid()
    yield name
    until(lambda: all(removed(CGROUPS / controller / name) for controller in NEEDED), 20, "%s is empty" % name)


def test_cgroups_limit_the_memory_of_a_task(mesos_factory, cgroups_root, tmp_path):
    if not usable():
        # Mesos 1.11 knows no cgroup v2: there the wrapper must not choose what cannot work.
        assert "mesos-init: launcher posix" in wrapper(tmp_path)
        return
    cluster = mesos_factory(auth=False)
    try:
        cluster.start(agents=0)
        cluster.add_agent(launcher="linux", isolation="cgroups/cpu,cgroups/mem", cgroups_root=cgroups_root).start()
        cluster.wait_agents(1)
        scheduler = Scheduler(cluster)
        scheduler.launch("modest", "grep -q /%s/ /proc/self/cgroup" % cgroups_root)
        scheduler.reached("modest", "TASK_FINISHED")
        scheduler.launch("greedy", "x=$(head -c 300000000 /dev/zero | tr '\\0' a); sleep 5")
        failed = scheduler.reached("greedy", "TASK_FAILED", timeout=20)["message"]
        # The kernel ends the task; whether its executor or the agent is the first to tell is a matter of luck.
        assert "Memory limit exceeded" in failed or failed.endswith("signal Killed")
        scheduler.teardown()
        # An agent that ends while it removes a cgroup leaves what is in it frozen.
        until(lambda: not cluster.agent_api().get("/state")["frameworks"], 20, "the end of the framework")
    finally:
        cluster.stop()


def test_the_wrapper_says_what_it_chose_and_why(tmp_path):
    assert "mesos-init: launcher posix, isolation posix/cpu,posix/mem: launcher given by flag" in wrapper(
        tmp_path, launcher="posix"
    )
