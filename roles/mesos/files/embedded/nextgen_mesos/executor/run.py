# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The executor itself: events of the agent, the task's process and the clock, one after another."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

from ..containerizer import user_switch
from . import process
from .health import address, parse
from .link import Link, new_uuid
from .loop import Loop
from .monitor import Monitor
from .updates import Unacknowledged, status

_NANOSECONDS = 1e9
_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "secs": 1.0, "mins": 60.0, "hrs": 3600.0, "days": 86400.0}
_DEFAULT_KILL_GRACE = 3.0  # KillPolicy.grace_period in mesos.proto
_DEFAULT_RECOVERY = "15mins"
_DEFAULT_SHUTDOWN_GRACE = "5secs"
_SHUTDOWN_MARGIN = 1.0  # be done before the agent destroys the container
_RETRY = 0.5  # seconds between attempts to reach the agent; it waits 2 s for us after its restart
_FIRST_CONTACT = 30.0  # seconds to reach the agent at all


def seconds(text: str) -> float:
    """``15mins`` → 900.0, as the agent writes durations into the environment."""
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return float(digits) * _UNITS[text[len(digits) :]]


def main(_arguments: list[str]) -> int:
    executor = Executor(dict(os.environ))
    executor.run()
    return 0


class Executor:
    """One task in one container."""

    def __init__(self, environment: dict[str, str]):
        self._environment = environment
        self._link = Link(environment)
        self._loop = Loop(self._child_ended, self._shutdown)
        self._unacknowledged = Unacknowledged()
        self._recovery = (
            seconds(environment.get("MESOS_RECOVERY_TIMEOUT", _DEFAULT_RECOVERY))
            if environment.get("MESOS_CHECKPOINT") == "1"
            else 0.0
        )
        self._capabilities: set[str] = set()
        self._task: dict[str, Any] | None = None
        self._task_id = ""
        self._pid = 0  # of the task, while it runs
        self._monitor: Monitor | None = None
        self._leaving = False
        self._kill_reason: dict[str, Any] | None = None  # details of the terminal update of a killed task
        self._killing: list | None = None  # the timer of SIGKILL
        self._kill_deadline = 0.0
        self._give_up: list | None = None

    def run(self) -> None:
        self._give_up = self._loop.after(_FIRST_CONTACT, self._agent_lost)
        self._connect()
        self._loop.run(lambda: self._link.descriptor, self._readable)

    # Connection

    def _connect(self) -> None:
        if not self._link.open(self._unacknowledged.tasks, self._unacknowledged.updates):
            self._loop.after(_RETRY, self._connect)

    def _readable(self) -> None:
        events = self._link.read()
        if events is None:
            self._disconnected()
            return
        for event in events:
            self._handle(event)

    def _disconnected(self) -> None:
        if self._leaving:
            return
        if self._give_up is None:
            if self._recovery == 0.0:
                self._agent_lost()
                return
            _say("lost the agent, trying to subscribe again for %d s" % self._recovery)
            self._give_up = self._loop.after(self._recovery, self._agent_lost)
        self._loop.after(_RETRY, self._connect)

    def _agent_lost(self) -> None:
        _say("no agent: ending the task")
        self._shutdown()

    # Events of the agent

    def _handle(self, event: dict[str, Any]) -> None:
        kind = event.get("type", "")
        handler = {
            "SUBSCRIBED": self._subscribed,
            "LAUNCH": self._launch,
            "LAUNCH_GROUP": self._refuse_group,
            "KILL": self._kill_event,
            "ACKNOWLEDGED": self._acknowledged,
        }.get(kind)
        if handler is not None:
            handler(event[kind.lower()])
        elif kind == "SHUTDOWN":
            self._shutdown()
        elif kind == "ERROR":
            _say("the agent reports: %s" % event.get("error", {}).get("message", ""))

    def _subscribed(self, event: dict[str, Any]) -> None:
        self._loop.cancel(self._give_up)
        self._give_up = None
        self._link.subscribed = True
        capabilities = event.get("framework_info", {}).get("capabilities", [])
        self._capabilities = {capability.get("type", "") for capability in capabilities}
        self._send_again()  # what happened after our SUBSCRIBE was written

    def _acknowledged(self, event: dict[str, Any]) -> None:
        if self._unacknowledged.acknowledge(event["task_id"]["value"], event["uuid"]):
            self._loop.stop()

    def _launch(self, event: dict[str, Any]) -> None:
        task = event["task"]
        if self._task is not None:
            return  # a command executor gets one task; the agent repeats it after a lost connection
        self._accept(task)
        self._update("TASK_STARTING")
        try:
            self._start(task)
        except (OSError, ValueError, KeyError) as error:
            self._end("TASK_FAILED", message="Cannot start the task: %s" % error)
            return
        self._update("TASK_RUNNING")

    def _accept(self, task: dict[str, Any]) -> None:
        self._task, self._task_id = task, task["task_id"]["value"]
        self._unacknowledged.launched(task)

    def _start(self, task: dict[str, Any]) -> None:
        if "check" in task:
            raise ValueError("general checks are not supported, use a health check")
        check = parse(task["health_check"]) if "health_check" in task else None
        self._pid = process.start(task, self._environment)
        if check is not None:
            self._monitor = Monitor(
                check,
                address(task, self._environment),
                self._loop,
                user_switch(task["command"].get("user")),
                process.task_environment(task, self._environment),
                self._health_changed,
            )
        limit = task.get("max_completion_time", {}).get("nanoseconds")
        if limit is not None:
            self._loop.after(int(limit) / _NANOSECONDS, self._out_of_time)

    def _refuse_group(self, event: dict[str, Any]) -> None:
        for task in event["task_group"]["tasks"]:
            self._accept(task)
            self._end("TASK_FAILED", message="This executor runs single tasks, not task groups")

    # Ending

    def _kill_event(self, event: dict[str, Any]) -> None:
        policy = event.get("kill_policy") or (self._task or {}).get("kill_policy") or {}
        self._kill({}, policy)

    def _kill(self, reason: dict[str, Any], policy: dict[str, Any] | None = None) -> None:
        """Ask the task to end, and kill it after its grace. ``reason``: details of the terminal update."""
        if self._pid == 0 or self._task is None:
            return
        if policy is None:
            policy = self._task.get("kill_policy", {})
        nanoseconds = policy.get("grace_period", {}).get("nanoseconds")
        grace = _DEFAULT_KILL_GRACE if nanoseconds is None else int(nanoseconds) / _NANOSECONDS
        if self._kill_reason is None:
            self._kill_reason = reason
            if "TASK_KILLING_STATE" in self._capabilities:
                self._update("TASK_KILLING")
        self._terminate(grace)

    def _terminate(self, grace: float) -> None:
        """SIGTERM at first; SIGKILL at the earliest deadline anybody gave."""
        deadline = time.monotonic() + grace
        if self._killing is None:
            process.send(self._pid, signal.SIGTERM)
        elif deadline >= self._kill_deadline:
            return
        self._loop.cancel(self._killing)
        self._kill_deadline = deadline
        self._killing = self._loop.after(grace, lambda: process.send(self._pid, signal.SIGKILL) if self._pid else None)

    def _out_of_time(self) -> None:
        # Mesos itself gives no grace here; the task's own grace lets containers end without leftovers.
        self._kill(
            {
                "state": "TASK_FAILED",
                "reason": "REASON_MAX_COMPLETION_TIME_REACHED",
                "message": "Task exceeded its maximum completion time",
            }
        )

    def _shutdown(self) -> None:
        """End the task and leave without waiting for acknowledgements: none come any more."""
        self._leaving = True
        if self._pid == 0:
            self._loop.stop()
            return
        grace = seconds(self._environment.get("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", _DEFAULT_SHUTDOWN_GRACE))
        self._kill_reason = self._kill_reason or {}
        self._terminate(max(grace - _SHUTDOWN_MARGIN, grace / 2))

    def _child_ended(self, pid: int, wait_status: int) -> None:
        if self._monitor is not None and self._monitor.ended(pid, wait_status):
            return
        if pid != self._pid:
            return
        self._pid = 0
        self._loop.cancel(self._killing)
        process.send(pid, signal.SIGKILL)  # what the command left behind in its process group
        details: dict[str, Any] = {"state": "TASK_FAILED", "message": process.describe(wait_status)}
        if self._kill_reason is not None:
            details = {**details, "state": "TASK_KILLED", **self._kill_reason}
        elif wait_status == 0:
            details["state"] = "TASK_FINISHED"
        else:
            details["reason"] = "REASON_COMMAND_EXECUTOR_FAILED"
        self._end(**details)

    def _end(self, state: str, **details: Any) -> None:
        if self._monitor is not None:
            self._monitor.stop()
        self._update(state, **details)
        if self._leaving:
            self._loop.stop()

    # Reporting

    def _health_changed(self, healthy: bool, kill: bool, message: str) -> None:
        self._update(
            "TASK_RUNNING",
            healthy=healthy,
            reason="REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
            message=None if healthy else "Health check failed: %s" % message,
        )
        if kill:
            self._kill({"healthy": False, "message": "Killed after failed health checks: %s" % message})

    def _update(self, state: str, **details: Any) -> None:
        update = status(
            self._task_id,
            self._environment["MESOS_EXECUTOR_ID"],
            state,
            new_uuid(),
            time.time(),
            **details,
        )
        self._unacknowledged.add(update)
        if self._link.subscribed and not self._link.update(update):
            self._loop.after(_RETRY, self._send_again)

    def _send_again(self) -> None:
        """All that is not acknowledged, in order; the agent ignores what it knows. A new SUBSCRIBE does the same."""
        if not self._link.subscribed:
            return
        for update in self._unacknowledged.updates:
            if not self._link.update(update):
                self._loop.after(_RETRY, self._send_again)
                return


def _say(message: str) -> None:
    sys.stderr.write("mesos-executor: %s\n" % message)
    sys.stderr.flush()
