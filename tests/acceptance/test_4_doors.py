# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing listens that is not in the port list, and who has no business at a door is refused."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import yaml

from .mesos_view import call, mesos_paths, running_tasks
from .port_list import missing, strays, table, unpublished
from .secret_values import Hidden, entry_of, stored
from .services import refuses
from .strangers import basic, exchange, http_answer, is_listening, tls
from .zookeeper_view import zookeeper_tree

WRITING = {"CREATE", "WRITE", "DELETE", "ADMIN", "ALL"}
HERE = Path(__file__).parent
SHOWN = ("node", "protocol", "address", "port", "processes")

# Mesos answers these before it asks who it is. Nothing in them is about clouds or tasks.
MESOS_OPEN = {
    "/health": "a probe asks whether the daemon answers",
    "/version": "the version of Mesos; a scheduler has to know it before it subscribes",
    "/redirect": "where the leading master is",
    "/help": "the manual of the HTTP API",
    "/system/stats.json": "libprocess: load and memory of the machine",
}
# 503 is the agent's answer where resource providers would subscribe: nobody may, whoever he is.
REFUSED = (401, 403, 404, 405, 503)
KEYSTONE_OPEN = ("/", "/v3", "/healthcheck")
KEYSTONE_CLOSED = (
    "/v3/auth/tokens", "/v3/auth/projects", "/v3/auth/catalog", "/v3/users", "/v3/projects", "/v3/domains",
    "/v3/groups", "/v3/roles", "/v3/role_assignments", "/v3/services", "/v3/endpoints", "/v3/regions",
    "/v3/credentials", "/v3/policies", "/v3/registered_limits", "/v3/limits", "/v3/OS-TRUST/trusts",
)  # fmt: skip


@pytest.fixture(scope="module")
def observed(site):
    """Node → what listens on it and in its task containers."""
    return {
        node: site.run_python(node, HERE / "node_sockets.py", call="print(json.dumps(observe()))")
        for node in site.group("nodes")
    }


# --- the port list


def test_every_socket_is_in_the_port_list(site, observed):
    rows = site.hostvars(site.group("nodes")[0])["nextgen_ports"]
    found = [
        {**stray, "node": node}
        for node, seen in observed.items()
        for stray in strays(seen["machine"], [row for row in rows if row["node"] == node])
    ]
    assert not found, table(found, *SHOWN)


def test_every_row_of_the_port_list_is_a_socket(site, observed):
    rows = site.hostvars(site.group("nodes")[0])["nextgen_ports"]
    lost = [
        row for node, seen in observed.items()
        for row in missing(seen["machine"], [row for row in rows if row["node"] == node])
    ]  # fmt: skip
    assert not lost, table(lost, "node", "name", "protocol", "bound", "ports", "processes")


def test_containers_listen_on_published_ports_only(observed):
    tasks = [task for seen in observed.values() for task in seen["tasks"]]
    assert tasks and all(task["sockets"] for task in tasks)
    found = [{**socket, "node": task["name"]} for task in tasks for socket in unpublished(task)]
    assert not found, table(found, *SHOWN)


# --- Mesos


@pytest.mark.parametrize("group, port", [("control", 5050), ("worker", 5051)])
def test_mesos_refuses_strangers_on_every_path(site, group, port):
    login, wrong = basic("operator", stored(site)["mesos/principals/operator"]), basic("operator", "wrong")
    opened = []
    for node in site.group(group):
        address = site.hostvars(node)["ansible_host"]
        for path in mesos_paths(address, port, login):
            for method, headers in (("GET", {}), ("POST", {}), ("GET", wrong), ("POST", wrong)):
                body = {"type": "GET_STATE"} if method == "POST" else None
                status, text = http_answer(address, port, path, method, body, headers)
                if status not in REFUSED and not path.endswith(tuple(MESOS_OPEN)):
                    opened.append({"node": node, "call": "%s %s" % (method, path), "answer": status, "text": text[:60]})
    assert not opened, table(opened, "node", "call", "answer", "text")


@pytest.mark.parametrize("group, port", [("control", 5050), ("worker", 5051)])
def test_what_mesos_tells_everybody_is_not_about_clouds(site, group, port):
    told = "".join(
        http_answer(site.hostvars(node)["ansible_host"], port, path)[1]
        for node in site.group(group) for path in MESOS_OPEN
    )  # fmt: skip
    words = [task["id"] for task in running_tasks(site)] + ["framework_info", "task_id", "nextgen."]
    assert told and [word for word in words if word in told] == []


# --- registry


def test_registry_refuses_strangers(site):
    address = site.hostvars(site.group("registry")[0])["ansible_host"]
    paths = [("GET", "/v2/"), ("GET", "/v2/_catalog"), ("GET", "/v2/keystone/tags/list"),
             ("POST", "/v2/keystone/blobs/uploads/"), ("DELETE", "/v2/keystone/manifests/latest")]  # fmt: skip
    answers = {}
    for name, headers in (("stranger", {}), ("wrong password", basic("registry_a", "wrong"))):
        for method, path in paths:
            try:
                status = http_answer(address, 5000, path, method, headers=headers, context=tls(None))[0]
            except OSError as error:
                status = type(error).__name__
            answers["%s %s %s" % (name, method, path)] = status
    assert set(answers.values()) == {401}, answers


def test_registry_speaks_tls_only(site):
    address = site.hostvars(site.group("registry")[0])["ansible_host"]
    assert http_answer(address, 5000, "/v2/")[0] == 400
    assert http_answer(address, 5000, "/v2/_catalog")[0] == 400


# --- ZooKeeper


def test_zookeeper_refuses_plain_text_and_clients_without_certificate(site):
    connect = bytes.fromhex("0000002d00000000000000000000000000002710000000000000000000000010") + bytes(16) + b"\0"
    for node in site.group("control"):
        address = site.hostvars(node)["ansible_host"]
        assert not is_listening(address, 2181), "2181 is for loopback only"
        assert is_listening(address, 2281)
        for request in (b"ruok", b"srvr", b"mntr", connect):
            assert exchange(address, 2281, request) == b"", "%s in plain text" % request[:4]
            assert exchange(address, 2281, request, tls(None)) == b"", "%s without certificate" % request[:4]


def test_zookeeper_lets_nobody_do_anything_without_a_digest(site):
    paths = ["/", "/mesos", "/nextgen", "/nextgen/%s/clouds/qa" % site.spec["site"], "/zookeeper"]
    for name, digests in (("stranger", []), ("wrong digest", [("nextgen", "wrong"), ("super", "wrong")])):
        asked = "print(json.dumps(attempts('127.0.0.1:2181', %r, %r)))" % (digests, paths)
        outcome = site.run_python(site.group("control")[0], HERE / "node_zookeeper.py", call=asked)
        # Mesos lets all who are connected read which master leads; its HTTP API tells everybody the same.
        done = {what for what, error in outcome.items() if not error} - {"read /mesos", "list /mesos"}
        # Without the tunnel nobody would get anywhere, and nothing would be shown by that.
        assert "connect" not in outcome or name != "stranger", outcome
        assert outcome and "NoNodeError" not in outcome.values() and not done, (name, outcome)


def test_no_node_of_zookeeper_is_the_worlds_to_write(site):
    nodes = zookeeper_tree(site)
    assert len(nodes) > 5
    assert [node["path"] for node in nodes if "error" in node] == []
    opened = [node["path"] for node in nodes
              for scheme, _id, rights in node["acls"] if scheme == "world" and WRITING & set(rights)]  # fmt: skip
    assert not opened


# --- clouds


def routes(site, cloud, kind):
    """The manifests of the cloud's routes of this kind."""
    folder = site.spec_state_dir / "manifests" / cloud
    found = [yaml.safe_load(path.read_text()) for path in sorted(folder.glob("route-*.yml"))]
    return [one for one in found if one["protocol"] == kind]


def administrator(site, cloud):
    """Account and password of the administrator of the cloud's database."""
    entry = entry_of(site, "clouds/%s/mariadb/root_password" % cloud).current
    return "root_%s" % entry.slot, Hidden(entry.value)


def test_databases_caches_and_queues_refuse_strangers(site):
    agents = call(site, {"type": "GET_AGENTS"})["get_agents"]["agents"]
    addresses = {agent["agent_info"]["id"]["value"]: agent["agent_info"]["hostname"] for agent in agents}
    doors = []
    for cloud in site.spec["clouds"]:
        for route in routes(site, cloud, "tcp"):
            doors.append((cloud, route["service"], site.address("edge"), route["listen"]))
    served = {(cloud, service) for cloud, service, _address, _port in doors}
    for task in running_tasks(site):
        if (task["cloud"], task["service"]) in served:
            doors.append((task["cloud"], task["service"], addresses[task["agent"]], task["port"]))
    assert len(doors) >= 4
    opened = [
        {"cloud": cloud, "door": "%s %s:%d" % (service, address, port), "why": why}
        for cloud, service, address, port in doors
        if (why := refuses(service, address, port, administrator(site, cloud)))
    ]
    assert not opened, table(opened, "cloud", "door", "why")


def test_keystone_tells_strangers_its_versions_and_no_more(site):
    context = tls(str(site.access_dir / "ca.crt"))
    address, port = site.address("edge"), site.spec["edge"]["port"]
    for cloud in site.spec["clouds"]:
        host = "keystone.%s.%s" % (cloud, site.spec["domain"])
        for path in KEYSTONE_OPEN:
            status, text = http_answer(address, port, path, context=context, host=host)
            assert status in (200, 300) and "password" not in text, path
        for path in KEYSTONE_CLOSED:
            for headers in ({}, {"X-Auth-Token": "wrong"}, basic("admin", "wrong")):
                status, text = http_answer(address, port, path, headers=headers, context=context, host=host)
                assert status in (401, 404), (cloud, path, status, text[:200])


def test_edge_refuses_unknown_names_and_old_protocols(site):
    address, port = site.address("edge"), site.spec["edge"]["port"]
    known = "keystone.%s.%s" % (next(iter(site.spec["clouds"])), site.spec["domain"])
    request = b"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % known.encode()
    assert exchange(address, port, request, tls(None), known).startswith(b"HTTP/1.1 ")
    for name in ("example.org", "keystone.nothing." + site.spec["domain"], site.spec["domain"], "localhost", ""):
        assert exchange(address, port, request, tls(None), name) == b"", name
    old = tls(None)
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    assert exchange(address, port, request, old, known) == b""
    plain = exchange(address, port, request)
    assert b"200 OK" not in plain and b"versions" not in plain
