# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A loop that logs in and shows tokens, old and new, and notes every failure."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

from .request_loop import RequestLoop


class TokenLoop(RequestLoop):
    """Logs in as ``admin`` with one and the same password, and shows its first token and its latest."""

    def __init__(self, edge: str, port: int, host: str, ca_file: str, password: str):
        super().__init__(edge, port, host, "/v3/auth/tokens", ca_file, interval=0.2)
        self._login = {
            "auth": {
                "identity": {
                    "methods": ["password"],
                    "password": {"user": {"name": "admin", "domain": {"id": "default"}, "password": password}},
                },
                "scope": {"project": {"name": "admin", "domain": {"id": "default"}}},
            }
        }
        self._first = ""

    def request(self) -> int:
        """200 if all three requests were answered as they should, otherwise the status of the first that was not."""
        status, latest = self._ask("POST", {}, json.dumps(self._login))
        if status != 201:
            return status
        self._first = self._first or latest
        for token in (self._first, latest):
            status, _none = self._ask("GET", {"X-Auth-Token": latest, "X-Subject-Token": token})
            if status != 200:
                return status
        return 200

    def _ask(self, method: str, headers: dict[str, str], body: str = "") -> tuple[int, str]:
        """Status, and the token that came with the answer."""
        with socket.create_connection((self.edge, self.port), timeout=30) as plain:
            connection: Any = http.client.HTTPConnection(self.host)
            connection.sock = self.context.wrap_socket(plain, server_hostname=self.host)
            with connection.sock:
                kind = {"Content-Type": "application/json", "Connection": "close"}
                connection.request(method, self.path, body, {**kind, **headers})
                answer = connection.getresponse()
                answer.read()
                return answer.status, answer.getheader("X-Subject-Token") or ""
