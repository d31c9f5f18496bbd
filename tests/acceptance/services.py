# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a stranger tries to get into each kind of service of a cloud: in plain text, then with TLS but no login."""

from __future__ import annotations

import hashlib
import socket
import ssl
import struct

from .strangers import TIMEOUT, exchange, tls

_MARIADB_CLIENT = 0x00000200 | 0x00008000 | 0x00080000  # protocol 4.1, secure connection, plugin authentication
_MARIADB_TLS = 0x00000800
_ACCESS_DENIED = (1045, 1698)


def refuses(service: str, address: str, port: int, login: tuple[str, str]) -> str:
    """Why the door is open; "" if a stranger gets nowhere, and in plain text not even ``login``, which is right."""
    return _TRIES[service](address, port, login)


def _packet(stream: socket.socket) -> bytes:
    """One packet of MariaDB without its head; b"" at the end of the stream."""
    head = b""
    while len(head) < 4:
        part = stream.recv(4 - len(head))
        if not part:
            return b""
        head += part
    size, body = int.from_bytes(head[:3], "little"), b""
    while len(body) < size:
        body += stream.recv(size - len(body))
    return body


def _scrambled(password: str, nonce: bytes) -> bytes:
    """What ``mysql_native_password`` sends."""
    once = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    twice = hashlib.sha1(once, usedforsecurity=False).digest()
    mask = hashlib.sha1(nonce + twice, usedforsecurity=False).digest()
    return bytes(one ^ other for one, other in zip(once, mask, strict=True))


def _nonce(greeting: bytes) -> bytes:
    """20 bytes in two parts, behind the version of the server."""
    start = greeting.index(b"\0", 1) + 5
    return greeting[start : start + 8] + greeting[start + 27 : start + 39]


def _mariadb_login(
    address: str, port: int, user: str, password: str, context: ssl.SSLContext | None
) -> tuple[str, int]:
    """Log in: ("ok" or "error", number of the error)."""
    with socket.create_connection((address, port), TIMEOUT) as plain:
        stream: socket.socket = plain
        greeting = _packet(stream)
        if greeting[:1] == b"\xff":
            return "error", int.from_bytes(greeting[1:3], "little")
        number, flags = 1, _MARIADB_CLIENT
        if context is not None:
            flags |= _MARIADB_TLS
            stream.sendall(b"\x20\0\0\1" + struct.pack("<IIB23x", flags, 1 << 24, 33))
            stream = context.wrap_socket(plain)
            number = 2
        proof = _scrambled(password, _nonce(greeting)) if password else b""
        body = struct.pack("<IIB23x", flags, 1 << 24, 33) + user.encode() + b"\0"
        body += bytes([len(proof)]) + proof + b"mysql_native_password\0"
        stream.sendall(len(body).to_bytes(3, "little") + bytes([number]) + body)
        answer = _packet(stream)
        if answer[:1] == b"\xfe":
            # The server wants another plugin than ours; an empty answer is the empty password there, too.
            stream.sendall(b"\0\0\0" + bytes([number + 2]))
            answer = _packet(stream)
        return ("error", int.from_bytes(answer[1:3], "little")) if answer[:1] == b"\xff" else ("ok", 0)


def _mariadb(address: str, port: int, login: tuple[str, str]) -> str:
    if _mariadb_login(address, port, *login, tls(None)) != ("ok", 0):
        return "the right login is refused over TLS: the try in plain text would say nothing"
    if _mariadb_login(address, port, *login, None)[1] not in _ACCESS_DENIED:
        return "plain text is not refused"
    for user in ("root", "", "keystone", login[0]):
        for context in (None, tls(None)):
            outcome, error = _mariadb_login(address, port, user, "", context)
            if outcome == "ok" or error not in _ACCESS_DENIED:
                return "no password is asked for: %s %d" % (outcome, error)
    return ""


def _memcached(address: str, port: int, _login: tuple[str, str]) -> str:
    stats = struct.pack(">BBHBBHIIQ", 0x80, 0x10, 0, 0, 0, 0, 0, 0, 0)
    for request in (b"version\r\n", b"stats\r\n", stats):
        if exchange(address, port, request):
            return "plain text is answered"
    if exchange(address, port, b"stats\r\n", tls(None)):
        return "the text protocol is answered without login"
    answer = exchange(address, port, stats, tls(None))
    # Magic and opcode of the answer, then in its sixth and seventh byte the status: 0x20 is "log in first".
    if answer[:2] != b"\x81\x10" or answer[6:8] != b"\0\x20":
        return "statistics without login: %r" % answer[:24]
    return ""


def _rabbitmq(address: str, port: int, _login: tuple[str, str]) -> str:
    hello = b"AMQP\0\0\x09\x01"
    if exchange(address, port, hello):
        return "plain text is answered"
    if b"PLAIN" not in exchange(address, port, hello, tls(None)):
        return "TLS is not answered"
    text = b"\0guest\0guest"
    # connection.start-ok: no properties, mechanism PLAIN, the user that every new server has, locale.
    body = struct.pack(">HHI", 10, 11, 0) + b"\x05PLAIN" + struct.pack(">I", len(text)) + text + b"\x05en_US"
    frame = struct.pack(">BHI", 1, 0, len(body)) + body + b"\xce"
    answer = exchange(address, port, hello + frame, tls(None))
    # connection.tune (10, 30) is what comes after a login that worked.
    return "guest may log in" if struct.pack(">HH", 10, 30) in answer else ""


_TRIES = {"mariadb": _mariadb, "memcached": _memcached, "rabbitmq": _rabbitmq}
