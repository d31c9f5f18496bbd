# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The authorities of a site. Documented in ``plugins/modules/pki_authority.py``."""

from __future__ import annotations

import contextlib
import copy
import json
import typing as t
from dataclasses import replace

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.authorities import (
    Authority,
    check_name,
    parse_authorities,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.trust import STEPS
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.authority import Keeper, Wish, digest
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.brought import read_text
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.directory import PkiDirectory
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.issuing import moment_of
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.keys import Rehearsal
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.library import check_library
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.options import key_opener
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.connect import ARGUMENTS

ROW = {
    "name": {"type": "str", "required": True},
    "dns": {"type": "list", "elements": "str", "default": []},
    "ip": {"type": "list", "elements": "str", "default": []},
    "certificate": {"type": "path"},
    "key": {"type": "path"},
}
SPEC: dict[str, t.Any] = {
    **ARGUMENTS,
    "site": {"type": "str", "default": "site"},
    "domain": {"type": "str", "default": ""},
    "clouds": {"type": "list", "elements": "str", "default": []},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "authorities": {"type": "list", "elements": "dict", "default": [], "options": ROW},
    "root": {
        "type": "dict",
        "options": {"certificate": {"type": "path", "required": True}, "key": {"type": "path"}},
    },
    "trust": {"type": "str", "choices": list(STEPS)},
    "force": {"type": "str", "default": ""},
    "forget_hosts": {"type": "list", "elements": "str", "default": []},
    "root_days": {"type": "int", "default": 3650},
    "days": {"type": "int", "default": 1825},
    "crl_days": {"type": "int", "default": 30},
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
    "at": {"type": "str", "default": ""},
}


class ActionModule(ActionBase):
    """Decide and sign on a copy; save what differs, unless it is a check."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Options in, result out."""
        result = super().run(tmp, task_vars)
        _validation, params = self.validate_argument_spec(argument_spec=SPEC)
        params = json.loads(json.dumps(params))
        try:
            check_library()
            return {**result, **self._run(params, task_vars or {})}
        except CloudError as error:
            problems = [problem.as_dict() for problem in error.problems]
            raise AnsibleActionFail(str(error), result={**result, "problems": problems}) from error

    def _run(self, params: dict[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        now = moment_of(params["at"])
        opener = key_opener(self, params, variables, now)
        directory = PkiDirectory(opener.state_dir)
        check = self._task.check_mode
        wish = _wish(params) if params["state"] == "present" else None
        with contextlib.nullcontext() if check else directory.locked():
            authorities, ledger = directory.authorities(), directory.ledger()
            before = copy.deepcopy((authorities.as_dict(), ledger.as_dict()))
            keys = Rehearsal(opener()) if check else opener()
            keeper = Keeper(authorities, ledger, keys, now)
            if wish is not None:
                keeper.keep(wish)
            else:
                keeper.drop(_names(params), params["crl_days"])
            outdated = directory.outdated(authorities)
            changed = before[0] != authorities.as_dict() or bool(outdated)
            if not check:
                if before[1] != ledger.as_dict():
                    directory.save_ledger(ledger)
                if changed:
                    directory.save_authorities(authorities)
        notes = keeper.outcome.notes or ["%s written" % name for name in outdated]
        return {
            "changed": changed,
            "authorities": keeper.outcome.reasons,
            "phase": authorities.phase,
            "bundle": "%s/ca.pem" % directory.path,
            "revision": digest(authorities.bundle()),
            "unconverged": _unconverged(keeper),
            "diff": {
                "before_header": directory.path,
                "after_header": directory.path,
                "before": "",
                "after": "".join(note + "\n" for note in notes) if changed else "",
            },
        }


def _unconverged(keeper: Keeper) -> list[str]:
    """Who would hold back the next step of a roll-over."""
    following = {"introduce": "reissue", "reissue": "retire"}
    phase = keeper.authorities.phase
    return keeper.unconverged(following[phase]) if phase in following else []


def _names(params: dict[str, t.Any]) -> list[str]:
    """Authorities that have to go."""
    named = [check_name(row["name"]) for row in params["authorities"]]
    return named + [check_name("clouds/%s" % cloud) for cloud in params["clouds"]]


def _wish(params: dict[str, t.Any]) -> Wish:
    """Options as inner code wants them, with the files that were brought read."""
    root = params["root"] or {}
    certificate, key = (read_text("The root", root[name]) if root.get(name) else "" for name in ("certificate", "key"))
    rows = parse_authorities(params["authorities"], params["domain"], params["clouds"], params["addresses"])
    return Wish(
        site=params["site"],
        authorities=[_read(one) for one in rows],
        trust=params["trust"] or "",
        force=params["force"],
        root_certificate=certificate,
        root_key=key,
        root_days=params["root_days"],
        days=params["days"],
        crl_days=params["crl_days"],
        forget_hosts=tuple(params["forget_hosts"]),
    )


def _read(one: Authority) -> Authority:
    if not one.certificate:
        return one
    what = "The authority '%s'" % one.name
    return replace(one, certificate=read_text(what, one.certificate), key=read_text(what, one.key))
