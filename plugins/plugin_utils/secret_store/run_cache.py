# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that the processes of one ``ansible-playbook`` run make once and share: derived keys, logins, reads.

They are in the memory of a small process, ``run_broker.py``, that the first user of this module starts and that ends
with the run. The run is the oldest ancestor with this process's command line: Ansible forks its workers, so they all
have it. Without an Ansible run (unit tests, other programs) the values are in this process alone.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, Callable

from ansible import context
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import run_broker
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.run_broker import peer, start_time

ANSWER_SECONDS = 300

_here: dict[str, bytes] = {}


def get(key: str, make: Callable[[], bytes]) -> bytes:
    """The value of ``key``; made by ``make`` in one process of the run while the others wait for it.

    What ``make`` raises is raised here and nothing is kept; a process that waited then tries it itself.
    """
    link = _link()
    if link is None:
        if key not in _here:
            _here[key] = make()
        return _here[key]
    with contextlib.closing(link):
        reply = _ask(link, {"get": key})
        if "value" in reply:
            return base64.b64decode(reply["value"])
        value = make()
        _ask(link, {"value": base64.b64encode(value).decode("ascii")})
        return value


def forget(prefix: str) -> None:
    """Drop every value whose key begins with ``prefix``, for the whole run."""
    link = _link()
    if link is not None:
        with contextlib.closing(link):
            _ask(link, {"forget": prefix})
    for key in [key for key in _here if key.startswith(prefix)]:
        del _here[key]


def _ask(link: socket.socket, message: dict[str, Any]) -> dict[str, Any]:
    """The answer; empty when the broker is gone, which makes the run slower and nothing else."""
    try:
        link.sendall(json.dumps(message).encode("ascii") + b"\n")
        with link.makefile("rb") as stream:
            line = stream.readline()
    except OSError:
        return {}
    return json.loads(line) if line else {}


def _link() -> socket.socket | None:
    """A connection to the broker of this run; None without a run, or where no broker can be had."""
    return _reach() if context.CLIARGS else None


def _reach() -> socket.socket | None:
    """Connect to the broker; start it when it is not there yet."""
    pid, began = run()
    folder = os.path.join(base(), "run-%d-%s" % (pid, began))
    link = _connect(folder)
    if link is not None:
        return link
    try:
        with _starting():
            return _connect(folder) or _start(folder, pid, began)
    except OSError:
        # A folder that others could have made, a full disk: a run without sharing is only slower.
        return None


def _connect(folder: str) -> socket.socket | None:
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(ANSWER_SECONDS)
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            # In a folder that somebody else made, "socket" could lead to any program of this user.
            _check_ours(handle)
            # Names of sockets have at most 107 bytes, so the folder goes in by its number.
            link.connect("/proc/self/fd/%d/socket" % handle)
        finally:
            os.close(handle)
        if peer(link) == os.getuid():
            return link
    except OSError:
        pass
    link.close()
    return None


def _start(folder: str, pid: int, began: str) -> socket.socket | None:
    _sweep()
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    # Its child serves on; what we started ends as soon as that one listens.
    subprocess.run(
        [sys.executable, "-I", "-S", str(run_broker.__file__), folder, str(pid), began],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        check=False,
        env={"PATH": os.defpath},
    )
    return _connect(folder)


def base() -> str:
    """The folder of all runs of this user."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    parent = runtime if runtime and os.access(runtime, os.W_OK) else tempfile.gettempdir()
    return os.path.join(parent, "nextgen.cloud-%d" % os.getuid())


@contextlib.contextmanager
def _starting() -> Iterator[None]:
    """One process at a time starts a broker or sweeps."""
    handle = _open_base()
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        while not os.path.isdir(base()) or not os.path.samestat(os.fstat(handle), os.lstat(base())):
            # The broker of another run, the last one, took the folder away while we waited.
            os.close(handle)
            handle = _open_base()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _open_base() -> int:
    with contextlib.suppress(FileExistsError):
        os.mkdir(base(), 0o700)
    handle = os.open(base(), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _check_ours(handle)
    except PermissionError:
        os.close(handle)
        raise
    return handle


def _check_ours(handle: int) -> None:
    """Refuse a folder that another user has made or may write to."""
    found = os.fstat(handle)
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(handle)


def _sweep() -> None:
    """Remove what brokers that were killed left behind."""
    for name in os.listdir(base()):
        words = name.split("-")
        if len(words) == 3 and words[1].isdigit() and start_time(int(words[1])) != words[2]:
            shutil.rmtree(os.path.join(base(), name), ignore_errors=True)


def run() -> tuple[int, str]:
    """(process id, start time) of the process that is the run."""
    pid = os.getpid()
    words = _command(pid)
    while True:
        parent = _parent(pid)
        if parent <= 1 or _command(parent) != words:
            return pid, start_time(pid)
        pid = parent


def _command(pid: int) -> bytes:
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as stream:
            return stream.read()
    except OSError:
        return b""


def _parent(pid: int) -> int:
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stream:
            return int(stream.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0
