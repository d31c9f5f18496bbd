# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small v1 HTTP scheduler to drive tasks in tests. Nothing of the collection is used here."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from typing import Any, Callable

from mesos_cluster import Api, Cluster


class SchedulerError(Exception):
    """The master refused the subscription."""


class Scheduler:
    """Subscribes as ``cloud`` (role and principal) and keeps all events."""

    def __init__(
        self,
        cluster: Cluster,
        cloud: str = "dev",
        principal: str | None = None,
        number: int | None = None,
        user: str | None = None,
    ):
        self.cluster, self.cloud, self.user = cluster, cloud, user or "nextgen-" + cloud
        self.principal = cloud if principal is None else principal
        self.framework = "%s-%s" % (cloud, os.urandom(4).hex())
        self.events: list[dict] = []
        self.updates: list[dict] = []
        self._arrived = threading.Condition()
        self._closed = True
        self.connect(cluster.addresses[number or 0])

    def connect(self, address: str) -> None:
        """(Re-)subscribe at a master; raises SchedulerError on refusal."""
        self._api: Api = self.cluster.api(self.principal, address)
        info = {
            "id": {"value": self.framework},
            "name": self.cloud,
            "user": self.user,
            "roles": [self.cloud],
            "failover_timeout": 3600,
            "checkpoint": True,
            "capabilities": [
                {"type": kind}
                for kind in ("MULTI_ROLE", "PARTITION_AWARE", "TASK_KILLING_STATE", "RESERVATION_REFINEMENT")
            ],
        }
        if self.cluster.auth:
            info["principal"] = self.principal
        call = {"type": "SUBSCRIBE", "framework_id": info["id"], "subscribe": {"framework_info": info}}
        host, port = address.split(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=60)
        self._connection.request("POST", "/api/v1/scheduler", json.dumps(call), self._api.headers)
        self._response = self._connection.getresponse()
        if self._response.status != 200:
            raise SchedulerError("%d %s" % (self._response.status, self._response.read().decode()))
        self.stream = self._response.getheader("Mesos-Stream-Id")
        first = self._read()
        while first["type"] == "HEARTBEAT":
            first = self._read()
        if first["type"] != "SUBSCRIBED":
            raise SchedulerError(first["error"]["message"])
        self._closed = False
        threading.Thread(target=self._follow, args=(self._response,), daemon=True).start()

    def _read(self, response=None) -> dict:
        response = response or self._response
        digits = b""
        while not digits.endswith(b"\n"):
            byte = response.read(1)
            if not byte:
                raise ConnectionError("stream ended")
            digits += byte
        return json.loads(response.read(int(digits)))

    def _follow(self, response) -> None:
        try:
            while True:
                event = self._read(response)
                with self._arrived:
                    self.events.append(event)
                    if event["type"] == "UPDATE":
                        self.updates.append(event["update"]["status"])
                    self._arrived.notify_all()
                if event["type"] == "UPDATE" and "uuid" in event["update"]["status"]:
                    status = event["update"]["status"]
                    self.call(
                        "ACKNOWLEDGE", agent_id=status["agent_id"], task_id=status["task_id"], uuid=status["uuid"]
                    )
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            return

    def call(self, kind: str, **body: Any) -> tuple[int, Any]:
        message = {"type": kind, "framework_id": {"value": self.framework}, **({kind.lower(): body} if body else {})}
        api = Api(self._api.address)
        api.headers = {**self._api.headers, "Mesos-Stream-Id": self.stream}
        return api.request("/api/v1/scheduler", message)

    def wait(self, check: Callable[[], Any], timeout: float, what: str) -> Any:
        """Wait for an event after which ``check`` is true."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while True:
                found = check()
                if found:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError("timed out after %.0f s: %s; updates: %s" % (timeout, what, self.brief()))
                self._arrived.wait(min(left, 0.2))

    def brief(self) -> list[str]:
        return ["%s %s %s" % (u["task_id"]["value"], u["state"], u.get("message", "")) for u in self.updates]

    def offer(self, suitable: Callable[[dict], Any] = lambda _offer: True, timeout: float = 10) -> dict:
        """The next outstanding offer that suits; it is taken out of the list, unsuitable ones are declined."""

        def find() -> dict | None:
            gone = [event["rescind"]["offer_id"] for event in self.events if event["type"] == "RESCIND"]
            for event in [event for event in self.events if event["type"] == "OFFERS"]:
                self.events.remove(event)
                for offer in (offer for offer in event["offers"]["offers"] if offer["id"] not in gone):
                    if suitable(offer):
                        return offer
                    self.decline(offer)
            return None

        self.call("REVIVE")
        return self.wait(find, timeout, "an offer")

    def decline(self, offer: dict) -> None:
        self.call("DECLINE", offer_ids=[offer["id"]], filters={"refuse_seconds": 0.1})

    def accept(self, offer: dict, *operations: dict, refuse: float = 3600) -> None:
        status, text = self.call(
            "ACCEPT", offer_ids=[offer["id"]], operations=list(operations), filters={"refuse_seconds": refuse}
        )
        if status != 202:
            raise AssertionError("ACCEPT: %s %s" % (status, text))

    def launch(self, task_id: str, command: str | dict, **more: Any) -> dict:
        """Launch one task on any offer; returns the TaskInfo."""
        offer = more.pop("offer", None) or self.offer()
        task = self.task(offer, task_id, command, **more)
        self.accept(offer, {"type": "LAUNCH", "launch": {"task_infos": [task]}})
        return task

    def task(self, offer: dict, task_id: str, command: str | dict, **more: Any) -> dict:
        info = {
            "name": task_id,
            "task_id": {"value": task_id},
            "agent_id": offer["agent_id"],
            "command": {"value": command} if isinstance(command, str) else command,
            "resources": [self.scalar("cpus", 0.1), self.scalar("mem", 32)],
        }
        return {**info, **more}

    def scalar(self, name: str, value: float, **more: Any) -> dict:
        return {
            "name": name,
            "type": "SCALAR",
            "scalar": {"value": value},
            "allocation_info": {"role": self.cloud},
            **more,
        }

    def states(self, task_id: str) -> list[str]:
        return [u["state"] for u in self.updates if u["task_id"]["value"] == task_id]

    def reached(self, task_id: str, state: str, timeout: float = 10, **fields: Any) -> dict:
        """Wait for an update of the task in this state (and with these fields); the status."""

        def find() -> dict | None:
            for status in self.updates:
                if status["task_id"]["value"] == task_id and status["state"] == state:
                    if all(status.get(name) == value for name, value in fields.items()):
                        return status
            return None

        return self.wait(find, timeout, "%s of %s %s" % (state, task_id, fields or ""))

    def kill(self, task_id: str, agent_id: dict, grace: float | None = None) -> None:
        body: dict[str, Any] = {"task_id": {"value": task_id}, "agent_id": agent_id}
        if grace is not None:
            body["kill_policy"] = {"grace_period": {"nanoseconds": int(grace * 1e9)}}
        self.call("KILL", **body)

    def disconnect(self) -> None:
        if self._connection.sock is not None:
            self._connection.sock.shutdown(2)
        self._connection.close()

    def teardown(self) -> tuple[int, Any]:
        return self.call("TEARDOWN")
