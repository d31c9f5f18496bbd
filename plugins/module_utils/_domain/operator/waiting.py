# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saying what a cloud waits for, for people who have to find out why."""

from __future__ import annotations

from typing import Iterable

from .mutation import Wait
from .snapshot import Snapshot


def explain(snapshot: Snapshot, waits: Iterable[Wait], now: float) -> str:
    """One clause per wait: for a task its last message or reason, verdict and age in seconds."""
    told = [_one(snapshot, wait, now) for wait in waits if wait.kind != "order"]
    return "; ".join(told) or "nothing that is known"


def _one(snapshot: Snapshot, wait: Wait, now: float) -> str:
    task = snapshot.task(wait.subject)
    if task is None:
        return wait.text
    facts = [task.state, "healthy: %s" % {True: "yes", False: "no", None: "not known yet"}[task.healthy]]
    if task.message or task.reason:
        facts.append(task.message or task.reason)
    if task.started:
        facts.append("for %d s" % (now - task.started))
    return "%s (%s)" % (wait.text, ", ".join(facts))
