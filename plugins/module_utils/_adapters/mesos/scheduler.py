# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection of a scheduler: it subscribes, hears events, and leaves; tasks go on."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import threading
from typing import Any, Callable, Mapping

from ..._domain.errors import refuse
from .clock import Clock
from .http import Answer, Credential, Masters, headers_for, post

_PATH = "/api/v1/scheduler"
_SILENCE = 60.0
_CLOSED = {"type": "CLOSED"}


class FrameworkGone(Exception):
    """The master knows that this framework was torn down: its id can never be used again."""


def is_lost(answer: Answer) -> bool:
    """Does the master (or its absence) say that we are not subscribed any more?"""
    if answer.status in (400, 403):
        return any(words in answer.text for words in ("stream ID", "not subscribed", "cannot be found"))
    return answer.status in (0, 307, 503)


def read_record(stream: Any) -> dict[str, Any] | None:
    """The next RecordIO record (``<length>\\n<json>``) of a file-like stream; None at its end."""
    line = stream.readline()
    if not line.strip():
        return None
    left = int(line)
    parts = []
    while left:
        part = stream.read(left)
        if not part:
            return None
        parts.append(part)
        left -= len(part)
    return json.loads(b"".join(parts))


class Subscription:
    """One subscribed framework. ``hold(status)``: leave this update unacknowledged for now."""

    def __init__(
        self, masters: Masters, credential: Credential, clock: Clock, hold: Callable[[Mapping[str, Any]], bool]
    ):
        self._masters = masters
        self._credential = credential
        self._clock = clock
        self._hold = hold
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._socket: socket.socket | None = None
        self._host = ""
        self._stream_id = ""
        self._framework = ""
        self._held: dict[str, dict[str, Any]] = {}
        self.offers: dict[str, dict[str, Any]] = {}
        self.updates: dict[str, dict[str, Any]] = {}
        self.connected = False
        self.wanting = False

    def subscribe(self, info: Mapping[str, Any], wanting: bool) -> None:
        """Connect as ``info`` (FrameworkInfo with an id). ``wanting``: are offers welcome from the start."""
        self._framework = info["id"]["value"]
        self.wanting = wanting
        body = {
            "type": "SUBSCRIBE",
            "framework_id": info["id"],
            "subscribe": {"framework_info": info, "suppressed_roles": [] if wanting else list(info["roles"])},
        }
        answer = self._masters.settle(lambda host: self._open(host, body))
        self._masters.check(answer, "SUBSCRIBE", self._credential)
        first = self._next(30.0)
        while first and first["type"] == "HEARTBEAT":
            first = self._next(30.0)
        if not first or first["type"] != "SUBSCRIBED":
            self._fail(first or _CLOSED)
        self.connected = True
        self.call({"type": "RECONCILE", "reconcile": {"tasks": []}})

    def _open(self, host: str, body: Mapping[str, Any]) -> Answer:
        connection = http.client.HTTPConnection(host, timeout=_SILENCE)
        try:
            connection.request("POST", _PATH, json.dumps(body).encode(), headers_for(self._credential))
            # getresponse() may forget the socket; close() needs it to wake the reader.
            self._socket = connection.sock
            response = connection.getresponse()
            headers = {key.lower(): value for key, value in response.getheaders()}
            if response.status != 200:
                return Answer(response.status, headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, {}, ("%s: %s" % (type(error).__name__, error)).encode())
        self._host = host
        self._stream_id = headers.get("mesos-stream-id", "")
        self._events = queue.Queue()
        threading.Thread(target=_pump, args=(response, self._events), daemon=True).start()
        return Answer(200, headers, b"")

    def _next(self, seconds: float) -> dict[str, Any] | None:
        try:
            return self._events.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def _fail(self, event: Mapping[str, Any]) -> None:
        self.connected = False
        message = (event.get("error") or {}).get("message", "the connection was closed")
        cloud = self._framework.rpartition("-")[0]
        if "has been removed" in message:
            raise FrameworkGone(message)
        if "failed over" in message:
            raise refuse("NXC-PLAN-0016", cloud=cloud)
        if "uthoriz" in message:
            raise refuse("NXC-PLAN-0011", principal=self._credential.principal, call="SUBSCRIBE", problem=message)
        raise refuse("NXC-PLAN-0013", cloud=cloud, problem=message)

    def call(self, body: Mapping[str, Any]) -> None:
        """A call of the subscribed framework: answered 202, what comes of it comes as events."""
        self._masters.calls += 1
        headers = headers_for(self._credential, {"Mesos-Stream-Id": self._stream_id})
        answer = post(self._host, _PATH, dict(body, framework_id={"value": self._framework}), headers)
        if is_lost(answer):
            self.connected = False
            return
        self._masters.check(answer, body["type"], self._credential)

    def drain(self, seconds: float) -> bool:
        """Handle events for up to ``seconds``, returning soon after the first that matters. True: one came."""
        until = self._clock.monotonic() + seconds
        heard = False
        while self.connected:
            event = self._next(until - self._clock.monotonic())
            if event is None:
                break
            if self._handle(event):
                heard = True
                # Updates come in bursts: one look at the master for all of them.
                until = min(until, self._clock.monotonic() + 0.05)
        return heard

    def _handle(self, event: Mapping[str, Any]) -> bool:
        kind = event["type"]
        if kind == "UPDATE":
            self._update(event["update"]["status"])
        elif kind == "OFFERS":
            self._offered(event["offers"]["offers"])
        elif kind == "RESCIND":
            self.offers.pop(event["rescind"]["offer_id"]["value"], None)
        elif kind == "CLOSED":
            self.connected = False
        elif kind == "ERROR":
            self._fail(event)
        return kind not in ("HEARTBEAT", "RESCIND")

    def _update(self, status: dict[str, Any]) -> None:
        task = status["task_id"]["value"]
        self.updates[task] = status
        if not status.get("uuid"):
            return
        if self._hold(status):
            self._held[task] = status
        else:
            self._acknowledge(status)

    def _acknowledge(self, status: Mapping[str, Any]) -> None:
        body = {key: status[key] for key in ("agent_id", "task_id", "uuid")}
        self.call({"type": "ACKNOWLEDGE", "acknowledge": body})

    def let_go(self, task: str) -> None:
        """Acknowledge what was held back of this task."""
        status = self._held.pop(task, None)
        if status:
            self._acknowledge(status)

    def let_go_all(self) -> None:
        """Acknowledge everything that was held back."""
        for task in list(self._held):
            self.let_go(task)

    def _offered(self, offers: list[dict[str, Any]]) -> None:
        if self.wanting:
            self.offers.update({offer["id"]["value"]: offer for offer in offers})
        else:
            self._decline([offer["id"] for offer in offers], 3600.0)

    def _decline(self, ids: list[dict[str, Any]], seconds: float) -> None:
        body = {"offer_ids": ids, "filters": {"refuse_seconds": seconds}}
        self.call({"type": "DECLINE", "decline": body})

    def want(self) -> None:
        """Ask for offers, whatever was declined before."""
        self.wanting = True
        self.call({"type": "REVIVE"})

    def enough(self) -> None:
        """No more offers: give back what is at hand, other clouds may need it."""
        if self.wanting:
            self.wanting = False
            self.call({"type": "SUPPRESS"})
        self.give_back()

    def give_back(self) -> None:
        """Decline what is at hand; it may be offered again at once."""
        if self.offers:
            ids = [offer["id"] for offer in self.offers.values()]
            self.offers = {}
            self._decline(ids, 0.0)

    def accept(self, offers: list[Mapping[str, Any]], operations: list[Mapping[str, Any]]) -> None:
        """Use ``offers`` (of one agent) for ``operations``; what is left of them comes back as another offer."""
        ids = [offer["id"] for offer in offers]
        for id_ in ids:
            self.offers.pop(id_["value"], None)
        body = {"offer_ids": ids, "operations": operations, "filters": {"refuse_seconds": 0.0}}
        self.call({"type": "ACCEPT", "accept": body})

    def close(self) -> None:
        """Leave. The framework stays registered."""
        if self.connected:
            # An update that nobody acknowledges holds back all later ones of its task, its death included.
            self.drain(0.2)
            self.enough()
        self.connected = False
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self._socket.close()
            self._socket = None


def _pump(response: Any, events: queue.Queue[dict[str, Any]]) -> None:
    """Body of the reader thread: records into the queue until the stream ends in whatever way."""
    try:
        while True:
            event = read_record(response)
            if event is None:
                break
            events.put(event)
    except (OSError, ValueError, AttributeError, http.client.HTTPException):
        # Closed under the reader's hands, or cut off in the middle of a record.
        pass
    events.put(dict(_CLOSED))
