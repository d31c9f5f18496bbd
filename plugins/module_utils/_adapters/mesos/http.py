# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the v1 APIs of masters and agents; finds the leader and stays with it."""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any, Mapping, NamedTuple, Sequence

from ..._domain.errors import refuse
from .clock import Clock

_OPERATOR = "/api/v1"
_REDIRECTS = (301, 302, 303, 307, 308)


class Credential(NamedTuple):
    """Who asks."""

    principal: str
    secret: str

    @property
    def header(self) -> str:
        text = "%s:%s" % (self.principal, self.secret)
        return "Basic " + base64.b64encode(text.encode()).decode()


class Answer(NamedTuple):
    """``status``, ``headers`` (lower case keys), ``body``; status 0: the connection failed, body says how."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace").strip()[:500]


def headers_for(credential: Credential, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Headers of a JSON call in the name of ``credential``."""
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Authorization": credential.header}
    headers.update(more or {})
    return headers


def post(host: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str], timeout: float = 30.0) -> Answer:
    """One POST to ``host:port``. Never raises for what the network does."""
    connection = http.client.HTTPConnection(host, timeout=timeout)
    try:
        connection.request("POST", path, json.dumps(body).encode(), dict(headers))
        response = connection.getresponse()
        data = response.read()
        return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, data)
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, {}, ("%s: %s" % (type(error).__name__, error)).encode())
    finally:
        connection.close()


class Masters:
    """The masters of a site. ``calls`` counts every request made, of whatever kind."""

    def __init__(self, masters: Sequence[str], clock: Clock, patience: float = 30.0):
        self._masters = list(masters)
        self._clock = clock
        self._patience = patience
        self.leader = self._masters[0]
        self.calls = 0

    def call(self, body: Mapping[str, Any], credential: Credential) -> dict[str, Any]:
        """One operator call; its answer is the part named like the call, or {}."""
        answer = self.settle(lambda host: post(host, _OPERATOR, body, headers_for(credential)))
        self.check(answer, body["type"], credential)
        if not answer.body:
            return {}
        return json.loads(answer.body).get(body["type"].lower()) or {}

    def settle(self, ask: Any) -> Answer:
        """Ask the leader; follow redirects; while there is none or it recovers, try again up to the patience."""
        until = self._clock.monotonic() + self._patience
        turn = 0
        while True:
            self.calls += 1
            answer = ask(self.leader)
            if answer.status in _REDIRECTS:
                self.leader = location_host(answer.headers.get("location", "")) or self._next(turn)
            elif answer.status in (0, 503):
                self.leader = self._next(turn)
            else:
                return answer
            turn += 1
            if self._clock.monotonic() > until:
                problem = answer.text or "HTTP %d" % answer.status
                raise refuse("NXC-PLAN-0010", masters=", ".join(self._masters), problem=problem)
            if answer.status not in _REDIRECTS or turn > 2:
                self._clock.sleep(0.2)

    def _next(self, turn: int) -> str:
        return self._masters[turn % len(self._masters)]

    @staticmethod
    def check(answer: Answer, call: str, credential: Credential) -> None:
        """Turn a refusal into a coded error."""
        if answer.status in (401, 403):
            raise refuse("NXC-PLAN-0011", principal=credential.principal, call=call, problem=answer.text)
        if answer.status not in (200, 202):
            raise refuse("NXC-PLAN-0012", call=call, status=answer.status, problem=answer.text)


def location_host(location: str) -> str:
    """``//10.0.0.1:5050/master/api/v1`` to ``10.0.0.1:5050``."""
    return location.partition("//")[2].partition("/")[0]
