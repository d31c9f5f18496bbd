# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the command of a task in a session of its own, and end it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Any

from ..containerizer import command_line, user_switch

_HIDDEN = ("MESOS_EXECUTOR_AUTHENTICATION_TOKEN",)  # would let the task speak as its executor
_EXEC_FAILED = 127


def task_environment(task: dict[str, Any], environment: dict[str, str]) -> dict[str, str]:
    """What the task sees: the executor's environment without its token, then the task's own variables."""
    result = {name: value for name, value in environment.items() if name not in _HIDDEN}
    roles = [resource.get("allocation_info", {}).get("role") for resource in task.get("resources", [])]
    if roles and roles[0]:
        result["MESOS_ALLOCATION_ROLE"] = roles[0]
    for variable in task.get("command", {}).get("environment", {}).get("variables", []):
        if variable.get("type", "VALUE") != "VALUE":
            raise ValueError("environment variable %s is of an unsupported type" % variable.get("name"))
        result[variable["name"]] = variable.get("value", "")
    return result


def start(task: dict[str, Any], environment: dict[str, str]) -> int:
    """Fork and execute; the pid, which is also the process group and the session. ``ValueError``: not startable."""
    command = task["command"]
    if "value" not in command:
        raise ValueError("the task's command has no value")
    try:
        become = user_switch(command.get("user"))
    except KeyError:
        raise ValueError("no user %s on this agent" % command.get("user")) from None
    variables = task_environment(task, environment)
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        become()
        shell = command.get("shell", True)
        os.execvpe("/bin/sh" if shell else command["value"], command_line(command), variables)
    except BaseException as error:  # noqa: B902 - the child must end here, whatever happens
        sys.stderr.write("mesos-executor: cannot start the command: %s\n" % error)
        sys.stderr.flush()
    finally:
        os._exit(_EXEC_FAILED)


def send(group: int, number: int) -> None:
    """Signal a process group, which may be gone, or consist of processes that went on as another user."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def describe(wait_status: int) -> str:
    """The message of a terminal update, in Mesos' words."""
    if os.WIFSIGNALED(wait_status):
        return "Command terminated with signal %s" % signal.strsignal(os.WTERMSIG(wait_status))
    return "Command exited with status %d" % os.WEXITSTATUS(wait_status)
