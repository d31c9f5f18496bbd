# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connections to the agent: the event stream, and one short connection per call."""

from __future__ import annotations

import os
import socket
from typing import Any

from .protocol import EventStream, ProtocolError, request, status_code

_CALL_TIMEOUT = 5.0  # seconds


class Link:
    """Addresses and tokens from the environment that the agent set."""

    def __init__(self, environment: dict[str, str]):
        self._host, _colon, port = environment["MESOS_AGENT_ENDPOINT"].rpartition(":")
        self._port = int(port)
        # "slave(1)@127.0.0.1:5051": the agent's HTTP paths begin with its process id.
        self._path = "/%s/api/v1/executor" % environment["MESOS_SLAVE_PID"].partition("@")[0]
        self._token = environment.get("MESOS_EXECUTOR_AUTHENTICATION_TOKEN")
        self._identity = {
            "executor_id": {"value": environment["MESOS_EXECUTOR_ID"]},
            "framework_id": {"value": environment["MESOS_FRAMEWORK_ID"]},
        }
        self._stream: socket.socket | None = None
        self._events = EventStream()
        self.subscribed = False

    @property
    def descriptor(self) -> int | None:
        """The event stream's file descriptor, to wait on."""
        return None if self._stream is None else self._stream.fileno()

    def open(self, tasks: list[dict], updates: list[dict]) -> bool:
        """Send SUBSCRIBE; whether the agent could be reached."""
        call = {
            "type": "SUBSCRIBE",
            "subscribe": {"unacknowledged_tasks": tasks, "unacknowledged_updates": [{"status": u} for u in updates]},
        }
        try:
            stream = self._connect()
            stream.sendall(self._request(call, closing=False))
        except OSError:
            return False
        stream.setblocking(False)
        self._stream, self._events = stream, EventStream()
        return True

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream, self.subscribed = None, False

    def read(self) -> list[dict[str, Any]] | None:
        """New events; None when the stream is over (the link is then closed)."""
        if self._stream is None:
            return None
        try:
            data = self._stream.recv(1 << 20)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        try:
            events = self._events.feed(data) if data else []
        except (ProtocolError, ValueError):
            data, events = b"", []
        if not data or self._events.ended or self._events.status not in (None, 200):
            self.close()
            return None
        return events

    def update(self, status: dict[str, Any]) -> bool:
        """Send an UPDATE; whether the agent took it."""
        try:
            connection = self._connect()
            try:
                call = {"type": "UPDATE", "update": {"status": status}}
                connection.sendall(self._request(call, closing=True))
                return status_code(connection.recv(4096)) == 202
            finally:
                connection.close()
        except (OSError, ProtocolError):
            return False

    def _connect(self) -> socket.socket:
        return socket.create_connection((self._host, self._port), _CALL_TIMEOUT)

    def _request(self, call: dict[str, Any], closing: bool) -> bytes:
        host = "%s:%d" % (self._host, self._port)
        return request(self._path, host, {**self._identity, **call}, self._token, closing)


def new_uuid() -> bytes:
    """16 random bytes in the form of a version 4 UUID (importing uuid costs more than the rest)."""
    value = bytearray(os.urandom(16))
    value[6] = value[6] & 0x0F | 0x40
    value[8] = value[8] & 0x3F | 0x80
    return bytes(value)
