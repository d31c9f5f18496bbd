# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images are built, and containers run as tasks, on a real node. Mesos is not needed for that."""

from __future__ import annotations

import json
import time

import pytest
from engine_node import ADDRESS, IMAGE, PROGRAM, REGISTRY, Task, recipe
from site_registry import ACCOUNT, PASSWORD, USER, ask, tags

PORTS = [{"name": "memcache", "container": 11211, "host": 20105, "address": ADDRESS}]
SERVER = ("memcached", "-l", "0.0.0.0")
ASK = "timeout 5 bash -c 'exec 3<>/dev/tcp/%s/%d; printf \"version\\r\\nquit\\r\\n\" >&3; cat <&3'"


def test_second_run_changes_nothing(node):
    output = node.services()
    assert "changed=0" in output


def test_the_registry_has_the_image_and_the_building_left_nothing(node):
    assert tags(node, REGISTRY, "memcached") == ["1-test"]
    assert node.run("ls -A /var/lib/containers/nextgen-images") == ""
    assert "nextgen-images" not in node.run("cat /proc/mounts")


def test_the_image_is_lean_and_runs_as_nobody_special(node):
    assert "changed=0" in node.images(recipe())
    node.run("podman pull --authfile %s %s" % (ACCOUNT, IMAGE))
    size = int(node.run("podman image inspect --format '{{.Size}}' %s" % IMAGE))
    assert size < 160 * 1024 * 1024
    look = "id; ls /var/lib/apt/lists /var/cache/apt /usr/share/doc | wc -l"
    output = node.run("podman run --rm --cgroupns=private --network=none %s sh -c '%s'" % (IMAGE, look))
    assert output.splitlines()[0] == "uid=42457(memcache) gid=42457(memcache) groups=42457(memcache)"
    assert int(output.splitlines()[1]) < 10


def test_check_mode_tells_what_would_be_built(node):
    output = node.images(recipe(tag="2-test"), check=True)
    assert "+memcached:2-test" in output
    assert "changed=1" in output
    assert tags(node, REGISTRY, "memcached") == ["1-test"]


def test_a_failing_build_tells_why_and_leaves_nothing(node):
    broken = recipe("broken", content="ARG BASE\nFROM ${BASE}\nRUN echo began; echo the reason is this >&2; exit 3\n")
    output = node.images(broken, recipe("fine", content="ARG BASE\nFROM ${BASE}\n"), succeed=False)
    assert "NXC-IMAGE-0003" in output
    assert "the reason is this" in output
    _status, catalogue = ask(node, "https://%s/v2/_catalog" % REGISTRY, USER, PASSWORD)
    assert json.loads(catalogue)["repositories"] == ["fine", "memcached", "nextgen-base"], (
        "one does not hold up another"
    )
    assert node.run("ls -A /var/lib/containers/nextgen-images") == ""


def test_a_task_serves_on_its_port_and_stops_gracefully(node):
    task = Task(node, command=("sh", "-c", "trap 'echo bye; exit 9' TERM; memcached -l 0.0.0.0 & wait"), ports=PORTS)
    task.running()
    node.until(ASK % (ADDRESS, 20105), "memcached answers on the node's address")
    begin = time.monotonic()
    task.kill("asking", "TERM")
    assert task.code() == 9
    assert time.monotonic() - begin < 5
    assert task.output() == "bye"


def test_a_task_that_does_not_stop_is_killed_after_its_grace(node):
    task = Task(node, command=("sh", "-c", "trap '' TERM; sleep 30 & wait; wait"), stop_grace=1).running()
    begin = time.monotonic()
    task.kill("leader", "TERM")
    assert task.code() == 137
    assert 1 <= time.monotonic() - begin < 5


def test_files_secrets_volumes_environment_and_limits(node):
    node.secret("dev", "mc/password", "s3cr3t")
    files = [{"path": "/etc/memcached/password", "mode": "0400", "content": "pw=@secret:mc/password@\n"}]
    look = (
        "cat /etc/memcached/password; stat -c '%u %a' /etc/memcached/password /data; echo x > /data/x && echo $LEVEL;"
        "touch /etc/memcached/password 2>/dev/null || echo read-only; env | grep -c -e UNRELATED -e NEXTGEN;"
        "grep CapBnd /proc/self/status; grep NoNewPrivs /proc/self/status; cat /etc/resolv.conf; echo oops >&2; exit 3"
    )
    task = Task(
        node,
        command=("sh", "-c", look),
        files=files,
        environment={"LEVEL": "two words @secret:mc/password@"},
        volumes=[{"name": "data", "path": "/data", "source": "data"}],
        resources={"cpus": 0.1, "mem": 64},
    )
    assert task.code() == 3
    assert task.output().split("\n") == [
        "pw=s3cr3t",
        "42457 400",
        "42457 750",
        "two words s3cr3t",
        "read-only",
        "0",
        "CapBnd:\t0000000000000000",
        "NoNewPrivs:\t1",
        "nameserver %s" % ADDRESS,
    ]
    assert task.output("stderr") == "oops"
    assert node.run("cat %s/data/.nextgen/data/x" % task.sandbox) == "x"


def test_memory_is_limited(node):
    hungry = ("perl", "-e", '$x = "x" x (200 << 20); print "fits\n"')
    assert Task(node, command=hungry, resources={"mem": 64}).code() == 137
    roomy = Task(node, command=hungry, resources={"mem": 512})
    assert (roomy.code(), roomy.output()) == (0, "fits")


@pytest.mark.parametrize("process", ["asking", "leader", "podman", "conmon", "container"])
def test_a_killed_process_ends_the_task_and_leaves_nothing(node, process):
    task = Task(node, command=SERVER, ports=PORTS).running()
    task.kill(process, "KILL")
    assert task.code() != 0
    if process == "asking":
        node.until("! podman ps --all --format '{{.Names}}' | grep -qxF %s" % task.id, "the pipe has told the leader")
    if process == "leader":
        node.until("! podman ps --format '{{.Names}}' | grep -qxF %s" % task.id, "the kernel has told podman")
        node.run("%s --reap" % PROGRAM)
    again = Task(node, command=SERVER, ports=PORTS).running()
    node.until(ASK % (ADDRESS, 20105), "the port is free again, and the server is there to hear the signal")
    again.kill("leader", "TERM")
    assert again.code() == 0


def test_a_whole_task_killed_at_once_is_reaped(node):
    task = Task(node, command=SERVER, ports=PORTS).running()
    live = Task(node, "qa", command=SERVER).running()
    node.run("kill -9 $(%s) $(%s)" % (task.pid("leader"), task.pid("podman")))
    assert task.code() != 0
    assert task.id in node.containers(), "nobody is left to remove it"
    node.run("systemctl start nextgen-reap.service")
    assert node.left() == [live.id, live.id]
    live.kill("leader", "TERM")
    assert live.code() == 0


def test_the_timer_reaps(node):
    assert node.run("systemctl is-enabled nextgen-reap.timer") == "enabled"
    assert node.run("systemctl is-active nextgen-reap.timer") == "active"


@pytest.mark.parametrize(
    "changes, code, words",
    [
        ({"schema": 9}, 78, "schema 1"),
        ({"files": [{"path": "/x", "content": "@secret:mc/none@", "mode": "0444"}]}, 78, "secret mc/none of cloud dev"),
        ({"image": REGISTRY + "/memcached:never"}, 125, "never"),
        ({"command": ["no-such-program"]}, 127, "no-such-program"),
    ],
)
def test_what_cannot_run_says_why(node, changes, code, words):
    task = Task(node, **changes)
    assert task.code() == code
    assert words in task.output("stderr")


def test_clouds_are_closed_to_each_other_and_destroyed_exactly(node):
    node.secret("dev", "mc/password", "x")
    node.secret("dev2", "mc/password", "y")
    one = Task(node, "dev", command=SERVER, ports=PORTS).running()
    two = Task(node, "dev2", command=SERVER).running()
    where = '{{(index .NetworkSettings.Networks "nextgen-dev2").IPAddress}}'
    ask = ASK % (node.run("podman inspect --format '%s' %s" % (where, two.id)), 11211)
    node.until(ask, "the node itself reaches it")
    assert node.run("podman exec %s %s" % (one.id, ask.replace("timeout 5", "timeout 2")), check=False) == ""

    plan = json.loads(node.run("%s --destroy dev --check" % PROGRAM))
    assert plan["changed"] is True
    assert sorted(node.containers()) == sorted([one.id, two.id])

    sandbox = "/var/tmp/slaves/S0/frameworks/dev-1a2b3c4d"
    node.run("mkdir -p %s/executors" % sandbox)
    done = json.loads(node.run("%s --destroy dev --remove %s" % (PROGRAM, sandbox)))
    assert len(done["containers"]) == 1
    assert done["networks"] == ["nextgen-dev"]
    assert {sandbox, "/etc/nextgen.cloud/clouds/dev"} <= set(done["paths"])
    assert one.code() != 0
    assert node.containers() == [two.id]
    assert node.run("ls /etc/nextgen.cloud/clouds") == "dev2"
    assert node.run("podman network ls --format '{{.Name}}' | grep -c ^nextgen-dev2") == "1"
    assert node.run("ls /var/tmp/slaves/S0/frameworks") == ""
    assert json.loads(node.run("%s --destroy dev --remove %s" % (PROGRAM, sandbox)))["changed"] is False

    node.run("%s --destroy dev2" % PROGRAM)
    assert two.code() != 0
    assert "nextgen-" not in node.run("podman network ls --format '{{.Name}}'").replace("nextgen-qa", "")
