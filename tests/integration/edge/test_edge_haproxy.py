# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module edge against a real HAProxy."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time

import pytest
from edge_harness import connects, instance, route, wait

DEV, QA = "keystone.dev.aio.test", "keystone.qa.aio.test"


@pytest.fixture
def clouds(edge, server):
    """dev and qa are routed, each to a server of its own."""
    servers = {cloud: server(cloud) for cloud in ("dev", "qa")}
    for cloud, one in servers.items():
        result = edge.call(cloud, routes=[route(cloud)], instances=[instance(cloud, one.port)])
        assert result["changed"] and result["routed"] == ["%s.keystone.00000000.a" % cloud], result
    return servers


def test_names_lead_to_their_cloud(edge, clouds):
    for cloud, name in (("dev", DEV), ("qa", QA)):
        status, body = edge.get(name, "/v3", **{"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "gopher"})
        answer = json.loads(body)
        assert (status, answer["server"], answer["path"]) == (200, cloud, "/v3")
        headers = {key.lower(): value for key, value in answer["headers"].items()}
        assert headers["x-forwarded-proto"] == "https"
        assert headers["x-forwarded-for"] == "127.0.0.1"


def test_unknown_names_are_refused_clearly(edge, clouds):
    status, body = edge.get("nova.dev.aio.test")
    assert status == 404 and "nova.dev.aio.test" in body and "aio" in body
    with pytest.raises(ssl.SSLError):
        edge.get("keystone.ghost.aio.test")
    # A connection that was made for dev never reaches qa, whatever its requests say.
    status, body = edge.get(DEV, Host=QA)
    assert status == 421 and QA in body
    assert clouds["qa"].hits == 0


def test_second_call_changes_nothing(edge, clouds):
    before, count = edge.tree(), edge.reload_count()
    again = edge.call("dev", routes=[route("dev")], instances=[instance("dev", clouds["dev"].port)])
    assert (again["changed"], again["reloaded"], again["diff"]) == (False, False, [])
    assert again["routed"] == ["dev.keystone.00000000.a"]
    assert (edge.tree(), edge.reload_count()) == (before, count)


def test_check_mode_predicts_and_touches_nothing(edge, clouds, server):
    before, count = edge.tree(), edge.reload_count()
    wanted = {"routes": [route("dev")], "instances": [instance("dev", server("new").port, nonce="b")]}
    forecast = edge.call("dev", check=True, **wanted)
    assert forecast["changed"] and (edge.tree(), edge.reload_count()) == (before, count)
    assert "dev.keystone.00000000.b" in forecast["diff"][0]["after"]
    real = edge.call("dev", **wanted)
    assert {key: real[key] for key in ("changed", "diff", "routed")} == {
        key: forecast[key] for key in ("changed", "diff", "routed")
    }


def test_no_instance_is_explained(edge, clouds):
    edge.call("dev", routes=[route("dev")], instances=[])
    status, body = edge.get(DEV)
    assert status == 503 and "'dev'" in body and "'keystone'" in body
    assert edge.get(QA)[0] == 200


class Loop(threading.Thread):
    """Asks again and again, on new connections and on one that is kept; counts what is not 200."""

    def __init__(self, edge, name, keep):
        super().__init__(daemon=True)
        self.edge, self.name_asked, self.keep = edge, name, keep
        self.good, self.bad, self.ending = 0, [], threading.Event()

    def run(self):
        client = None
        while not self.ending.is_set():
            try:
                client = client or self.edge.connection(self.name_asked)
                client.request("GET", "/")
                answer = client.getresponse()
                answer.read()
                if answer.status == 200:
                    self.good += 1
                else:
                    self.bad.append(answer.status)
                if not self.keep or answer.will_close:
                    client.close()
                    client = None
            except Exception as error:
                self.bad.append(repr(error))
                client = None
            if self.keep:
                # Idle for a moment, so that reloads also meet a connection without a request.
                time.sleep(0.02)

    def end(self):
        self.ending.set()
        self.join(10)


def test_reloads_drop_no_request(edge, clouds, server):
    loops = [Loop(edge, QA, False), Loop(edge, QA, True), Loop(edge, DEV, False)]
    for loop in loops:
        loop.start()
    count = edge.reload_count()
    servers = [clouds["dev"]]
    for number in range(10):
        servers.append(server("dev%d" % number))
        pair = [instance("dev", one.port, nonce=str(place)) for place, one in enumerate(servers[-2:], number)]
        assert edge.call("dev", routes=[route("dev")], instances=pair)["reloaded"]
    for loop in loops:
        loop.end()
    assert edge.reload_count() == count + 10
    assert [loop.bad for loop in loops] == [[], [], []]
    assert all(loop.good > 20 for loop in loops), [loop.good for loop in loops]


def test_a_server_that_was_taken_out_can_be_ended_at_once(edge, server):
    """A client whose connection was idle during the reload still gets its answer, from the former process."""
    old, new = server("old", "HTTP/1.0"), server("new")
    edge.call("dev", routes=[route("dev")], instances=[instance("dev", old.port)])
    client, seen = edge.connection(DEV), []

    def ask():
        client.request("GET", "/")
        answer = client.getresponse()
        seen.append((answer.status, json.loads(answer.read())["server"]))

    ask()
    later = threading.Timer(2.5, ask)
    later.start()
    begin = time.monotonic()
    edge.call("dev", routes=[route("dev")], instances=[instance("dev", new.port, nonce="b")])
    waited = time.monotonic() - begin
    old.close()
    later.join()
    assert seen == [(200, "old")] * 2
    assert 2 < waited < 8, "no longer than there is somebody to wait for"
    begin = time.monotonic()
    edge.call("dev", routes=[route("dev")], instances=[instance("dev", server("next").port, nonce="c")])
    assert time.monotonic() - begin < 2


def test_a_dead_server_costs_no_request(edge, clouds, server):
    second = server("second")
    both = [instance("dev", clouds["dev"].port), instance("dev", second.port, nonce="b")]
    edge.call("dev", routes=[route("dev")], instances=both)
    loop = Loop(edge, DEV, False)
    loop.start()
    time.sleep(0.3)
    second.close()
    time.sleep(1.5)
    loop.end()
    assert loop.bad == [] and loop.good > 20


def test_health_of_the_service_is_asked(edge, clouds, server):
    sick = server("sick")
    both = [instance("dev", clouds["dev"].port), instance("dev", sick.port, nonce="b")]
    health = {"kind": "http", "port": "api", "path": "/healthcheck", "timeout": 5}
    edge.call("dev", routes=[route("dev")], instances=both, services=[{"name": "keystone", "health": health}])
    answers = set()
    wait(lambda: answers.add(json.loads(edge.get(DEV)[1])["server"]) or len(answers) == 2, "both servers answer")
    sick.unhealthy = True
    # Until it is out it may still be asked; the page itself it serves as before.
    wait(lambda: {json.loads(edge.get(DEV)[1])["server"] for dummy in range(10)} == {"dev"}, "the sick one is out")


def test_tcp_routes_listen_on_their_port(edge, clouds):
    tcp = route("dev", "sql", protocol="tcp")
    tcp["listen"] = 15703
    both = [instance("dev", clouds["dev"].port), instance("dev", clouds["dev"].port, service="sql")]
    result = edge.call("dev", routes=[route("dev"), tcp], instances=both)
    assert result["routed"] == ["dev.keystone.00000000.a", "dev.sql.00000000.a"]
    with socket.create_connection(("127.0.0.1", 15703), 5) as client:
        client.sendall(b"GET /raw HTTP/1.0\r\n\r\n")
        assert b'"server": "dev"' in client.makefile("rb").read()
    edge.call("dev", routes=[route("dev")], instances=both)
    wait(lambda: not connects(15703), "the port is closed")


def test_a_port_that_is_taken_leaves_all_as_it_was(edge, clouds):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 15704))
        taken.listen()
        before = edge.tree()
        tcp = route("dev", "sql", protocol="tcp")
        tcp["listen"] = 15704
        result = edge.call("dev", routes=[route("dev"), tcp], instances=[])
    assert result["failed"] and result["problems"][0]["code"] == "NXC-EDGE-0004"
    assert edge.tree() == before
    assert edge.get(DEV)[0] == 200
    assert not edge.call("qa", routes=[route("qa")], instances=[instance("qa", clouds["qa"].port)])["changed"]


def test_a_configuration_that_is_refused_changes_nothing(edge, clouds, server):
    (edge.config / "clouds.d" / "broken.cfg").write_text("backend broken\n    nonsense here\n")
    before, count = edge.tree(), edge.reload_count()
    result = edge.call("dev", routes=[route("dev")], instances=[instance("dev", server("new").port)])
    assert result["failed"] and result["problems"][0]["code"] == "NXC-EDGE-0003"
    assert "nonsense" in result["msg"]
    assert (edge.tree(), edge.reload_count()) == (before, count)


@pytest.mark.parametrize(
    "bad",
    [{"name": "a b"}, {"host": "x\n    stats enable"}, {"listen": "443"}, {"protocol": "udp"}],
    ids=["name", "host", "listen", "protocol"],
)
def test_bad_routes_are_refused_before_anything_happens(edge, bad):
    before = edge.tree()
    result = edge.call("dev", routes=[{**route("dev"), **bad}], instances=[])
    assert result["failed"] and result["problems"][0]["code"] == "NXC-EDGE-0001"
    assert edge.tree() == before


def test_absent_takes_exactly_one_cloud_away(edge, clouds):
    loop = Loop(edge, QA, False)
    loop.start()
    removed = edge.call("dev", state="absent")
    loop.end()
    assert removed["changed"] and loop.bad == []
    assert [path for path in edge.tree() if "dev" in path.replace(str(edge.folder), "")] == []
    assert "dev" not in (edge.config / "maps" / "hosts.map").read_text()
    assert edge.get(QA)[0] == 200
    with pytest.raises(ssl.SSLError):
        edge.get(DEV)
    assert not edge.call("dev", state="absent")["changed"]


def test_calls_for_many_clouds_at_once_lose_nothing(edge, server):
    one = server("all")
    names = ["c%d" % number for number in range(6)]
    results = {}

    def call(cloud):
        results[cloud] = edge.call(cloud, routes=[route(cloud)], instances=[instance(cloud, one.port)])

    threads = [threading.Thread(target=call, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(results[name].get("changed") for name in names), results
    hosts = (edge.config / "maps" / "hosts.map").read_text()
    assert all("keystone.%s.aio.test %s.keystone\n" % (name, name) in hosts for name in names)
    assert sorted(path.stem for path in (edge.config / "clouds.d").iterdir()) == names


def test_a_run_that_died_before_its_reload_is_finished_by_the_next(edge, server):
    """The very first call for the edge, and a later one."""
    for nonce in ("first", "second"):
        one = server(nonce)
        wanted = {"routes": [route("dev")], "instances": [instance("dev", one.port, nonce=nonce)]}
        working = edge.reload_command.read_text()
        edge.reload_command.write_text("#!/bin/sh\nkill -9 $PPID\n")
        with pytest.raises(AssertionError):
            edge.call("dev", **wanted)
        assert nonce not in edge.get(DEV)[1]
        edge.reload_command.write_text(working)
        assert edge.call("dev", **wanted)["reloaded"]
        assert json.loads(edge.get(DEV)[1])["server"] == nonce
        assert not edge.call("dev", **wanted)["changed"]


def test_a_new_certificate_is_loaded(edge, clouds):
    edge.certificate("dev")
    result = edge.call("dev", routes=[route("dev")], instances=[instance("dev", clouds["dev"].port)])
    assert result["reloaded"] and result["diff"] == []
