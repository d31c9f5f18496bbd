# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may be launched as whom: the gate before Mesos' helpers."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time

import pytest

SANDBOX = "slaves/S0/frameworks/F0/executors/e/runs/1"
RULES = {
    "run_tasks": [
        {"principals": {"values": ["operator"]}, "users": {"type": "ANY"}},
        {"principals": {"values": ["dev"]}, "users": {"values": ["nextgen-dev"]}},
    ]
}


def field(number, text):
    return bytes([number << 3 | 2, len(text)]) + text.encode()


# user, name, failover timeout (fixed 64), checkpoint (varint), principal, and one with an unknown number of two bytes.
INFO = (
    field(1, "root") + field(2, "qa") + bytes([4 << 3 | 1]) + struct.pack("<d", 1.5) + bytes([5 << 3, 1])
    + field(8, "dev") + b"\x82\x08\x02xy"
)  # fmt: skip


@pytest.fixture
def daemon(tmp_path):
    """The flags of an agent whose framework F0 has the principal dev."""
    folder = tmp_path / "work/meta/slaves/S0/frameworks/F0"
    folder.mkdir(parents=True)
    (folder / "framework.info").write_bytes(struct.pack("=I", len(INFO)) + INFO)
    (tmp_path / "acls.json").write_text(json.dumps(RULES))
    return {"acls": str(tmp_path / "acls.json"), "work_dir": str(tmp_path / "work")}


def info(daemon, user="nextgen-dev", sandbox=SANDBOX):
    return {"user": user, "working_directory": "%s/%s" % (daemon["work_dir"], sandbox)}


def test_the_rules_decide(mesos_gate, daemon):
    mesos_gate.check(info(daemon), "working_directory", daemon)
    mesos_gate.check(info(daemon, sandbox=SANDBOX + "/containers/2"), "working_directory", daemon)
    for user in ("root", "nextgen-qa", ""):
        with pytest.raises(mesos_gate.Closed, match="'dev' may not"):
            mesos_gate.check(info(daemon, user), "working_directory", daemon)


def test_who_is_not_said_is_nobody(mesos_gate, daemon):
    with pytest.raises(mesos_gate.Closed):
        mesos_gate.check({"working_directory": info(daemon)["working_directory"]}, "working_directory", daemon)


@pytest.mark.parametrize(
    "sandbox",
    ["", "containers/1", SANDBOX.replace("F0", ".."), SANDBOX.replace("S0", ""), SANDBOX.replace("runs", "run")],
)
def test_what_is_not_of_a_framework_is_not_launched(mesos_gate, daemon, sandbox):
    with pytest.raises(mesos_gate.Closed, match="not the sandbox"):
        mesos_gate.check(info(daemon, sandbox=sandbox), "working_directory", daemon)


def test_a_framework_without_checkpoint_is_not_launched(mesos_gate, daemon):
    with pytest.raises(mesos_gate.Closed, match="without checkpoints"):
        mesos_gate.check(info(daemon, sandbox=SANDBOX.replace("F0", "F1")), "working_directory", daemon)


@pytest.mark.parametrize("data", [b"", b"\0", INFO, struct.pack("=I", 9) + INFO])
def test_a_checkpoint_that_is_not_whole_is_not_believed(mesos_gate, daemon, tmp_path, data):
    (tmp_path / "work/meta/slaves/S0/frameworks/F0/framework.info").write_bytes(data)
    with pytest.raises(mesos_gate.Closed):
        mesos_gate.check(info(daemon, "root"), "working_directory", daemon)


def test_an_agent_without_rules_launches_what_it_is_told_to(mesos_gate):
    mesos_gate.check(None, "working_directory", {"work_dir": "/x"})


def test_without_an_agent_nothing_starts(mesos_gate):
    with pytest.raises(mesos_gate.Closed, match="no agent"):
        mesos_gate.agent_of(os.getpid())
    agent = [
        sys.executable,
        "-c",
        "import subprocess, sys; subprocess.run(['sleep', '60'])",
        "--launcher_dir=/l",
        "--work_dir=/w",
    ]
    with subprocess.Popen(agent, start_new_session=True) as process:
        try:
            children = "/proc/%d/task/%d/children" % (process.pid, process.pid)
            end = time.monotonic() + 10
            while not open(children).read() and time.monotonic() < end:
                time.sleep(0.02)
            child = int(open(children).read().split()[0])
            assert mesos_gate.agent_of(child) == {"launcher_dir": "/l", "work_dir": "/w"}
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_flags_of_a_command_line(mesos_gate):
    words = b"/usr/bin/python3\0-IS\0/usr/sbin/mesos-agent\0--acls=/a=b\0--work_dir=/w\0--bare\0"
    assert mesos_gate.flags(words) == {"acls": "/a=b", "work_dir": "/w"}
