# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call for one cloud: observe, plan, apply, wait; again until nothing is left or only the edge can help."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Iterable, Mapping, Sequence

from ..._domain.errors import refuse
from ..._domain.operator.manifests import Wanted, read_manifests
from ..._domain.operator.mutation import Condition, Failure, Mutation, Plan
from ..._domain.operator.plan import framework_id, framework_info, plan
from ..._domain.operator.reading import read_snapshot
from ..._domain.operator.removal import plan_removal
from ..._domain.operator.snapshot import Own, Snapshot
from ..._domain.operator.taskinfo import Command, container_command
from ..._domain.operator.waiting import explain
from ..zookeeper import Records, claimant
from .apply import Applier
from .clock import Clock
from .http import Credential, Masters
from .journal import Journal
from .sandbox import tail
from .scheduler import FrameworkGone

# How long agents may take to come back after a restart of the master before they count as lost.
_RECOVERY = 20.0


@dataclass(frozen=True)
class Settings:
    """``timeout`` and ``lock_wait`` in seconds; ``zookeeper`` a connect string; ``masters`` host:port;
    ``revisions`` of secrets and certificates, as ``read_manifests`` takes them."""

    site: str
    cloud: str
    masters: Sequence[str]
    zookeeper: str
    cloud_credential: Credential
    operator_credential: Credential
    run_dir: str
    timeout: float = 600.0
    lock_wait: float = 20.0
    check: bool = False
    revisions: Mapping[str, str] = field(default_factory=dict)
    command: Command = container_command
    clock: Clock = field(default_factory=Clock)
    login: tuple[str, str] | None = None


@dataclass(frozen=True)
class Outcome:
    """``done``: what was written; ``plan``: what is left (all of it in check mode)."""

    plan: Plan
    settled: bool
    done: tuple[Mutation, ...]
    conditions: tuple[Condition, ...]
    calls: Mapping[str, int]


class CloudRun:
    """Brings one cloud to ``manifests``, or takes it away where these are None."""

    def __init__(
        self,
        settings: Settings,
        manifests: Iterable[Mapping[str, Any]] | None,
        routed: Iterable[str] | None = (),
    ):
        self._settings = settings
        self._clock = settings.clock
        self._wanted: Wanted | None = None
        if manifests is not None:
            # Before anything is asked: bad input changes nothing.
            self._wanted = read_manifests(settings.cloud, manifests, settings.revisions)
        self._routed = None if routed is None else tuple(routed)
        self._masters = Masters(settings.masters, self._clock)
        self._records = Records(settings.zookeeper, settings.site, settings.cloud, settings.login)
        self._start = self._clock.monotonic()
        self._recovering: tuple[int, float] = (0, 0.0)
        self._tried: set[tuple[str, str, str]] = set()
        self._who = claimant()
        self._journal = Journal(settings.run_dir, self._who)
        self._applier = Applier(
            self._masters,
            settings.cloud_credential,
            settings.operator_credential,
            self._records,
            self._journal,
            self._clock,
        )

    def run(self) -> Outcome:
        """Do it; raises ``CloudError``."""
        with self._records:
            if self._settings.check:
                return self._outcome(self._look()[1])
            self._records.lock(self._who, self._settings.lock_wait)
            resumed = self._journal.interrupted()
            try:
                outcome = self._outcome(self._converge(), resumed)
                self._applier.all_recorded()
            finally:
                self._applier.close()
            self._journal.write("end", self._clock.now())
            if self._wanted is None:
                self._records.remove_lock()
                self._journal.remove()
            return outcome

    def _converge(self) -> Plan:
        while True:
            self._records.held()
            try:
                snapshot, todo = self._look()
                self._stop_at_failures(snapshot, todo)
                if todo.ready:
                    self._write(snapshot, todo)
                elif not can_move(todo):
                    return todo
                else:
                    self._in_time(snapshot, todo)
                    self._wait(snapshot)
            except FrameworkGone:
                # Torn down behind our back: its id is spent, the next look leads to a new one.
                self._records.forget_framework()
                self._applier.close()

    def _look(self) -> tuple[Snapshot, Plan]:
        snapshot = self.observe()
        now = self._clock.now()
        if self._wanted is None:
            return snapshot, plan_removal(snapshot, now)
        seed = int(now * 1000)
        return snapshot, plan(snapshot, self._wanted, self._routed, now, seed, self._settings.command)

    def observe(self) -> Snapshot:
        """Three reads of the master and three of ZooKeeper; nobody subscribes for that."""
        operator = self._settings.operator_credential
        answers = {
            "state": self._masters.call({"type": "GET_STATE"}, operator),
            "quota": self._masters.call({"type": "GET_QUOTA"}, operator),
            "weights": self._masters.call({"type": "GET_WEIGHTS"}, operator),
        }
        settings = self._settings
        principal = settings.cloud_credential.principal
        snapshot = read_snapshot(settings.site, settings.cloud, principal, answers, self._records.read())
        self._applier.hear()
        snapshot = replace(snapshot, recovering=self._awaited(snapshot.recovering))
        own = tuple(_latest(each, snapshot) for each in self._applier.own.values())
        return replace(snapshot, own=own, killed=self._applier.killed, revisions=dict(settings.revisions))

    def _awaited(self, recovering: int) -> int:
        """``recovering``, or 0 when these agents had their time. It begins anew with every restart of a master."""
        now = self._clock.monotonic()
        before, since = self._recovering
        self._recovering = (recovering, now if recovering > before else since)
        return 0 if now - self._recovering[1] > _RECOVERY else recovering

    def _write(self, snapshot: Snapshot, todo: Plan) -> None:
        identities = {mutation.identity for mutation in todo.ready}
        if identities <= self._tried:
            # All of it was written before and had no lasting effect.
            self._in_time(snapshot, todo)
        self._tried |= identities
        self._journal.step(snapshot.as_dict(), {"mutations": [each.as_dict() for each in todo.mutations]})
        fresh = self.observe()
        self._applier.apply(todo.ready, snapshot, fresh, self._info(snapshot))

    def _wait(self, snapshot: Snapshot) -> None:
        """Agents send the next update of a task only when the one before is acknowledged: to see anything
        happen one has to be connected, even with nothing to write."""
        if snapshot.registered:
            self._applier.connect(self._info(snapshot)).drain(1.0)
        else:
            self._clock.sleep(0.5)

    def _info(self, snapshot: Snapshot) -> dict[str, Any]:
        return framework_info(snapshot, framework_id(snapshot, self._clock.now()))

    def _in_time(self, snapshot: Snapshot, todo: Plan) -> None:
        if self._clock.monotonic() - self._start > self._settings.timeout:
            again = "; ".join("the effect of: %s" % mutation.summary for mutation in todo.ready)
            waits = again or explain(snapshot, todo.waits, self._clock.now())
            raise refuse("NXC-PLAN-0008", cloud=self._settings.cloud, timeout=self._settings.timeout, waits=waits)

    def _stop_at_failures(self, snapshot: Snapshot, todo: Plan) -> None:
        for failure in todo.failures:
            output = self._output(snapshot, failure)
            raise refuse(failure.code, **dict(failure.values, output=output))

    def _output(self, snapshot: Snapshot, failure: Failure) -> str:
        agent = snapshot.agent(failure.agent)
        if not agent or not failure.task:
            return ""
        host = "%s:%d" % (agent.address, agent.port)
        text = tail(host, self._settings.operator_credential, snapshot.framework, failure.task)
        return "\n--- the end of its stderr ---\n%s\n---" % text if text else ""

    def _outcome(self, todo: Plan, resumed: bool = False) -> Outcome:
        conditions = list(todo.conditions)
        done = tuple(self._applier.done)
        if resumed and done:
            text = "the run before this one was cut off; this one went on from what it found"
            conditions.append(Condition("Resumed", "True", "RunInterrupted", text, self._clock.now()))
        settled = not todo.mutations and not todo.waiting
        calls = {"mesos": self._masters.calls, "zookeeper": self._records.calls}
        return Outcome(todo, settled, done, tuple(conditions), calls)


def can_move(todo: Plan) -> bool:
    """Is there anything that time alone brings on? Routes come only from the edge, between two calls.

    While the edge is waited for, room may come only of what its routes let go on.
    """
    kinds = {wait.kind for wait in todo.waits} - {"order"}
    return bool(kinds - ({"route", "room"} if "route" in kinds else set()))


def _latest(own: Own, snapshot: Snapshot) -> Own:
    task = snapshot.task(own.task)
    if task is None:
        return own
    return Own(own.task, own.name, own.kind, task.state, task.reason or own.reason, task.message or own.message)
