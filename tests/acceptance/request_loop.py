# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A loop of requests that notes every failure, to prove that a cloud is not disturbed."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time


class RequestLoop:
    """``with RequestLoop(edge, port, host, path, ca) as loop``: new TLS connection per request."""

    def __init__(self, edge: str, port: int, host: str, path: str, ca_file: str, interval: float = 0.05):
        self.edge, self.port, self.host, self.path = edge, port, host, path
        self.context = ssl.create_default_context(cafile=ca_file)
        self.interval = interval
        self.answered = 0
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)

    def request(self) -> int:
        """One GET by SNI; returns the HTTP status."""
        with socket.create_connection((self.edge, self.port), timeout=5) as plain:
            with self.context.wrap_socket(plain, server_hostname=self.host) as secure:
                secure.sendall(
                    b"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                    % (self.path.encode(), self.host.encode())
                )
                answer = http.client.HTTPResponse(secure)
                answer.begin()
                answer.read()
                return answer.status

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                status = self.request()
                if status == 200:
                    self.answered += 1
                else:
                    self.failures.append("%.3f: status %d" % (time.time(), status))
            except (OSError, http.client.HTTPException) as error:
                self.failures.append("%.3f: %r" % (time.time(), error))
            self._stop.wait(self.interval)

    def __enter__(self) -> RequestLoop:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
