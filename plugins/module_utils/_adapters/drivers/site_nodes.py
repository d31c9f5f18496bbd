# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nodes of a site, as one deed: observe, plan, do, and make the way in.

Local files come first and every step can be repeated, so after a kill anywhere the
next run goes on from what it finds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

from ..._domain.nodes.known_hosts import render_known_hosts
from ..._domain.nodes.model import CREATE, DESTROY, KEEP, NODE, READY, REPAIR, Action, Mark, Thing
from ..._domain.nodes.plan import Plan, adopted_mark, plan_absent, plan_present
from ..state_dir import StateDir
from .base import Driver

AUTHORIZE = "authorize"
UPDATE = "update"
KEY = "key"
KNOWN_HOSTS = "known_hosts"


@dataclass
class Outcome:
    """What was done (or would be), in order; and the nodes as they are then."""

    actions: list[Action] = field(default_factory=list)
    surplus: tuple[str, ...] = ()
    before: dict[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> list[Action]:
        """The actions that change something."""
        return [action for action in self.actions if action.verb != KEEP]


class SiteNodes:
    """``check`` only looks: it reaches what is there and says what it would do."""

    def __init__(self, site: Mapping[str, Any], driver: Driver, state: StateDir, *, check: bool):
        self._site = site
        self._driver = driver
        self._state = state
        self._check = check

    def present(self, *, prune: bool, adopt: bool) -> Outcome:
        """All nodes exist, run and can be entered."""
        outcome = Outcome()
        things = self._observe(outcome, adopt)
        plan = plan_present(self._driver.items(), things, self._driver.mark, prune=prune)
        outcome.surplus = plan.surplus
        if not self._check:
            if any(action.kind == NODE and action.verb in (CREATE, REPAIR) for action in plan.actions):
                self._driver.prepare()
            self._state.keep_mark(self._driver.mark)
        self._do(plan, outcome)
        if self._driver.manages_access:
            self._enter(things, outcome)
        return outcome

    def absent(self, *, adopt: bool) -> Outcome:
        """Nothing that carries the site's mark is left."""
        outcome = Outcome()
        things = self._observe(outcome, adopt)
        self._do(plan_absent(things, self._driver.mark), outcome)
        if self._driver.manages_access and self._state.known_hosts() is not None:
            outcome.actions.append(Action(DESTROY, KNOWN_HOSTS, self._state.known_hosts_path, "", "names nodes"))
            if not self._check:
                self._state.forget_known_hosts()
        return outcome

    def _observe(self, outcome: Outcome, adopt: bool) -> tuple[Thing, ...]:
        things = tuple(self._driver.observe())
        if adopt:
            self._driver.mark = adopted_mark(things, self._driver.mark)
        outcome.before = {"%s %s" % (thing.kind, thing.name): thing.state for thing in things if self._own(thing)}
        if self._state.known_hosts() is not None:
            outcome.before["%s %s" % (KNOWN_HOSTS, self._state.known_hosts_path)] = READY
        return things

    def _own(self, thing: Thing) -> bool:
        mark: Mark = self._driver.mark
        return thing.mark == mark

    def _do(self, plan: Plan, outcome: Outcome) -> None:
        for action in plan.actions:
            if action.verb != KEEP and not self._check:
                getattr(self._driver, action.verb)(action)
            outcome.actions.append(action)

    def _enter(self, things: tuple[Thing, ...], outcome: Outcome) -> None:
        """The site's key opens every node, and known_hosts has the keys of exactly these nodes."""
        public_key, made = self._state.key(write=not self._check)
        if made:
            outcome.actions.append(Action(CREATE, KEY, self._state.key_path, "", "is missing"))
        up = {thing.node for thing in things if thing.kind == NODE and thing.state == READY and self._own(thing)}
        host_keys: dict[str, tuple[str, ...]] = {}
        for item in self._driver.items():
            if item.kind != NODE or (self._check and item.node not in up):
                continue
            access = self._driver.reach(item.node, public_key)
            host_keys[self._site["nodes"][item.node]["address"]] = access.host_keys
            if not access.authorized:
                outcome.actions.append(Action(AUTHORIZE, NODE, item.name, item.node, "does not know the site's key"))
                if not self._check:
                    self._driver.authorize(item.node, public_key)
        self._trust(render_known_hosts(host_keys), outcome, complete=len(host_keys) == len(self._site["nodes"]))

    def _trust(self, text: str, outcome: Outcome, *, complete: bool) -> None:
        """Without all nodes (in check mode some are still to come) the file would change in any case."""
        if complete and self._state.known_hosts() == text:
            return
        reason = "differs from the host keys of the nodes"
        outcome.actions.append(Action(UPDATE, KNOWN_HOSTS, self._state.known_hosts_path, "", reason))
        if not self._check:
            self._state.write_known_hosts(text)
