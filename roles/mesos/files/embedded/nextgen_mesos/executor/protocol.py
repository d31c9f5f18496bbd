# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes of the v1 HTTP API: requests, response heads, chunked bodies and RecordIO. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_MAX_LINE = 65536


class ProtocolError(Exception):
    """The agent sent something that is not HTTP, chunked or RecordIO."""


def request(path: str, host: str, call: dict[str, Any], token: str | None, closing: bool) -> bytes:
    """A POST with a JSON body."""
    body = json.dumps(call).encode()
    lines = [
        "POST %s HTTP/1.1" % path,
        "Host: %s" % host,
        "Content-Type: application/json",
        "Accept: application/json",
        "Connection: %s" % ("close" if closing else "keep-alive"),
        "Content-Length: %d" % len(body),
    ]
    if token:
        lines.append("Authorization: Bearer %s" % token)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status_code(head: bytes) -> int:
    """200 from ``HTTP/1.1 200 OK\\r\\n...``."""
    parts = head.split(b" ", 2)
    if not parts[0].startswith(b"HTTP/") or len(parts) < 2 or not parts[1][:3].isdigit():
        raise ProtocolError("not an HTTP response: %r" % head[:80])
    return int(parts[1][:3])


class EventStream:
    """Response head, then chunked RecordIO. ``feed`` returns the whole events seen so far."""

    def __init__(self) -> None:
        self.status: int | None = None  # HTTP status once the head has arrived
        self.ended = False
        self._raw = b""
        self._body = b""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        self._raw += data
        if self.status is None:
            head, found, rest = self._raw.partition(b"\r\n\r\n")
            if not found:
                return []
            self.status, self._raw = status_code(head), rest
        while self._take_chunk():
            pass
        return list(self._records())

    def _take_chunk(self) -> bool:
        line, found, rest = self._raw.partition(b"\r\n")
        if not found:
            if len(self._raw) > _MAX_LINE:
                raise ProtocolError("endless chunk header")
            return False
        size = _number(line.partition(b";")[0], 16)
        if len(rest) < size + 2:
            return False
        self._raw = rest[size + 2 :]
        self._body += rest[:size]
        self.ended = self.ended or size == 0
        return size > 0

    def _records(self) -> Iterator[dict[str, Any]]:
        while True:
            line, found, rest = self._body.partition(b"\n")
            if not found:
                return
            size = _number(line, 10)
            if len(rest) < size:
                return
            self._body = rest[size:]
            yield json.loads(rest[:size])


def _number(text: bytes, base: int) -> int:
    try:
        return int(text, base)
    except ValueError:
        raise ProtocolError("expected a length, got %r" % text[:80]) from None
