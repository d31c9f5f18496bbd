# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody tries on a worker who may run anything as the user of cloud dev; then the same through real Mesos."""

from __future__ import annotations

import json
import shlex

import pytest
from engine_node import ADDRESS, DOOR, IMAGE, PROGRAM, REGISTRY, SITE, WORK_DIR, Task
from mesos_cluster import PRINCIPALS, Api, until
from mesos_scheduler import Scheduler

PORT = {"container": 80, "host": 20101, "address": ADDRESS}
MESOS = """
- hosts: n1
  gather_subset: [min]
  roles:
    - role: nextgen.cloud.mesos
    - role: nextgen.cloud.mesos_master
      mesos_master_principals: "{{ principals }}"
      mesos_master_clouds: [dev, qa]
    - role: nextgen.cloud.mesos_agent
      mesos_agent_master: "{{ ansible_host }}:5050"
      mesos_agent_secret: "{{ principals.agent }}"
      mesos_agent_principals: {operator: "{{ principals.operator }}"}
      mesos_agent_clouds: [dev, qa]
      mesos_agent_resources: {cpus: 4, mem: 2048, disk: 2048}
      mesos_agent_ports: [20000, 20999]
"""


def as_dev(node, command):
    """What a shell command says and its exit code, run as the user of cloud dev."""
    become = "setpriv --reuid=nextgen-dev --regid=nextgen-dev --init-groups sh -c %s 2>&1; echo =$?"
    said, _equals, code = node.run(become % shlex.quote(command)).rpartition("=")
    return said, int(code)


# --- the account


def test_the_user_has_no_password_no_shell_no_home(node):
    fields = node.run("getent passwd nextgen-dev").split(":")
    assert fields[5:] == ["/nonexistent", "/usr/sbin/nologin"]
    assert node.run("getent shadow nextgen-dev").split(":")[1] == "!"
    assert int(fields[2]) < 1000
    assert node.run("id -Gn nextgen-dev") == "nextgen-dev nextgen-clouds"


@pytest.mark.parametrize(
    "path",
    ["/etc/nextgen.cloud/clouds", "/etc/nextgen.cloud/registry.json", "/etc/nextgen.cloud/users", "/run/nextgen.cloud",
     "/etc/nextgen.cloud/worker.json", "/var/lib/containers", "/run/libpod", "/root", "/etc/sudoers.d/nextgen-tasks"],
)  # fmt: skip
def test_what_is_roots_is_closed(node, path):
    said, code = as_dev(node, "ls %s/ >/dev/null 2>&1 || cat %s" % (path, path))
    assert code != 0 and "ermission denied" in said, said


def test_podman_does_nothing_for_the_user(node):
    running = Task(node, "qa").running()
    for words in ("podman ps -q", "podman rm -f %s" % running.id, "podman run --rm %s true" % IMAGE):
        said, _code = as_dev(node, words)
        assert running.id not in said.replace(words, ""), said
    assert as_dev(node, "podman run --rm %s true" % IMAGE)[1] != 0
    assert as_dev(node, "kill -9 $(pgrep -f %s)" % running.id)[1] != 0
    assert running.id in node.containers()
    running.kill("asking", "TERM")
    assert running.code() == 137


@pytest.mark.parametrize(
    "words",
    ["id", "%s --reap" % PROGRAM, "%s --destroy qa" % PROGRAM, "%s qa.mc.1" % PROGRAM, "%s --enter x" % DOOR, DOOR,
     "-u nextgen-qa %s --enter" % DOOR, "LD_PRELOAD=/x %s --enter" % DOOR],
)  # fmt: skip
def test_sudo_opens_nothing_but_the_door(node, words):
    said, code = as_dev(node, "sudo -n %s" % words)
    assert code == 1 and ("a password is required" in said or "not allowed" in said), said


def test_the_sudoers_file_is_sound(node):
    assert "parsed OK" in node.run("visudo -cf /etc/sudoers.d/nextgen-tasks")


# --- the door


@pytest.mark.parametrize(
    "tamper, words",
    [
        ({"cloud": "qa"}, "for cloud dev"),
        ({"site": "other"}, "for site"),
        ({"task": "qa.mc.1"}, "for task"),
        ({"image": "docker.io/library/debian:12"}, "an image of " + REGISTRY),
        ({"user": "0:0"}, "other than root"),
        ({"user": "1:42457"}, "whom the worker does not know"),
        ({"ports": [{**PORT, "host": 20250}]}, "the cloud's pool 20100-20199"),
        ({"ports": [{**PORT, "address": "0.0.0.0"}]}, "a port on " + ADDRESS),
        ({"files": [{"path": "/x:rw", "content": ""}]}, "a path in the container"),
        ({"volumes": [{"name": "x", "path": "/x", "source": "/etc"}]}, "a volume by its name"),
        ({"volumes": [{"name": "x", "path": "/x", "source": "../.."}]}, "a volume by its name"),
        ({"resources": {}}, "a limit of memory"),
        ({"environment": {"LD_PRELOAD=/x": "1"}}, "an environment of variables"),
    ],
)
def test_what_is_not_the_clouds_is_refused(node, tamper, words):
    task = Task(node, tamper=tamper)
    assert task.code() == 78
    assert words in task.output("stderr")
    assert node.left() == []


def test_the_environment_of_a_container_is_not_podmans(node):
    hostile = {"LD_PRELOAD": "/tmp/x.so", "PATH": "/usr/bin:/bin", "CONTAINERS_CONF": "/tmp/x", "A": 'it\'s #1 = "x" '}
    node.run("echo '[engine]\nruntime=\"none\"' > /tmp/x; printf 'x' > /tmp/x.so")
    task = Task(node, command=("sh", "-c", 'echo "$CONTAINERS_CONF $A."'), environment=hostile)
    assert task.code() == 0, task.output("stderr")
    assert task.output() == '/tmp/x it\'s #1 = "x" .'


@pytest.mark.parametrize("sandbox", ["/etc", "/tmp", WORK_DIR, "$PWD/..", "/var/tmp/fake"])
def test_a_made_up_sandbox_is_refused(node, sandbox):
    task = Task(node, sandbox=sandbox)
    assert task.code() == 78
    assert "sandbox" in task.output("stderr")


def test_the_sandbox_of_another_user_is_refused(node):
    other = "%s/slaves/S0/frameworks/dev-00000000/executors/dev.mc.own/runs/1" % WORK_DIR
    node.run("mkdir -p %s && chown nextgen-qa: %s" % (other, other))
    task = Task(node, task="dev.mc.own", sandbox=other)
    assert task.code() == 78 and "a sandbox of this user" in task.output("stderr")


@pytest.mark.parametrize("target", ["/etc", "/var/lib/mesos/agent/volumes/roles/qa/qa.x", "/nowhere", "/tmp"])
def test_a_link_is_no_volume(node, target):
    node.run("mkdir -p %s/volumes/roles/qa/qa.x %s/volumes/roles/dev" % (WORK_DIR, WORK_DIR))
    task = Task(node, command=("sleep", "60"), tamper={"volumes": [{"name": "d", "path": "/d", "source": "d"}]})
    task.code()
    node.run("ln -sfn %s %s/d" % (target, task.sandbox))
    environment = 'MESOS_SANDBOX=$PWD NEXTGEN_CONTAINER="$(cat spec)"'
    said, code = as_dev(node, "cd %s && %s %s %s" % (task.sandbox, environment, PROGRAM, task.id))
    assert code == 78 and "volume" in said, said
    assert node.run("stat -c %U /etc") == "root"


def test_volumes_are_closed_to_the_user_who_could_use_the_rights_of_their_owner(node):
    task = Task(
        node,
        command=("sh", "-c", "cp /bin/sh /data/sh && chmod 4755 /data/sh && chmod 777 /data && sleep 60"),
        volumes=[{"name": "data", "path": "/data", "source": "data"}],
    ).running()
    node.until("test -u %s/data/.nextgen/data/sh" % task.sandbox, "the container has done its part")
    said, code = as_dev(node, "%s/data/.nextgen/data/sh -p -c id" % task.sandbox)
    assert code != 0 and "ermission denied" in said, said
    task.kill("asking", "TERM")
    task.code()


def test_output_to_a_folder_or_socket_is_refused(node):
    task = Task(node, tamper={"schema": 0})
    task.code()
    for stream, words in (
        ("os.open('/', os.O_RDONLY)", "Is a directory"),
        ("held[0].fileno()", "output to a file or a pipe"),
    ):
        program = (
            "import os, socket; held = socket.socketpair(); os.dup2(%s, 1); os.execv('%s', ['container-task', '%s'])"
        )
        said, code = as_dev(node, 'python3 -c "%s"' % (program % (stream, PROGRAM, task.id)))
        assert code != 0 and words in said, said


def test_a_health_check_goes_to_a_container_of_the_cloud_only(node):
    own, other = Task(node, "dev").running(), Task(node, "qa").running()
    said, code = as_dev(node, "%s --exec %s sh -c 'id -u; exit 3'" % (PROGRAM, own.id))
    assert (said, code) == ("42457\n", 3)
    for task in (other.id, "dev.mc.none"):
        assert as_dev(node, "%s --exec %s id" % (PROGRAM, task))[1] in (70, 78)
    become = "setpriv --reuid=nextgen-dev --regid=nextgen-dev --init-groups"
    node.run("timeout -s KILL 1 %s %s --exec %s sleep 77 || true" % (become, PROGRAM, own.id))
    node.until("! pgrep -fx 'podman exec %s sleep 77'" % own.id, "the check ends with who asked for it")
    for task in (own, other):
        task.kill("asking", "TERM")
        assert task.code() == 137


def test_limits_of_the_caller_do_not_cut_what_root_writes(node):
    task = Task(node, command=("echo", "x"), tamper={"schema": 0})
    task.code()
    spec = json.loads(node.run("cat %s/spec" % task.sandbox))
    node.run("cat > %s/spec" % task.sandbox, json.dumps({**spec, "schema": 1}))
    environment = 'MESOS_SANDBOX=$PWD NEXTGEN_CONTAINER="$(cat spec)"'
    start = "cd %s && ulimit -S -f 0 && umask 0777 && %s %s %s" % (task.sandbox, environment, PROGRAM, task.id)
    assert as_dev(node, start) == ("x\n", 0)


# --- through Mesos


class Master:
    """The Mesos of the node, as the scheduler of the tests wants it."""

    auth = True

    def __init__(self, node):
        self.addresses = [node.address + ":5050"]
        self.agent = node.address + ":5051"

    def api(self, principal, address=None):
        return Api(address or self.addresses[0], principal, PRINCIPALS[principal])


@pytest.fixture(scope="module")
def mesos(node):
    node.play(MESOS, {"principals": PRINCIPALS, "mesos_source": {"source": "embedded"}})
    assert node.run("stat -c %%a %s/volumes" % WORK_DIR) == "700"
    return Master(node)


@pytest.fixture(scope="module")
def dev(mesos):
    scheduler = Scheduler(mesos)
    yield scheduler
    scheduler.teardown()


def command(of, **changes):
    """What the operators give to Mesos for a container."""
    spec = {
        **{"schema": 1, "site": SITE, "cloud": "dev", "name": "mc", "task": of, "image": IMAGE, "user": "42457:42457"},
        **{"command": ["sleep", "60"], "resources": {"cpus": 0.1, "mem": 64}, "stop_grace": 3, **changes},
    }
    return {
        "shell": False,
        "value": PROGRAM,
        "arguments": ["container-task", of],
        "user": "nextgen-dev",
        "environment": {"variables": [{"name": "NEXTGEN_CONTAINER", "value": json.dumps(spec)}]},
    }


def output(mesos, task, name="stdout"):
    """A file in a task's sandbox, as cloud dev sees it."""
    state = mesos.api("operator", mesos.agent).get("/state")
    for framework in state["frameworks"] + state["completed_frameworks"]:
        for executor in framework["executors"] + framework["completed_executors"]:
            if executor["id"] == task:
                path = "/files/read?offset=0&path=%s/%s" % (executor["directory"], name)
                return mesos.api("operator", mesos.agent).get(path)["data"]
    raise AssertionError("no executor of %s" % task)


def test_a_container_lives_and_ends_by_mesos_with_its_volume_and_its_check(node, mesos, dev):
    task = "dev.mc.one"
    offer = dev.offer()
    reserved = {**dev.scalar("disk", 64), "reservations": [{"type": "DYNAMIC", "role": "dev", "principal": "dev"}]}
    disk = {
        **reserved,
        "disk": {
            "persistence": {"id": "dev.mc.0.data", "principal": "dev"},
            "volume": {"mode": "RW", "container_path": "data"},
        },
    }
    wanted = command(
        task,
        command=["sh", "-c", "echo kept > /data/file; trap 'echo bye; exit 0' TERM; sleep 60 & wait"],
        volumes=[{"name": "data", "path": "/data", "source": "data"}],
    )
    words = ["container-task", "--exec", task, "test", "-e", "/data/file"]
    check = {
        "type": "COMMAND",
        "command": {"shell": False, "value": PROGRAM, "arguments": words},
        "delay_seconds": 0,
        "interval_seconds": 0.5,
        "timeout_seconds": 5,
        "grace_period_seconds": 30,
    }
    info = dev.task(offer, task, wanted, health_check=check, kill_policy={"grace_period": {"nanoseconds": 10**10}})
    info["resources"].append(disk)
    dev.accept(
        offer,
        {"type": "RESERVE", "reserve": {"resources": [reserved]}},
        {"type": "CREATE", "create": {"volumes": [disk]}},
        {"type": "LAUNCH", "launch": {"task_infos": [info]}},
    )
    dev.reached(task, "TASK_RUNNING", timeout=30, healthy=True)
    executor = node.run("pgrep -fo mesos-executor")
    assert node.run("stat -c %%U /proc/%s" % executor) == "nextgen-dev"
    volume = "%s/volumes/roles/dev/dev.mc.0.data" % WORK_DIR
    assert node.run("cat %s/.nextgen/data/file" % volume) == "kept"
    # An agent that starts gives the volume to the user of the task once more; the container keeps what it has of it.
    node.run("chown root: %s && systemctl restart mesos-agent" % volume)
    node.until("test $(stat -c %%U %s) = nextgen-dev" % volume, "the agent knows its tasks again")
    node.run("podman exec %s sh -c 'echo later > /data/later'" % task)
    dev.kill(task, offer["agent_id"])
    assert dev.reached(task, "TASK_KILLED")["message"] == "Command exited with status 0"
    assert output(mesos, task) == "bye\n"
    assert node.left() == []


def test_tasks_outlive_the_agent_and_end_with_their_executor(node, mesos, dev):
    task = "dev.mc.two"
    launched = dev.launch(task, command(task))
    dev.reached(task, "TASK_RUNNING")
    node.until("podman ps --format '{{.Names}}' | grep -qxF %s" % task, "the container runs")
    node.run("kill -9 $(systemctl show -P MainPID mesos-agent)")
    until(
        lambda: mesos.api("operator", mesos.agent).get("/metrics/snapshot").get("slave/registered") == 1,
        30,
        "the agent",
    )
    assert task in node.containers()
    assert dev.states(task)[-1] == "TASK_RUNNING"
    node.run("kill -9 $(pgrep -fo mesos-executor)")
    dev.reached(task, "TASK_FAILED", timeout=30)
    node.until('test -z "$(podman ps -aq)"', "the container has ended with it")
    assert launched["agent_id"]


@pytest.mark.parametrize(
    "tamper, words",
    [
        ({"cloud": "qa"}, "for cloud dev"),
        ({"image": "docker.io/library/debian:12"}, "an image of"),
        ({"volumes": [{"path": "/x", "source": "link"}]}, "volume"),
        ({"task": "qa.mc.1"}, "for task"),
    ],
)
def test_descriptions_made_by_hand_are_refused(node, mesos, dev, tamper, words):
    task = "dev.mc.bad-%s" % sorted(tamper)[0]
    dev.launch(task, command(task, **tamper))
    dev.reached(task, "TASK_FAILED", timeout=20)
    assert words in output(mesos, task, "stderr")
    assert node.left() == []


def test_commands_made_by_hand_find_everything_closed(node, mesos, dev, request):
    node.secret("qa", "mc/password", "s3cr3t-0f-qa")
    request.addfinalizer(lambda: node.run("rm -r /etc/nextgen.cloud/clouds/qa"))
    task = "dev.hand"
    look = (
        "id -un; cat /etc/nextgen.cloud/clouds/qa/secrets/mc/password; "
        "cat /etc/mesos-agent/secret/acls.json /etc/mesos-master/secret/credentials.json; "
        "ls /etc/nextgen.cloud/clouds; podman ps -aq; sudo -n id; ls %s/slaves/*/frameworks/qa-*/executors/*/runs/*/; "
        "grep -rls AUTHENTICATION_TOKEN /run/mesos %s/meta; MESOS_SANDBOX=/etc %s dev.hand; %s qa.mc.1; true"
    )
    dev.launch(task, {"value": look % (WORK_DIR, WORK_DIR, PROGRAM, PROGRAM), "user": "nextgen-dev"})
    dev.reached(task, "TASK_FINISHED", timeout=20)
    assert output(mesos, task) == "nextgen-dev\n"
    told = output(mesos, task, "stderr")
    assert "a password is required" in told
    assert told.count("container-door: ") == 2 and "container-door: not a task of cloud dev" in told


def test_nothing_runs_as_root(dev):
    for user, task in (("root", "dev.root"), ("nextgen-qa", "dev.qa")):
        dev.launch(task, {"value": "id", "user": user})
        assert "under user '%s'" % user in dev.reached(task, "TASK_ERROR")["message"]
