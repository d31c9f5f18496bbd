# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One job of a cloud: run once per digest, recorded when finished."""

from __future__ import annotations

from .draft import Draft, Gate, order_of, release_of
from .manifests import Work
from .mutation import Failure, Wait
from .snapshot import Snapshot, Task

_ENDED_BADLY = ("TASK_FAILED", "TASK_KILLED", "TASK_ERROR")


def plan_job(draft: Draft, work: Work) -> None:
    """Run the job unless this digest is recorded as finished, and set the gate for those who require it."""
    snapshot = draft.snapshot
    alive = [task for task in snapshot.tasks if task.kind == "job" and task.name == work.name and task.alive]
    old = [task for task in alive if task.digest != work.digest]
    for task in old:
        draft.kill(task, "the job has changed")
    if work.digest in snapshot.jobs:
        draft.gates[work.name] = Gate()
        return
    running = [task for task in alive if task.digest == work.digest]
    done = _finished(snapshot, work)
    if done:
        draft.gates[work.name] = Gate((_record(draft, work, done),))
    elif running:
        draft.gates[work.name] = _wait(draft, work, running)
    elif not _failed(draft, work):
        draft.gates[work.name] = _run(draft, work, old)
    else:
        draft.gates[work.name] = Gate((), (order_of(work.name, "job %s to finish" % work.name),))


def _finished(snapshot: Snapshot, work: Work) -> Task | None:
    done = [task for task in snapshot.tasks if task.digest == work.digest and task.state == "TASK_FINISHED"]
    return min(done, key=lambda task: task.id, default=None)


def _record(draft: Draft, work: Work, task: Task) -> int:
    return draft.add(
        "record",
        "job",
        work.digest,
        "record job %s as finished" % work.name,
        {"digest": work.digest, "name": work.name, "task": task.id, "finished": task.changed},
        reads=("job:%s" % work.digest,),
        inverse={"remove": "jobs/%s" % work.digest},
    )


def _wait(draft: Draft, work: Work, running: list[Task]) -> Gate:
    for task in running:
        if task.started and draft.now - task.started > work.timeout:
            if draft.stopping(task):
                values = {"name": work.name, "cloud": draft.wanted.cloud, "timeout": work.timeout, "task": task.id}
                draft.failures.append(Failure("NXC-PLAN-0015", values, task.id, task.agent))
            draft.kill(task, "it takes longer than %g s" % work.timeout)
    waits = tuple(Wait("job", task.id, "job %s to finish (%s)" % (work.name, task.id)) for task in running)
    draft.waiting.extend(waits)
    return Gate((), waits)


def _run(draft: Draft, work: Work, old: list[Task]) -> Gate:
    required = draft.gate(work)
    gate = Gate(required.after, required.waits + tuple(release_of(task) for task in old))
    seq = draft.launch(work, 0, gate)
    done = order_of(work.name, "job %s to finish" % work.name)
    if seq:
        return Gate((seq,), (done,))
    wait = Wait("room", work.name, "room for job %s" % work.name)
    draft.waiting.append(wait)
    draft.condition("NoRoom", "JobDoesNotFit", "there is no room for job %s in quota and on agents" % work.name)
    return Gate((), (wait, done))


def _failed(draft: Draft, work: Work) -> bool:
    """Did it fail in this run? A failure of an earlier run is forgotten: the call is the retry."""
    for own in draft.snapshot.own:
        if own.name == work.name and own.kind == "job" and own.state in _ENDED_BADLY:
            task = draft.snapshot.task(own.task)
            values = {
                "name": work.name,
                "cloud": draft.wanted.cloud,
                "state": own.state,
                "task": own.task,
                "message": own.message or own.reason or "no message",
            }
            draft.failures.append(Failure("NXC-PLAN-0006", values, own.task, task.agent if task else ""))
            return True
    return False
