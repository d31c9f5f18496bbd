# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the mutations of a plan. Holds the credentials and no logic: what and when is the plan's."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

from ..._domain.operator.mutation import Mutation
from ..._domain.operator.offers import covers
from ..._domain.operator.outputs import CLOUD, OPERATOR, behalf
from ..._domain.operator.snapshot import Own, Snapshot
from ..zookeeper import Records
from .clock import Clock
from .http import Credential, Masters
from .journal import Journal
from .scheduler import Subscription

_OFFER_PATIENCE = 6.0
_SEEN_PATIENCE = 10.0
_KILL_AGAIN = 15.0


class Applier:
    """One run's hands. ``own``: the tasks it launched, ``done``: what it wrote, in order."""

    def __init__(
        self,
        masters: Masters,
        cloud: Credential,
        operator: Credential,
        records: Records,
        journal: Journal,
        clock: Clock,
    ):
        self._masters = masters
        self._cloud = cloud
        self._operator = operator
        self._credentials = {CLOUD: cloud, OPERATOR: operator}
        self._records = records
        self._journal = journal
        self._clock = clock
        self._info: Mapping[str, Any] = {}
        self._killed: dict[str, float] = {}
        self._places: dict[str, str] = {}
        self.own: dict[str, Own] = {}
        self.done: list[Mutation] = []
        self.subscription: Subscription | None = None
        self.verbs: dict[tuple[str, str], Callable[[Mutation], None]] = {
            ("set", "quota"): self._call,
            ("set", "weight"): self._call,
            ("remove", "quota"): self._call,
            ("teardown", "framework"): self._tear_down,
            ("destroy", "volume"): self._call,
            ("unreserve", "reservation"): self._call,
            ("remove", "records"): lambda dummy: self._records.remove(),
            ("register", "framework"): self._register,
            ("kill", "task"): self._kill,
            ("record", "job"): self._record,
        }

    @property
    def killed(self) -> tuple[str, ...]:
        """Tasks asked to end a moment ago; asked longer ago and still there, they are asked again."""
        now = self._clock.monotonic()
        return tuple(sorted(task for task, at in self._killed.items() if now - at < _KILL_AGAIN))

    def apply(self, ready: Sequence[Mutation], snapshot: Snapshot, fresh: Snapshot, info: Mapping[str, Any]) -> bool:
        """Write ``ready`` in order, launches last and in one go per agent. ``fresh``: read just now.

        False: something is not as the plan thought any more; what is left has to be planned anew.
        """
        self._info = info
        self._places = dict(snapshot.places)
        launches = []
        for mutation in ready:
            if fresh.facts(mutation.reads) != mutation.precondition:
                self._journal.write("stale", self._clock.now(), **_brief(mutation))
                return False
            if mutation.kind in ("service", "job") and mutation.verb in ("launch", "run"):
                launches.append(mutation)
            else:
                self._step(mutation, self.verbs[(mutation.verb, mutation.kind)])
        for agent in sorted({mutation.body["agent"] for mutation in launches}):
            self._launch([mutation for mutation in launches if mutation.body["agent"] == agent])
        if self.subscription:
            self.subscription.enough()
        return True

    def _step(self, mutation: Mutation, write: Callable[[Mutation], None]) -> None:
        self._journal.write("begin", self._clock.now(), **_brief(mutation))
        write(mutation)
        self._finish(mutation)

    def _finish(self, mutation: Mutation) -> None:
        self._journal.write("done", self._clock.now(), **_brief(mutation))
        if mutation.verb != "kill" or mutation.identity not in {each.identity for each in self.done}:
            self.done.append(mutation)

    def _call(self, mutation: Mutation) -> None:
        """As whom is declared. What touches only this cloud is done in its own name: the ACLs guard all the others."""
        self._masters.call(mutation.body, self._credentials[behalf(mutation.verb, mutation.kind)])

    def _tear_down(self, mutation: Mutation) -> None:
        # Whoever is connected as this framework would now only be told that it does not exist.
        self.close()
        self._call(mutation)

    def _register(self, mutation: Mutation) -> None:
        info = mutation.body["framework_info"]
        # Recorded first: if we are cut off now, the next run subscribes with the same id.
        self._records.write_framework(info["id"]["value"])
        self._info = info
        self.scheduler()

    def _kill(self, mutation: Mutation) -> None:
        self.scheduler().call(mutation.body)
        self._killed[mutation.target] = self._clock.monotonic()

    def _record(self, mutation: Mutation) -> None:
        self._records.write_job(mutation.target, mutation.body)
        if self.subscription:
            self.subscription.let_go(mutation.body["task"])

    def connect(self, info: Mapping[str, Any]) -> Subscription:
        """Be connected as ``info``, only to listen."""
        self._info = info
        return self.scheduler()

    def scheduler(self, wanting: bool = False) -> Subscription:
        """The connection, made when it is first needed or was lost."""
        if self.subscription and self.subscription.connected:
            return self.subscription
        self.close()
        self.subscription = Subscription(self._masters, self._cloud, self._clock, self._is_held)
        self.subscription.subscribe(self._info, wanting)
        return self.subscription

    def _launch(self, launches: list[Mutation]) -> None:
        """All launches on one agent in one ACCEPT, or as many of the first as the offers hold."""
        scheduler = self.scheduler(wanting=True)
        if not scheduler.wanting:
            scheduler.want()
        agent = launches[0].body["agent"]
        offers = self._offers(scheduler, agent, _operations(launches))
        while launches and not covers(offers, _operations(launches)):
            launches.pop()
        if not launches or not scheduler.connected:
            return
        self._note_volumes(launches)
        for mutation in launches:
            self._journal.write("begin", self._clock.now(), task=mutation.body["task"], **_brief(mutation))
            body = mutation.body
            self.own[body["task"]] = Own(body["task"], body["name"], body["kind"])
        scheduler.accept(offers, _operations(launches))
        self._until_seen(scheduler, [mutation.body["task"] for mutation in launches])
        for mutation in launches:
            self._finish(mutation)

    def _note_volumes(self, launches: list[Mutation]) -> None:
        """Record where the volumes are going to be, beside those of all launches before."""
        places = dict(self._places)
        for mutation in launches:
            places.update(mutation.body["volumes"])
        if places != self._places:
            self._records.write_volumes(places)
            self._places = places

    def _offers(self, scheduler: Subscription, agent: str, operations: list[Any]) -> list[Mapping[str, Any]]:
        """Offers of ``agent``, waited for until they hold ``operations`` or the patience ends."""
        until = self._clock.monotonic() + _OFFER_PATIENCE
        while True:
            at_hand = [offer for offer in scheduler.offers.values() if offer["agent_id"]["value"] == agent]
            if covers(at_hand, operations) or self._clock.monotonic() > until or not scheduler.connected:
                return at_hand
            if not scheduler.drain(0.3):
                # Half of what is needed, the other half offered to another cloud: both get whole offers again.
                scheduler.give_back()

    def _until_seen(self, scheduler: Subscription, tasks: list[str]) -> None:
        """ACCEPT is answered before it is carried out: go on when the master shows the tasks or refused them."""
        until = self._clock.monotonic() + _SEEN_PATIENCE
        missing = set(tasks)
        while missing and self._clock.monotonic() < until:
            missing -= self.known()
            missing -= set(scheduler.updates)
            if missing and not scheduler.drain(0.2) and not scheduler.connected:
                # Without a connection there is nothing to listen to; only the master can be asked.
                self._clock.sleep(0.2)
        for task in missing:
            own = self.own[task]
            self.own[task] = Own(own.task, own.name, own.kind, "TASK_DROPPED", "", "the master never showed it")

    def known(self) -> set[str]:
        """Ids of all tasks the master shows."""
        answer = self._masters.call({"type": "GET_TASKS"}, self._operator)
        parts = ("pending_tasks", "tasks", "completed_tasks", "unreachable_tasks")
        return {item["task_id"]["value"] for part in parts for item in answer.get(part) or ()}

    def hear(self) -> None:
        """What the updates said about own tasks."""
        updates = self.subscription.updates if self.subscription else {}
        for task, own in list(self.own.items()):
            status = updates.get(task)
            if status:
                state, reason = status["state"], status.get("reason", "")
                self.own[task] = Own(own.task, own.name, own.kind, state, reason, status.get("message", ""))

    def _is_held(self, status: Mapping[str, Any]) -> bool:
        """A finished task may be a job: the master has to remember it until it is recorded."""
        own = self.own.get(status["task_id"]["value"])
        return status["state"] == "TASK_FINISHED" and (own is None or own.kind == "job")

    def all_recorded(self) -> None:
        """Nothing is left to be remembered by the master."""
        if self.subscription and self.subscription.connected:
            self.subscription.let_go_all()

    def close(self) -> None:
        if self.subscription:
            self.subscription.close()


def _operations(launches: Sequence[Mutation]) -> list[dict[str, Any]]:
    """First all volumes, then one LAUNCH with all tasks."""
    every = [operation for mutation in launches for operation in mutation.body["operations"]]
    infos = [info for each in every if each["type"] == "LAUNCH" for info in each["launch"]["task_infos"]]
    made = [each for each in every if each["type"] != "LAUNCH"]
    return made + ([{"type": "LAUNCH", "launch": {"task_infos": infos}}] if infos else [])


def _brief(mutation: Mutation) -> dict[str, Any]:
    return {
        "seq": mutation.seq,
        "verb": mutation.verb,
        "kind": mutation.kind,
        "target": mutation.target,
        "precondition": mutation.precondition,
    }
