# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of a run on the control node: what was read, the plan, and each write as it happened."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any, Mapping

from ..whole_file import replace_file

_LIMIT = 1 << 20


class Journal:
    """``<directory>/{snapshot,plan}.json`` of the last step and ``journal.jsonl``, appended and synced."""

    def __init__(self, directory: str, run: str):
        self._directory = directory
        self._run = run
        self._started = False

    @property
    def _path(self) -> str:
        return os.path.join(self._directory, "journal.jsonl")

    def interrupted(self) -> bool:
        """Was the run before this one cut off in the middle of its writes?"""
        try:
            with open(self._path, "rb") as stream:
                lines = stream.read().splitlines()
        except OSError:
            return False
        if not lines:
            return False
        try:
            return json.loads(lines[-1]).get("event") != "end"
        except ValueError:
            return True

    def step(self, snapshot: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
        """Before writing anything: what the writes follow from."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        self._started = True
        for name, value in (("snapshot", snapshot), ("plan", plan)):
            self._replace(os.path.join(self._directory, name + ".json"), value)

    def _replace(self, path: str, value: Mapping[str, Any]) -> None:
        replace_file(path, json.dumps(value, sort_keys=True, indent=1, default=list), 0o600)

    def write(self, event: str, at: float, **values: Any) -> None:
        """One line, on disk when this returns. ``at``: seconds of the epoch."""
        if not self._started:
            return
        if event == "end" and os.path.exists(self._path) and os.path.getsize(self._path) > _LIMIT:
            os.rename(self._path, self._path + ".1")
        line = json.dumps(dict(values, event=event, at=at, run=self._run), sort_keys=True) + "\n"
        with open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())

    def remove(self) -> None:
        """The directory goes with the cloud it tells of."""
        shutil.rmtree(self._directory, ignore_errors=True)
