# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mesos-containerizer: the init process of a container, started by the agent for every task.

Plain containers (no mounts, namespaces, limits of their own) are launched here in a few
milliseconds, as the user that the agent names; everything else goes to Mesos' own code in the
library. In both cases the process stays as the parent of the executor and writes its wait
status for the agent.

Beyond Mesos: orphans of the container come back to this process (it is a subreaper), so that
a task whose executor was killed is ended, gracefully first, and never outlives its container.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Callable

_PREFIX = "MESOS_CONTAINERIZER_"
_PLAIN_FIELDS = {"command", "environment", "working_directory", "user"}
_PLAIN_COMMAND_FIELDS = {"value", "shell", "arguments", "uris", "user"}
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
_EXECUTOR_LOST_GRACE = 15.0  # seconds a task gets to end after its executor was killed
_LEFTOVER_GRACE = 10.0  # seconds for helpers that clean up behind a task which ended normally
_POLL = 0.05
_EXEC_FAILED = 127


def main(arguments: list[str]) -> int:
    """``arguments`` without the program's name; the exit status."""
    if not arguments or arguments[0] != "launch":
        sys.stderr.write("mesos-containerizer: only the subcommand 'launch' is supported\n")
        return 1
    text = os.environ.get(_PREFIX + "LAUNCH_INFO", "")
    info = json.loads(text) if text else None
    unshare = os.environ.get(_PREFIX + "UNSHARE_NAMESPACE_MNT", "false") != "false"
    if info is None or unshare or len(arguments) > 1 or not is_plain(info):
        from .native_launch import launch  # loads the library

        return launch(arguments[1:])
    return _launch(info)


def is_plain(info: dict) -> bool:
    """May this ContainerLaunchInfo be launched without Mesos' code?"""
    said = {name for name, value in info.items() if value not in ({}, [], "")}
    command = info.get("command", {})
    if not said <= _PLAIN_FIELDS or not set(command) <= _PLAIN_COMMAND_FIELDS:
        return False
    if command.get("user", info.get("user")) != info.get("user"):
        return False
    variables = info.get("environment", {}).get("variables", [])
    return "value" in command and all(variable.get("type", "VALUE") == "VALUE" for variable in variables)


def command_line(command: dict) -> list[str]:
    """argv of a CommandInfo; the first element is also the file to execute unless it is a shell command."""
    if command.get("shell", True):
        return ["sh", "-c", command["value"]]
    return list(command.get("arguments") or [command["value"]])


def user_switch(user: str | None) -> Callable[[], None]:
    """A function that becomes ``user``; nothing to do if that is who we are. ``KeyError``: there is no such user."""
    if not user:
        return lambda: None
    import pwd

    account = pwd.getpwnam(user)
    if account.pw_uid == os.geteuid():
        return lambda: None

    def become() -> None:
        os.initgroups(account.pw_name, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)

    return become


def _launch(info: dict) -> int:
    _wait_for_go()
    _become_subreaper()
    directory = info.get("working_directory")
    if directory:
        os.makedirs(directory, exist_ok=True)
        os.chdir(directory)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    child = os.fork()
    if child == 0:
        _execute(info)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: os.kill(child, received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
    status = _wait(child)
    _end_leftovers(_EXECUTOR_LOST_GRACE if os.WIFSIGNALED(status) else _LEFTOVER_GRACE, os.WIFSIGNALED(status))
    _write_status(status)
    return 0


def _wait_for_go() -> None:
    """The agent holds us at a pipe until the isolators have prepared the container."""
    reading, writing = os.environ.get(_PREFIX + "PIPE_READ"), os.environ.get(_PREFIX + "PIPE_WRITE")
    if reading is None or writing is None:
        return
    os.close(int(writing))
    go = os.read(int(reading), 1)
    os.close(int(reading))
    if not go:
        sys.stderr.write("mesos-containerizer: the agent went away before the launch\n")
        os._exit(1)


def _become_subreaper() -> None:
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _execute(info: dict) -> None:
    """In the child: become the command. Never returns."""
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        command = info["command"]
        environment = {
            variable["name"]: variable.get("value", "") for variable in info.get("environment", {}).get("variables", [])
        }
        environment.setdefault("PATH", _DEFAULT_PATH)
        argv = command_line(command)
        # The agent has settled who that is, from the command or else from the framework.
        user_switch(info.get("user"))()
        os.execvpe("/bin/sh" if command.get("shell", True) else command["value"], argv, environment)
    except (OSError, KeyError, ValueError) as error:
        sys.stderr.write("mesos-containerizer: cannot execute: %s\n" % error)
        sys.stderr.flush()
    os._exit(_EXEC_FAILED)


def _wait(child: int) -> int:
    """Reap everything until ``child`` ends; its raw wait status."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return status


def _children() -> list[int]:
    """Processes whose parent we are, from /proc."""
    found, own = [], str(os.getpid())
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open("/proc/%s/stat" % entry, encoding="utf-8", errors="replace") as file:
                    fields = file.read().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[1] == own:
                found.append(int(entry))
    return found


def _end_leftovers(grace: float, ask: bool) -> None:
    """Wait for what came back to us; ask it to end first if its executor was killed; kill what stays."""
    if not _reap():
        return
    if ask:
        _signal(_children(), signal.SIGTERM)
    deadline = time.monotonic() + grace
    while _reap():
        if time.monotonic() > deadline:
            _signal(_children(), signal.SIGKILL)
        time.sleep(_POLL)


def _reap() -> bool:
    """Reap the dead; whether children are left."""
    while True:
        try:
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            if os.getpgid(pid) == pid:
                os.killpg(pid, number)
            else:
                os.kill(pid, number)
        except ProcessLookupError:
            continue


def _write_status(status: int) -> None:
    """The raw wait status as a decimal, where the agent looks for it, even after its own restart."""
    directory = os.environ.get(_PREFIX + "RUNTIME_DIRECTORY")
    if directory:
        path = os.path.join(directory, "status")
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(str(status))
            file.flush()
            os.fsync(file.fileno())
        os.rename(path + ".new", path)
