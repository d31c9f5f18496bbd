# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of a node, signed on the controller. Documented in ``plugins/modules/pki_certificates.py``."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.moments import DAY, iso
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.specification import (
    Specification,
    parse_specifications,
)
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.brought import Brought, read_brought
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.inspection import left_in
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.issuing import Asked, Issuer, moment_of
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.options import key_opener
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.connect import ARGUMENTS

ROW = {
    "name": {"type": "str", "required": True},
    "directory": {"type": "path", "required": True},
    "dns": {"type": "list", "elements": "str", "default": []},
    "ip": {"type": "list", "elements": "str", "default": []},
    "usages": {"type": "list", "elements": "str", "choices": ["client", "server"], "default": ["server"]},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "str", "default": "0600"},
    "days": {"type": "int", "default": 397},
    "renew": {"type": "str", "default": "66%"},
    "key_type": {"type": "str", "choices": ["ec_p256", "ec_p384", "rsa_3072"], "default": "ec_p256"},
    "certificate": {"type": "path"},
    "key": {"type": "path"},
}
SPEC: dict[str, t.Any] = {
    **ARGUMENTS,
    "authority": {"type": "str", "default": "site"},
    "certificates": {"type": "list", "elements": "dict", "default": [], "options": ROW},
    "trust": {"type": "list", "elements": "path", "default": []},
    "exclusive": {"type": "path", "default": ""},
    "state": {"type": "str", "choices": ["absent", "present", "revoked"], "default": "present"},
    "crl_days": {"type": "int", "default": 30},
    "at": {"type": "str", "default": ""},
}


class NodeFailed(Exception):
    """The module on the node failed; its result says why."""

    def __init__(self, result: dict[str, t.Any]):
        super().__init__(result.get("msg"))
        self.result = result


class ActionModule(ActionBase):
    """One call to look, signing here, one call to install, and only if there is something to install."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Options in, result out."""
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        # Without Ansible's tags, which make the copies that the validation makes of hundreds of rows slow.
        self._task.args = json.loads(json.dumps(self._task.args, default=str))
        _validation, params = self.validate_argument_spec(argument_spec=SPEC)
        try:
            return {**result, **self._run(params, variables)}
        except NodeFailed as failure:
            return {**result, **failure.result}
        except CloudError as error:
            problems = [problem.as_dict() for problem in error.problems]
            raise AnsibleActionFail(str(error), result={**result, "problems": problems}) from error

    def _run(self, params: dict[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        host = str(self._task.delegate_to or variables.get("inventory_hostname", "localhost"))
        now = moment_of(params["at"])
        opener = key_opener(self, params, variables, now)
        issuer = Issuer(opener.state_dir, params["authority"], opener, now)
        wanted = parse_specifications(host, params["certificates"])
        if params["state"] == "revoked":
            return self._revoke(params, wanted, issuer)
        if params["state"] == "absent":
            return self._remove(wanted, issuer, variables, now)
        brought = read_brought(wanted, params["certificates"], now)
        wanted = [replace(one, serial=brought[one.name].serial) if one.name in brought else one for one in wanted]
        if not self._task.check_mode and any(not one.serial for one in wanted):
            issuer.require()
        issuer.check(wanted)
        work = Keeping(wanted, brought, issuer, host, now)
        kept = self._keep(work, params["trust"], variables)
        return self._leave_only(work, params["exclusive"], kept, variables)

    def _leave_only(
        self, work: Keeping, folder: str, kept: dict[str, t.Any], variables: dict[str, t.Any]
    ) -> dict[str, t.Any]:
        """``kept``, and without the other pairs that the node has in the folder."""
        names = {one.holder for one in work.wanted}
        others = left_in(work.issuer.ledger, work.host, folder, names)
        if not others:
            return kept
        removed = self._remove(others, work.issuer, variables, work.now)
        diff = {**kept["diff"], "before": kept["diff"]["before"] + removed["diff"]["before"]}
        return {**kept, "changed": kept["changed"] or removed["changed"], "diff": diff}

    def _keep(self, work: Keeping, trust: list[str], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        common = {"bundle": work.issuer.bundle(), "trust": trust, "now": work.now}
        looked = self._call(
            {
                **common,
                "step": "look",
                "pairs": [one.as_dict() for one in work.wanted],
                "issuer": work.issuer.certificate(),
                "revoked": sorted(work.issuer.ledger.revoked_serials()),
            },
            variables,
        )
        pairs = looked["pairs"]
        due = [one for one in work.wanted if pairs[one.name]["reason"] or not pairs[one.name]["kept"]]
        changed = bool(due or looked["trust"])
        seen = {one.holder: pairs[one.name]["facts"]["serial"] for one in work.wanted if pairs[one.name]["facts"]}
        if not self._task.check_mode:
            # Before anything is signed: what is there decides which of the ledger's records are in use.
            work.issuer.note(seen, [])
            if changed:
                seen.update(self._install(work, due, pairs, common, variables))
            places = ["%s:%s" % (work.host, path) for path in trust] + [one.holder + "/ca.pem" for one in work.wanted]
            work.issuer.note(seen, places)
        ends = {one.name: work.end(one, pairs[one.name], {} if self._task.check_mode else seen) for one in work.wanted}
        return {
            "changed": changed,
            "certificates": work.results(pairs, due, seen, ends),
            "diff": work.diff(pairs, due, looked["trust"], ends),
        }

    def _install(
        self,
        work: Keeping,
        due: list[Specification],
        pairs: dict[str, t.Any],
        common: dict[str, t.Any],
        variables: dict[str, t.Any],
    ) -> dict[str, str]:
        """Sign what was asked for and put it in place; serial by holder."""
        asked = [Asked(one, pairs[one.name]["reason"], pairs[one.name]["request"]) for one in due]
        asked = [one for one in asked if one.request]
        chains = work.issuer.sign(asked) if asked else {}
        chains.update({name: one.chain for name, one in work.brought.items() if pairs[name]["reason"]})
        rows = [{**one.as_dict(), "certificate": chains.get(one.name, "")} for one in due]
        keys = {one.name: work.brought[one.name].key for one in due if one.name in work.brought}
        placed = {"step": "install", "pairs": rows, "keys": keys, "chain": work.issuer.chain()}
        self._call({**common, **placed}, variables)
        signed = work.issuer.newest([one.wanted.holder for one in asked])
        signed.update({one.holder: one.serial for one in due if one.serial})
        return signed

    def _revoke(self, params: dict[str, t.Any], wanted: list[Specification], issuer: Issuer) -> dict[str, t.Any]:
        doomed = issuer.revoke([one.holder for one in wanted], params["crl_days"], self._task.check_mode)
        lines = "".join("%s: serial %s\n" % (one.holder, one.serial) for one in doomed)
        diff = {"before_header": "valid", "after_header": "revoked", "before": "", "after": lines}
        return {"changed": bool(doomed), "revoked": [one.serial for one in doomed], "diff": diff}

    def _remove(
        self, wanted: list[Specification], issuer: Issuer, variables: dict[str, t.Any], now: int
    ) -> dict[str, t.Any]:
        rows = [one.as_dict() for one in wanted]
        removed = self._call({"step": "remove", "pairs": rows, "now": now}, variables)
        if not self._task.check_mode:
            issuer.forget([one.holder for one in wanted])
        lines = "".join("%s\n" % name for name in sorted(removed["pairs"]))
        diff = {"before_header": "pairs", "after_header": "pairs", "before": lines, "after": ""}
        return {"changed": removed["changed"], "certificates": {}, "diff": diff}

    def _call(self, arguments: dict[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        """One call of the module on the node."""
        done = self._execute_module(
            module_name="nextgen.cloud.pki_pairs", module_args=arguments, task_vars=variables, wrap_async=False
        )
        if done.get("failed") or "pairs" not in done:
            raise NodeFailed({**done, "failed": True})
        return done


class Keeping:
    """What one call is about, and how it is told."""

    def __init__(self, wanted: list[Specification], brought: dict[str, Brought], issuer: Issuer, host: str, now: int):
        self.wanted = wanted
        self.brought = brought
        self.issuer = issuer
        self.host = host
        self.now = now

    def end(self, one: Specification, pair: dict[str, t.Any], signed: dict[str, str]) -> int:
        """When the certificate that is there after this call ends."""
        if one.name in self.brought:
            return self.brought[one.name].not_after
        if not pair["reason"]:
            return pair["facts"]["not_after"]
        record = self.issuer.ledger.records.get(signed.get(one.holder, ""))
        return record.not_after if record else self.now + one.days * DAY

    def results(
        self, pairs: dict[str, t.Any], due: list[Specification], seen: dict[str, str], ends: dict[str, int]
    ) -> dict[str, dict[str, t.Any]]:
        """By name: reason, changed, not_after, serial, epoch."""
        changed = {one.name for one in due}
        epochs = self.issuer.ledger.epochs()
        return {
            one.name: {
                "reason": pairs[one.name]["reason"],
                "changed": one.name in changed,
                "not_after": iso(ends[one.name]),
                "serial": seen.get(one.holder, ""),
                "epoch": epochs.get(one.holder, 1),
            }
            for one in self.wanted
        }

    def diff(
        self, pairs: dict[str, t.Any], due: list[Specification], trust: list[str], ends: dict[str, int]
    ) -> dict[str, str]:
        """Names, dates and reasons; no keys."""
        before, after = [], []
        for one in due:
            facts, why = pairs[one.name]["facts"], pairs[one.name]["reason"] or "trust bundle or modes"
            if facts:
                names = " ".join([*facts["dns"], *facts["ip"]])
                before.append("%s: %s until %s" % (one.path, names, iso(facts["not_after"])[:10]))
            names = " ".join([*one.dns, *one.ip])
            after.append("%s: %s until %s (%s)" % (one.path, names, iso(ends[one.name])[:10], why))
        after += ["%s: trust bundle" % path for path in trust]
        return {
            "before_header": "certificates on %s" % self.host,
            "after_header": "certificates on %s" % self.host,
            "before": "".join(line + "\n" for line in before),
            "after": "".join(line + "\n" for line in after),
        }
