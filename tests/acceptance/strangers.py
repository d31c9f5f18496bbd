# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Knock at a door: HTTP with or without credentials, TLS with or without a certificate, bytes as they are."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
import ssl
from typing import Any

from .secret_values import Hidden

TIMEOUT = 5.0
MOST = 20_000_000  # bytes of an answer that are read


def basic(user: str, password: str) -> dict[str, str]:
    """The header that logs in."""
    return {"Authorization": Hidden("Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode())}


def tls(ca: str | None, names: bool = True) -> ssl.SSLContext:
    """A client without a certificate; it trusts ``ca``, or anybody if that is None."""
    context = ssl.create_default_context(cafile=ca)
    if ca is None or not names:
        context.check_hostname = False
    if ca is None:
        context.verify_mode = ssl.CERT_NONE
    return context


def http_answer(
    address: str, port: int, path: str, method: str = "GET", body: Any = None,
    headers: dict[str, str] | None = None, context: ssl.SSLContext | None = None, host: str = "",
) -> tuple[int, str]:  # fmt: skip
    """Status and text; ``body`` is sent as JSON. With ``context`` over TLS, which asks for ``host``."""
    connection = http.client.HTTPConnection(address, port, timeout=TIMEOUT)
    with contextlib.closing(connection):
        connection.connect()
        if context is not None:
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host or address)
        sent = {"Accept": "application/json", **({"Host": host} if host else {}), **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        # A stream has no end: what it begins with is enough.
        return answer.status, answer.read(MOST).decode(errors="replace")


def exchange(address: str, port: int, request: bytes, context: ssl.SSLContext | None = None, host: str = "") -> bytes:
    """What comes back for these bytes until the other side ends or says no more; b"" if it refuses at once.

    An error of TLS, and a connection that is refused or reset, count as a refusal.
    """
    received = b""
    try:
        with socket.create_connection((address, port), TIMEOUT) as plain:
            plain.settimeout(1.0)
            stream = context.wrap_socket(plain, server_hostname=host or None) if context else plain
            if request:
                stream.sendall(request)
            while len(received) < MOST:
                part = stream.recv(65536)
                if not part:
                    break
                received += part
    except (OSError, ssl.SSLError):
        # Also a timeout: then what has come until now is all.
        pass
    return received


def is_listening(address: str, port: int) -> bool:
    """Whether a TCP connection can be made at all."""
    with contextlib.suppress(OSError), socket.create_connection((address, port), TIMEOUT):
        return True
    return False
