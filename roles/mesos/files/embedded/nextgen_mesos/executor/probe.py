# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one probe of a health check in a child process, which the executor kills at the timeout."""

from __future__ import annotations

import os
import signal
import socket
from typing import Callable

from ..containerizer import command_line
from .health import HealthCheck

_HTTP_GOOD = range(200, 400)
_HEAD = 4096
_MESSAGE = 512


def start(check: HealthCheck, host: str, become: Callable[[], None], environment: dict[str, str]) -> tuple[int, int]:
    """Start a probe. Returns (pid, file descriptor that holds the reason of a failure, to be read after the end).

    ``become`` drops privileges for a command; ``environment`` is the task's. ``OSError``: this machine has no
    process or file descriptor to spare.
    """
    reading, writing = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        raise
    if pid:
        os.close(writing)
        return pid, reading
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        if check.kind == "COMMAND":
            _become_command(check.definition, become, environment)
        problem = _http(check, host) if check.kind == "HTTP" else _tcp(check, host)
        os.write(writing, problem.encode()[:_MESSAGE])
        code = 1 if problem else 0
    except BaseException as error:  # noqa: B902 - the child must end here, whatever happens
        os.write(writing, str(error).encode()[:_MESSAGE])
    finally:
        os._exit(code)


def reason(descriptor: int, status: int) -> str:
    """Why the probe with this wait status failed; empty if it passed."""
    text = os.read(descriptor, _MESSAGE).decode(errors="replace")
    os.close(descriptor)
    if status == 0:
        return ""
    if os.WIFSIGNALED(status):
        return text or "timed out or killed by signal %d" % os.WTERMSIG(status)
    return text or "exited with status %d" % os.WEXITSTATUS(status)


def _become_command(definition: dict, become: Callable[[], None], environment: dict[str, str]) -> None:
    # A probe every few seconds must not fill the sandbox's logs.
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)
    become()
    variables = dict(environment)
    for variable in definition.get("environment", {}).get("variables", []):
        variables[variable["name"]] = variable.get("value", "")
    shell = definition.get("shell", True)
    os.execvpe("/bin/sh" if shell else definition["value"], command_line(definition), variables)


def _connect(host: str, port: int, timeout: float) -> socket.socket:
    return socket.create_connection((host, port), timeout or None)


def _tcp(check: HealthCheck, host: str) -> str:
    _connect(host, check.definition["port"], check.timeout).close()
    return ""


def _http(check: HealthCheck, host: str) -> str:
    definition = check.definition
    port = definition["port"]
    connection = _connect(host, port, check.timeout)
    if definition.get("scheme", "http") == "https":
        import ssl

        # As in Mesos: a liveness probe by address cannot check a name.
        connection = ssl._create_unverified_context().wrap_socket(connection)
    connection.sendall(
        (
            "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: mesos-executor\r\nAccept: */*\r\nConnection: close\r\n\r\n"
            % (definition.get("path") or "/", host, port)
        ).encode()
    )
    head = b""
    while b"\r\n" not in head and len(head) < _HEAD:
        data = connection.recv(_HEAD)
        if not data:
            break
        head += data
    parts = head.split(b" ", 2)
    if not head.startswith(b"HTTP/") or len(parts) < 2 or not parts[1][:3].isdigit():
        return "no HTTP response"
    status = int(parts[1][:3])
    return "" if status in _HTTP_GOOD else "HTTP status %d" % status
