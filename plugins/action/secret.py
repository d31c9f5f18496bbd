# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declare secrets, generate the missing ones, rotate them. Documented in ``plugins/modules/secret.py``."""

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.declaration import (
    parse_declarations,
    parse_path,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.keeping import Change, lines
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.kinds import KINDS, SORTS
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import moment, parse_span
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.connect import (
    ARGUMENTS,
    asked_by,
    connect,
    fill,
    plain,
)
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.file import FileBackend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.keeper import Wish, digests, keep

SECRET = {
    "path": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": sorted(KINDS), "default": "password"},
    "length": {"type": "int"},
    "policy": {"type": "dict", "options": {sort: {"type": "int"} for sort in SORTS}},
    "staged": {"type": "bool", "default": False},
    "owner": {"type": "str"},
    "consumers": {"type": "list", "elements": "str"},
}


class ActionModule(ActionBase):
    """Options in, use case, result out; the work is done in the process of Ansible."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """As documented in the module."""
        result = super().run(tmp, task_vars)
        _validation, params = self.validate_argument_spec(
            argument_spec={
                **ARGUMENTS,
                "secrets": {"type": "list", "elements": "dict", "default": [], "options": SECRET},
                "under": {"type": "list", "elements": "str", "default": []},
                "state": {"type": "str", "choices": ["absent", "present", "rotated"], "default": "present"},
                "grace": {"type": "str", "default": "7d"},
                "force": {"type": "bool", "default": False},
            }
        )
        filled = fill(params, task_vars or {}, self._templar.template)
        try:
            return {**result, **self._apply(plain(filled), asked_by(self._task, task_vars or {}))}
        except CloudError as error:
            problems = [problem.as_dict() for problem in error.problems]
            raise AnsibleActionFail(str(error), result={**result, "problems": problems}) from error

    def _apply(self, params: dict[str, t.Any], where: str) -> dict[str, t.Any]:
        check = bool(self._task.check_mode)
        wish, now = parse_wish(params), moment(time.time())
        backend, state_dir = connect(params, self._loader)
        loose = backend.lax() if isinstance(backend, FileBackend) else []
        changes, seen = keep(backend, AuditLog(state_dir, where), wish, now, check=check)
        if loose and not check and isinstance(backend, FileBackend):
            backend.tighten()
        entries = {path: stored.entry for path, stored in seen.items()}
        entries.update((change.path, change.after) for change in changes if change.after)
        return {
            "changed": bool(changes or loose),
            **{verb: [one.path for one in changes if verb in one.verbs] for verb in ("created", "rotated", "retired")},
            "removed": [one.path for one in changes if "removed" in one.verbs],
            "revisions": {
                one.path: entries[one.path].revision(now)
                for one in wish.declared
                if wish.state != "absent" and one.path in entries
            },
            "diff": difference(backend.identity, changes, loose),
        }


def parse_wish(params: dict[str, t.Any]) -> Wish:
    """Options as a wish; all that is wrong with them is a ``CloudError``."""
    if params["under"] and params["state"] == "present":
        raise refuse("NXC-SECR-0026", reason="The option under was given with state: present.")
    for row in params["secrets"]:
        row["policy"] = {sort: count for sort, count in (row["policy"] or {}).items() if count is not None}
    return Wish(
        params["state"],
        tuple(parse_declarations(params["secrets"])),
        tuple(parse_path(folder) for folder in params["under"]),
        parse_span(params["grace"]),
        params["force"],
    )


def difference(identity: str, changes: list[Change], loose: list[str]) -> dict[str, str]:
    """Diff of the touched entries with digests for values, and what is open to others."""
    digest = digests() if changes else str
    before = {one.path: one.before for one in changes if one.before}
    after = {one.path: one.after for one in changes if one.after}
    open_paths = "".join("%s is open to other users\n" % path for path in loose)
    return {
        "before_header": identity,
        "after_header": identity,
        "before": lines(before, digest) + open_paths,
        "after": lines(after, digest),
    }
