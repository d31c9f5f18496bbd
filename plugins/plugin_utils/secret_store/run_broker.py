# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that holds what the processes of one ansible-playbook run share. Run by path, with three arguments:

``run_broker.py <folder> <process id> <start time>`` listens on ``<folder>/socket`` and ends with that process.
Only the same user is answered. Nothing is written to disk but the socket, which goes away with the broker.

A connection asks one thing, a JSON line: ``{"get": key}``, answered by ``{"value": base64}`` or by ``{"make": true}``
(then the caller sends ``{"value": base64}`` or hangs up, and others wait meanwhile), or ``{"forget": prefix}``,
answered by ``{}``.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import select
import socket
import struct
import sys
import threading
import time
from typing import Any, BinaryIO

TICK = 1.0


class Shelf:
    """Values by key. One connection at a time makes a value, the others wait for it."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._makers: dict[str, object] = {}
        self._changed = threading.Condition()

    def get(self, key: str, me: object) -> str | None:
        """The value, or None: then ``me`` has to make it and call ``put`` or ``give_up``."""
        with self._changed:
            while key not in self._values:
                if key not in self._makers:
                    self._makers[key] = me
                    return None
                self._changed.wait()
            return self._values[key]

    def put(self, key: str, me: object, value: str) -> None:
        """Keep what ``me`` has made, unless it was forgotten meanwhile."""
        with self._changed:
            if self._makers.get(key) is me:
                self._values[key] = value

    def give_up(self, key: str, me: object) -> None:
        """``me`` makes the value no longer, whether it is there or not."""
        with self._changed:
            if self._makers.get(key) is me:
                del self._makers[key]
            self._changed.notify_all()

    def forget(self, prefix: str) -> None:
        """Drop values, and also those that are being made: they may come from a read before the change."""
        with self._changed:
            self._values = {key: value for key, value in self._values.items() if not key.startswith(prefix)}
            self._makers = {key: maker for key, maker in self._makers.items() if not key.startswith(prefix)}
            self._changed.notify_all()


def start_time(pid: int) -> str:
    """When a process began, in clock ticks since boot; '' for one that is gone or only waits to be collected."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stream:
            fields = stream.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def peer(connection: socket.socket) -> int:
    """The user at the other end."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", packed)[1])


def answer(connection: socket.socket, shelf: Shelf) -> None:
    """Serve one connection to its end."""
    with connection, connection.makefile("rwb") as stream:
        try:
            if peer(connection) == os.getuid():
                _answer(stream, shelf)
        except (OSError, ValueError, KeyError):
            return


def _answer(stream: BinaryIO, shelf: Shelf) -> None:
    request = json.loads(stream.readline())
    if "forget" in request:
        shelf.forget(request["forget"])
        _send(stream, {})
        return
    key, me = request["get"], object()
    value = shelf.get(key, me)
    if value is not None:
        _send(stream, {"value": value})
        return
    try:
        _send(stream, {"make": True})
        line = stream.readline()
        if line:
            shelf.put(key, me, json.loads(line)["value"])
            shelf.give_up(key, me)
            _send(stream, {})
    finally:
        shelf.give_up(key, me)


def _send(stream: BinaryIO, message: dict[str, Any]) -> None:
    stream.write(json.dumps(message).encode("ascii") + b"\n")
    stream.flush()


def serve(listener: socket.socket, pid: int, began: str) -> None:
    """Answer until the process is gone."""
    shelf = Shelf()
    watched: list[Any] = [listener]
    try:
        watched.append(os.pidfd_open(pid))
    except OSError:
        pass  # An old kernel: the clock tick below notices.
    checked = 0.0
    while True:
        ready = select.select(watched, [], [], TICK)[0]
        if listener in ready:
            connection = listener.accept()[0]
            threading.Thread(target=answer, args=(connection, shelf), daemon=True).start()
        if len(ready) > (listener in ready) or time.monotonic() - checked > TICK:
            checked = time.monotonic()
            if start_time(pid) != began:
                return


def leave(folder: str) -> None:
    """Remove the folder of the run, and the one of all runs if this was the last."""
    base = os.path.dirname(folder)
    handle = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(handle, fcntl.LOCK_EX)  # Nobody starts a broker in there meanwhile.
    with contextlib.suppress(OSError):
        os.unlink(os.path.join(folder, "socket"))
        os.rmdir(folder)
        os.rmdir(base)


def main(folder: str, pid: int, began: str) -> None:
    """Listen, tell the starter by ending its child, then serve in the background."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    os.chdir(folder)
    listener = socket.socket(socket.AF_UNIX)
    with contextlib.suppress(FileNotFoundError):
        os.unlink("socket")
    listener.bind("socket")  # Not by its whole path, which may be longer than names of sockets can be.
    listener.listen(128)
    os.chdir("/")
    if os.fork():
        os._exit(0)
    os.setsid()
    try:
        serve(listener, pid, began)
    finally:
        leave(folder)
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
