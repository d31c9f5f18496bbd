# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Status updates that the agent has not acknowledged yet, and the tasks it may not know of. Pure."""

from __future__ import annotations

import base64
from typing import Any

TERMINAL = frozenset(("TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"))


def status(task_id: str, executor_id: str, state: str, uuid: bytes, now: float, **details: Any) -> dict[str, Any]:
    """A TaskStatus; ``now`` in seconds since 1970, ``uuid`` 16 bytes; details that are None are left out."""
    result = {
        "task_id": {"value": task_id},
        "executor_id": {"value": executor_id},
        "state": state,
        "source": "SOURCE_EXECUTOR",
        "uuid": base64.b64encode(uuid).decode(),
        "timestamp": now,
    }
    result.update((name, value) for name, value in details.items() if value is not None)
    return result


class Unacknowledged:
    """What a SUBSCRIBE repeats: updates in their order, and tasks until their first acknowledgement."""

    def __init__(self) -> None:
        self._updates: dict[str, dict[str, Any]] = {}
        self._tasks: dict[str, dict[str, Any]] = {}

    def launched(self, task: dict[str, Any]) -> None:
        self._tasks[task["task_id"]["value"]] = task

    def add(self, update: dict[str, Any]) -> None:
        self._updates[update["uuid"]] = update

    def acknowledge(self, task_id: str, uuid: str) -> bool:
        """True if this was the acknowledgement of a terminal update."""
        self._tasks.pop(task_id, None)
        update = self._updates.pop(uuid, None)
        return update is not None and update["state"] in TERMINAL

    @property
    def updates(self) -> list[dict[str, Any]]:
        return list(self._updates.values())

    @property
    def tasks(self) -> list[dict[str, Any]]:
        return list(self._tasks.values())
