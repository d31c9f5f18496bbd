# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take over secrets that another tool keeps. Documented in ``plugins/modules/secret_import.py``."""

from __future__ import annotations

import time
import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets import importing, kolla
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry, Version
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.keeping import Change, lines
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import moment
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_source import KINDS, read_source
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import generate
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.connect import (
    ARGUMENTS,
    connect,
    fill,
    plain,
)
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.keeper import carry_out, digests

SPEC: dict[str, t.Any] = {
    **ARGUMENTS,
    "source": {
        "type": "dict",
        "required": True,
        "options": {
            "kind": {"type": "str", "choices": list(KINDS), "required": True},
            "path": {"type": "path", "required": True},
        },
    },
    "mapping": {"type": "dict", "default": {}},
    "cloud": {"type": "str"},
    "unmapped": {"type": "str", "choices": ["list", "refuse", "skip"], "default": "refuse"},
    "unfit": {"type": "str", "choices": ["fit", "refuse", "skip"], "default": "refuse"},
    "existing": {"type": "str", "choices": ["keep", "refuse", "replace"], "default": "keep"},
}


class ActionModule(ActionBase):
    """Read the source, decide on every name, write all or nothing unless it is a check."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Options in, result out."""
        result = super().run(tmp, task_vars)
        _validation, params = self.validate_argument_spec(argument_spec=SPEC)
        filled = fill(params, task_vars or {}, self._templar.template)
        try:
            return {**result, **self._apply(plain(filled))}
        except CloudError as error:
            problems = [problem.as_dict() for problem in error.problems]
            raise AnsibleActionFail(str(error), result={**result, "problems": problems}) from error

    def _apply(self, params: dict[str, t.Any]) -> dict[str, t.Any]:
        now = moment(time.time())
        # Names of a built-in table give way to the mapping of the task.
        known = kolla.targets(params["cloud"]) if params["source"]["kind"] == "kolla" and params["cloud"] else {}
        targets = {**known, **importing.parse_mapping(params["mapping"])}
        values = read_source(params["source"]["kind"], params["source"]["path"], self._loader)
        policy = importing.Policy(params["unmapped"], params["unfit"], params["existing"])
        rows: list[importing.Row] = []

        def decide(stored: Mapping[str, Entry]) -> list[Change]:
            rows[:] = importing.decide(values, targets, stored, policy)
            return importing.changes(rows, stored, lambda kind, value: _version(kind, value, now))

        backend, state_dir = connect(params, self._loader)
        log = AuditLog(state_dir, "%s (%s)" % (self._task.get_name(), self._task.get_path()))
        paths = sorted({target.path for target in targets.values()})
        changes, _seen = carry_out(backend, log, decide, paths, now, check=bool(self._task.check_mode))
        return {
            "changed": bool(changes),
            "secrets": [row.as_dict() for row in rows],
            "counts": importing.summary(rows),
            "warnings": _warnings(rows) if params["unmapped"] == "list" else [],
            "diff": _difference(backend.identity, changes),
        }


def _version(kind: str, value: str, now: str) -> Version:
    """As ``generate.imported``; a key that the package cryptography does not take is a ValueError without its text."""
    try:
        return generate.imported(kind, value, now)
    except (TypeError, ValueError):
        pass
    raise ValueError(kind)


def _warnings(rows: list[importing.Row]) -> list[str]:
    names = [row.name for row in rows if row.action == importing.SKIP and not row.path]
    return ["No path is mapped to: %s" % ", ".join(names)] if names else []


def _difference(identity: str, changes: list[Change]) -> dict[str, str]:
    """Digests in place of values."""
    digest = digests() if changes else str
    return {
        "before_header": identity,
        "after_header": identity,
        "before": lines({one.path: one.before for one in changes if one.before}, digest),
        "after": lines({one.path: one.after for one in changes if one.after}, digest),
    }
