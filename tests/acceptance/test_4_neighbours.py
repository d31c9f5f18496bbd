# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is dev, or runs in dev, can do nothing to qa."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from .mesos_view import call, frameworks, mesos_paths, running_tasks
from .secret_values import Hidden, stored
from .strangers import basic, exchange, http_answer, tls

HERE = Path(__file__).parent
MINE, OTHER = "dev", "qa"
OPEN_TO_ALL = ("/health", "/version", "/help", "/system/stats.json")
# Mesos shows these to whoever logs in: which agent serves which framework, and the names of roles with a quota.
TOLD = {"GET /state-summary", "GET /master/state-summary", "GET /registrar(1)/registry"}


@pytest.fixture(scope="module")
def login(site):
    """What the principal of dev logs in with."""
    return basic(MINE, stored(site)["mesos/principals/" + MINE])


@pytest.fixture(scope="module")
def other(site):
    """Ids of the other cloud: its framework, and its tasks with their agents."""
    [framework] = [one["id"]["value"] for one in frameworks(site) if one["name"] == OTHER]
    tasks = {task["id"]: task["agent"] for task in running_tasks(site) if task["cloud"] == OTHER}
    assert tasks
    return framework, tasks


def ask(site, login, kind: str, path: str = "/api/v1", **body: Any) -> tuple[int, str]:
    message = {"type": kind, **({kind.lower(): body} if body else {})}
    return http_answer(site.address("control"), 5050, path, "POST", message, login)


def first_event(site, login, framework: str, role: str) -> dict[str, Any]:
    """What a scheduler hears first that subscribes with this id and role as dev: ``{"refused": …}`` or an event."""
    info = {"id": {"value": framework}, "name": "intruder", "user": "root", "roles": [role], "principal": MINE,
            "capabilities": [{"type": "MULTI_ROLE"}], "failover_timeout": 0}  # fmt: skip
    body = {"type": "SUBSCRIBE", "framework_id": info["id"], "subscribe": {"framework_info": info, "force": True}}
    connection = http.client.HTTPConnection(site.address("control"), 5050, timeout=10)
    headers = {"Content-Type": "application/json", "Accept": "application/json", **login}
    try:
        connection.request("POST", "/api/v1/scheduler", json.dumps(body), headers)
        answer = connection.getresponse()
        if answer.status != 200:
            return {"refused": "%d %s" % (answer.status, answer.read().decode())}
        while True:
            size = b""
            while not size.endswith(b"\n"):
                size += answer.read(1)
            event = json.loads(answer.read(int(size)))
            if event["type"] != "HEARTBEAT":
                return event
    finally:
        connection.close()


def scalar(name: str, value: float, principal: str, **more: Any) -> dict[str, Any]:
    """Something that is reserved for the other cloud by this principal."""
    reservation = {"type": "DYNAMIC", "role": OTHER, "principal": principal}
    return {"name": name, "type": "SCALAR", "scalar": {"value": value}, "reservations": [reservation], **more}


def volume(name: str, principal: str) -> dict[str, Any]:
    """A small volume of the other cloud."""
    where = {"volume": {"container_path": "x", "mode": "RW"}, "persistence": {"id": name, "principal": principal}}
    return scalar("disk", 1, principal, disk=where)


@pytest.fixture
def spare(site, other):
    """An agent on which the operator has reserved a little for the other cloud, and made a volume of it."""
    agent = {"value": min(other[1].values())}
    share, disk, made = scalar("cpus", 0.01, "operator"), scalar("disk", 1, "operator"), volume("spare", "operator")

    def operate(kind: str, what: dict[str, Any]) -> None:
        key = "volumes" if kind.endswith("VOLUMES") else "resources"
        call(site, {"type": kind, kind.lower(): {"agent_id": agent, key: [what]}})

    operate("RESERVE_RESOURCES", share)
    operate("RESERVE_RESOURCES", disk)
    operate("CREATE_VOLUMES", made)
    yield agent, share, made
    operate("DESTROY_VOLUMES", made)
    operate("UNRESERVE_RESOURCES", disk)
    operate("UNRESERVE_RESOURCES", share)


def test_principal_is_refused_what_belongs_to_the_other_cloud(site, login, other, spare):
    framework, _tasks = other
    agent, share, made = spare
    limits = {"cpus": {"value": 0.1}, "mem": {"value": 32}}
    answers = {
        "quota": ask(site, login, "UPDATE_QUOTA", force=True, quota_configs=[{"role": OTHER, "limits": limits}]),
        "own quota": ask(site, login, "UPDATE_QUOTA", force=True, quota_configs=[{"role": MINE, "limits": limits}]),
        "weight": ask(site, login, "UPDATE_WEIGHTS", weight_infos=[{"role": OTHER, "weight": 0.1}]),
        "reserve": ask(site, login, "RESERVE_RESOURCES", agent_id=agent, resources=[scalar("cpus", 0.01, MINE)]),
        "unreserve": ask(site, login, "UNRESERVE_RESOURCES", agent_id=agent, resources=[share]),
        "create volumes": ask(site, login, "CREATE_VOLUMES", agent_id=agent, volumes=[volume("mine", MINE)]),
        "destroy volumes": ask(site, login, "DESTROY_VOLUMES", agent_id=agent, volumes=[made]),
        "tear down": ask(site, login, "TEARDOWN", framework_id={"value": framework}),
        "mark agent gone": ask(site, login, "MARK_AGENT_GONE", agent_id=agent),
        "drain agent": ask(site, login, "DRAIN_AGENT", agent_id=agent),
        "flags": ask(site, login, "GET_FLAGS"),
        "log level": ask(site, login, "SET_LOGGING_LEVEL", level=0, duration={"nanoseconds": 1000000000}),
    }
    assert {what: answer for what, answer in answers.items() if answer[0] != 403} == {}


def test_principal_kills_no_task_of_the_other_cloud(site, login, other):
    framework, tasks = other
    for task, agent in tasks.items():
        for kind, body in (
            ("KILL", {"kill": {"task_id": {"value": task}, "agent_id": {"value": agent}}}),
            ("SHUTDOWN", {"shutdown": {"executor_id": {"value": task}, "agent_id": {"value": agent}}}),
            ("TEARDOWN", {}),
        ):
            message = {"type": kind, "framework_id": {"value": framework}, **body}
            status, text = http_answer(site.address("control"), 5050, "/api/v1/scheduler", "POST", message, login)
            assert status in (400, 403), (kind, status, text)
    assert {task["id"] for task in running_tasks(site)} >= set(tasks)


def test_principal_registers_no_framework_in_the_other_role_and_takes_over_none(site, login, other):
    framework, _tasks = other
    for id_, role in (("intruder-of-%s" % OTHER, OTHER), (framework, MINE), (framework, OTHER)):
        event = first_event(site, login, id_, role)
        assert "refused" in event or event["type"] == "ERROR", (id_, role, event["type"])
    connected = {one["id"]["value"] for one in frameworks(site)}
    assert framework in connected and "intruder-of-%s" % OTHER not in connected


def test_principal_sees_nothing_of_the_other_cloud(site, login, other):
    framework, tasks = other
    words = [framework, *tasks, "nextgen-%s" % OTHER, '"%s"' % OTHER]
    address = site.address("control")
    seen = {}
    for path in mesos_paths(address, 5050, basic("operator", stored(site)["mesos/principals/operator"])):
        text = http_answer(address, 5050, path, headers=login)[1]
        seen["GET " + path] = [word for word in words if word in text]
    for kind in ("GET_STATE", "GET_TASKS", "GET_EXECUTORS", "GET_FRAMEWORKS", "GET_ROLES", "GET_QUOTA", "GET_AGENTS",
                 "GET_WEIGHTS", "GET_OPERATIONS"):  # fmt: skip
        text = ask(site, login, kind)[1]
        seen[kind] = [word for word in words if word in text]
    told = {what: found for what, found in seen.items() if found}
    assert set(told) <= TOLD, told
    assert {word for found in told.values() for word in found} <= {framework, '"%s"' % OTHER}


def test_principal_has_no_business_with_agents_and_sandboxes(site, login, other):
    operator = basic("operator", stored(site)["mesos/principals/operator"])
    opened = []
    for node in site.group("worker"):
        address = site.hostvars(node)["ansible_host"]
        for path in mesos_paths(address, 5051, operator):
            for method, body in (("GET", None), ("POST", {"type": "GET_STATE"})):
                status = http_answer(address, 5051, path, method, body, login)[0]
                if status not in (401, 403, 404, 405, 503) and not path.endswith(OPEN_TO_ALL):
                    opened.append("%s %s: %d" % (method, path, status))
        answers = executors_on(address, operator)
        folders = [one["directory"] for one in answers if one["id"] in other[1]]
        assert folders or node != site.group("worker")[0] or len(site.group("worker")) > 1
        for folder in folders:
            for path in ("browse?path=%s", "read?path=%s/stdout&offset=0&length=9", "download?path=%s/stdout"):
                status = http_answer(address, 5051, "/files/" + path % folder, headers=login)[0]
                if status not in (401, 403):
                    opened.append("%s: %d" % (path % folder, status))
    assert opened == []


def executors_on(address: str, operator: dict[str, str]) -> list[dict[str, Any]]:
    """Executors on an agent, with the folder of their sandbox."""
    state = json.loads(http_answer(address, 5051, "/state", headers=operator)[1])
    return [executor for framework in state["frameworks"] for executor in framework["executors"]]


def test_principal_is_nobody_in_zookeeper(site):
    secret = stored(site)["mesos/principals/" + MINE]
    digests = [(name, secret) for name in (MINE, "nextgen", "mesos", "super")]
    top = "/nextgen/%s/clouds/" % site.spec["site"]
    paths = [top + OTHER, top + OTHER + "/framework", top + MINE, "/mesos"]
    asked = Hidden("print(json.dumps(attempts('127.0.0.1:2181', %s, %r)))" % (json.dumps(digests), paths))
    outcome = site.run_python(site.group("control")[0], HERE / "node_zookeeper.py", call=asked)
    assert len(outcome) == 4 * len(paths) and "NoNodeError" not in outcome.values(), outcome
    # Which master leads is no secret to who is connected.
    done = {what for what, error in outcome.items() if not error} - {"read /mesos", "list /mesos"}
    assert not done


def test_connection_made_for_one_cloud_serves_no_other(site):
    address, port, domain = site.address("edge"), site.spec["edge"]["port"], site.spec["domain"]
    request = "GET /v3 HTTP/1.1\r\nHost: keystone.%s.%s\r\nConnection: close\r\n\r\n" % (OTHER, domain)
    answer = exchange(address, port, request.encode(), tls(None), "keystone.%s.%s" % (MINE, domain))
    assert answer.startswith(b"HTTP/1.1 421"), answer[:200]


# --- from within a container of dev

INSIDE = """
import glob, os, socket, subprocess
def podman(*words):
    return subprocess.run(["podman", *words], capture_output=True, text=True)
def about(cloud):
    listed = podman("ps", "-q", "--filter", "label=nextgen.cloud=" + cloud).stdout.split()
    return json.loads(podman("inspect", *listed).stdout) if listed else []
mine, other = about(%r), about(%r)
targets = [[one["Name"], net["IPAddress"], int(port.split("/")[0])]
           for one in other for net in one["NetworkSettings"]["Networks"].values()
           for port in one["NetworkSettings"]["Ports"]]
own = [[one["Name"], net["IPAddress"], int(port.split("/")[0])]
       for one in mine for net in one["NetworkSettings"]["Networks"].values()
       for port in one["NetworkSettings"]["Ports"]]
published = [int(bound["HostPort"]) for one in other
             for bounds in one["NetworkSettings"]["Ports"].values() for bound in bounds or []]
dial = '''
import json, socket, sys
done = []
for name, address, port in json.load(sys.stdin):
    try:
        socket.create_connection((address, port), 1).close()
        done.append([name, address, port])
    except OSError:
        pass
print(json.dumps(done))
'''
def reach(pid, places):
    done = subprocess.run(["nsenter", "--net=/proc/%%d/ns/net" %% pid, "python3", "-c", dial],
                          input=json.dumps(places), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
answer = {"reached": [], "own": [], "loopback": [], "files": {}, "mounts": {}, "others": len(targets)}
for one in mine:
    pid, name = one["State"]["Pid"], one["Name"]
    answer["reached"] += reach(pid, targets)
    answer["own"] += reach(pid, own)
    answer["loopback"] += reach(pid, [["loopback", "127.0.0.1", port] for port in [2181, 2281, 5050, 5051, *published]])
    looked = podman("exec", name, "sh", "-c", "ls -d /etc/nextgen.cloud /run/nextgen.cloud /etc/mesos-agent "
                    "/var/lib/mesos /var/lib/containers /dev/sd* /dev/vd* 2>/dev/null; "
                    "grep -a -o -i -e mesos -e token /proc/1/environ; true")
    answer["files"][name] = looked.stdout.split() if looked.returncode == 0 else [looked.stderr]
    answer["mounts"][name] = [line.split()[3] for line in open("/proc/%%d/mountinfo" %% pid)]
print(json.dumps(answer))
"""


@pytest.fixture(scope="module")
def inside(site):
    """What the running containers of dev reach and see, on every worker that has some."""
    program = INSIDE % (MINE, OTHER)
    return [site.run_python(node, call=program) for node in site.group("worker")]


def test_container_reaches_no_container_of_the_other_cloud(inside):
    assert sum(one["others"] for one in inside) >= 3
    assert [place for one in inside for place in one["reached"]] == []
    # The same way of asking does reach what it may.
    assert [place for one in inside for place in one["own"]]


def test_container_reaches_nothing_on_loopback(inside):
    assert [place for one in inside for place in one["loopback"]] == []


def test_container_sees_neither_secrets_of_the_node_nor_mesos(inside):
    looked = {name: found for one in inside for name, found in one["files"].items()}
    assert looked and {name: found for name, found in looked.items() if found} == {}


def test_container_has_only_its_own_folders_mounted(inside):
    for one in inside:
        for name, mounts in one["mounts"].items():
            assert mounts
            foreign = [path for path in mounts if "/%s." % OTHER in path or "nextgen.cloud/clouds" in path
                       or ("nextgen.cloud/tasks" in path and name not in path)]  # fmt: skip
            assert foreign == [], name
