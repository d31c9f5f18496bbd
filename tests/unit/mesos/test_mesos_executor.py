# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure parts of the executor and of the container helper."""

from __future__ import annotations

import json
import os

import pytest
from nextgen_mesos import containerizer
from nextgen_mesos.executor import process
from nextgen_mesos.executor.health import HealthTracker, address, parse
from nextgen_mesos.executor.monitor import Monitor
from nextgen_mesos.executor.protocol import EventStream, ProtocolError, request, status_code
from nextgen_mesos.executor.run import seconds
from nextgen_mesos.executor.updates import Unacknowledged, status


def stream(*events, size=None):
    """The bytes of a response: head, then RecordIO cut into chunks of ``size`` bytes."""
    records = b"".join(b"%d\n%s" % (len(text), text) for text in (json.dumps(event).encode() for event in events))
    size = size or len(records)
    parts = [records[at : at + size] for at in range(0, len(records), size)]
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(
        b"%x\r\n%s\r\n" % (len(part), part) for part in parts
    )


@pytest.mark.parametrize("chunk", [None, 1, 7])
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_events_come_out_whole_however_they_are_cut(chunk, step):
    events = [{"type": "SUBSCRIBED"}, {"type": "LAUNCH", "text": "a\nb\r\n0\r\n"}]
    data, decoder, seen = stream(*events, size=chunk), EventStream(), []
    for at in range(0, len(data), step):
        seen += decoder.feed(data[at : at + step])
    assert seen == events
    assert (decoder.status, decoder.ended) == (200, False)
    decoder.feed(b"0\r\n\r\n")
    assert decoder.ended


@pytest.mark.parametrize(
    "data", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nzz\r\n", b"HTTP/1.1 200 OK\r\n\r\n2\r\nx\n\r\n"]
)
def test_nonsense_from_the_agent_is_an_error_of_its_own(data):
    with pytest.raises(ProtocolError):
        EventStream().feed(data)


def test_a_request_carries_its_token_and_length():
    data = request("/p", "h:1", {"type": "UPDATE"}, "secret", closing=True)
    head, body = data.split(b"\r\n\r\n")
    assert head.startswith(b"POST /p HTTP/1.1\r\nHost: h:1\r\n")
    assert b"Authorization: Bearer secret" in head and b"Content-Length: %d" % len(body) in head
    assert b"Authorization" not in request("/p", "h:1", {}, None, closing=True)
    assert status_code(b"HTTP/1.1 202 Accepted\r\n") == 202


def test_updates_are_repeated_until_they_are_acknowledged():
    book = Unacknowledged()
    book.launched({"task_id": {"value": "t"}})
    first, last = (
        status("t", "e", state, uuid * 16, 1.0, message=None)
        for state, uuid in (("TASK_RUNNING", b"1"), ("TASK_FINISHED", b"2"))
    )
    book.add(first)
    book.add(last)
    assert book.updates == [first, last] and len(book.tasks) == 1
    assert "message" not in first and first["source"] == "SOURCE_EXECUTOR"
    assert not book.acknowledge("t", first["uuid"])
    assert book.updates == [last] and book.tasks == []
    assert not book.acknowledge("t", "unknown")
    assert book.acknowledge("t", last["uuid"])


def tracker(**more):
    return HealthTracker(parse({"type": "TCP", "tcp": {"port": 1}, **more}), started=100.0)


def test_failures_in_the_grace_period_are_forgiven_until_the_first_success():
    health = tracker(grace_period_seconds=10, consecutive_failures=2)
    assert health.failed(now=105.0) == (False, False)
    assert health.passed()
    assert health.failed(now=106.0) == (True, False)
    assert health.failed(now=107.0) == (True, True)


def test_only_news_is_reported_and_a_success_starts_the_count_anew():
    health = tracker(grace_period_seconds=0, consecutive_failures=2)
    assert health.passed() and not health.passed()
    assert health.failed(now=200.0) == (True, False)
    assert health.passed()
    assert health.failed(now=201.0) == (True, False)


def test_a_probe_that_cannot_be_started_is_tried_again(monkeypatch):
    def no_process():
        raise BlockingIOError("no process to be had")

    class Timers:
        def __init__(self):
            self.waiting = []

        def after(self, seconds, callback):
            self.waiting.append((seconds, callback))
            return []

    told, timers = [], Timers()
    check = parse({"type": "TCP", "tcp": {"port": 1}, "delay_seconds": 2, "interval_seconds": 3})
    Monitor(check, "127.0.0.1", timers, lambda: None, {}, lambda *news: told.append(news))
    monkeypatch.setattr(os, "fork", no_process)
    before = len(os.listdir("/proc/self/fd"))
    for _turn in range(2):
        timers.waiting[-1][1]()
    assert [seconds for seconds, _callback in timers.waiting] == [2, 3, 3] and not told
    assert len(os.listdir("/proc/self/fd")) == before


def test_health_checks_have_the_defaults_of_mesos():
    check = parse({"http": {"port": 80}})
    assert (check.kind, check.delay, check.interval, check.timeout, check.grace, check.failures) == (
        "HTTP", 15.0, 10.0, 20.0, 10.0, 3,
    )  # fmt: skip


@pytest.mark.parametrize("info", [{}, {"type": "HTTP"}, {"type": "GRPC", "grpc": {}}, {"type": "UNKNOWN"}])
def test_a_health_check_that_says_nothing_is_refused(info):
    with pytest.raises(ValueError, match="health check"):
        parse(info)


@pytest.mark.parametrize(
    ("labels", "ip", "expected"),
    [
        ([{"key": "nextgen.address", "value": "10.1.1.1"}], "10.2.2.2", "10.1.1.1"),
        ([{"key": "other", "value": "x"}], "10.2.2.2", "10.2.2.2"),
        ([], "0.0.0.0", "127.0.0.1"),
        ([], None, "127.0.0.1"),
    ],
)
def test_where_checks_connect(labels, ip, expected):
    environment = {} if ip is None else {"LIBPROCESS_IP": ip}
    assert address({"labels": {"labels": labels}}, environment) == expected


def test_the_task_sees_its_own_variables_and_never_the_token():
    task = {
        "command": {"environment": {"variables": [{"name": "A", "value": "2"}, {"name": "B"}]}},
        "resources": [{"allocation_info": {"role": "dev"}}],
    }
    environment = {"A": "1", "MESOS_EXECUTOR_AUTHENTICATION_TOKEN": "x"}
    assert process.task_environment(task, environment) == {"A": "2", "B": "", "MESOS_ALLOCATION_ROLE": "dev"}
    task["command"]["environment"]["variables"].append({"name": "S", "type": "SECRET"})
    with pytest.raises(ValueError, match="S is of an unsupported type"):
        process.task_environment(task, {})


@pytest.mark.parametrize(
    ("wait_status", "text"),
    [
        (0, "Command exited with status 0"),
        (7 << 8, "Command exited with status 7"),
        (9, "Command terminated with signal Killed"),
    ],
)
def test_how_a_command_ended(wait_status, text):
    assert process.describe(wait_status) == text


@pytest.mark.parametrize(("text", "value"), [("15mins", 900.0), ("2secs", 2.0), ("500ms", 0.5), ("1.5hrs", 5400.0)])
def test_durations_of_the_environment(text, value):
    assert seconds(text) == value


PLAIN = {"command": {"value": "x"}, "environment": {"variables": [{"name": "A", "value": "1"}]}}


@pytest.mark.parametrize(
    ("info", "plain"),
    [
        (PLAIN, True),
        ({**PLAIN, "user": "root", "working_directory": "/"}, True),
        ({**PLAIN, "user": "nobody"}, True),
        ({**PLAIN, "mounts": [], "task_environment": {}}, True),
        ({**PLAIN, "mounts": [{"target": "/x"}]}, False),
        ({**PLAIN, "task_environment": {"variables": [{"name": "A"}]}}, False),
        ({**PLAIN, "rlimits": {"rlimits": []}}, False),
        ({**PLAIN, "command": {"value": "x", "user": "nobody"}}, False),
        ({**PLAIN, "command": {}}, False),
        ({**PLAIN, "environment": {"variables": [{"name": "A", "type": "SECRET"}]}}, False),
    ],
)
def test_only_plain_containers_are_launched_without_the_library(info, plain):
    assert containerizer.is_plain(info) is plain


def test_command_lines():
    assert containerizer.command_line({"value": "a b"}) == ["sh", "-c", "a b"]
    assert containerizer.command_line({"shell": False, "value": "/x"}) == ["/x"]
    assert containerizer.command_line({"shell": False, "value": "/x", "arguments": ["n", "a"]}) == ["n", "a"]


def test_other_subcommands_are_refused(capsys):
    assert containerizer.main(["mount"]) == 1
    assert "only the subcommand" in capsys.readouterr().err
