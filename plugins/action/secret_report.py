# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on secrets. Documented in ``plugins/modules/secret_report.py``."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.audit import broken_line
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import moment, parse_span
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.report import (
    FINDINGS,
    Known,
    Limits,
    counts,
    report,
    table,
    versions,
)
from ansible_collections.nextgen.cloud.plugins.plugin_utils.report_file import keep_report
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.connect import (
    ARGUMENTS,
    connect,
    fill,
    plain,
)

SPEC: dict[str, t.Any] = {
    **ARGUMENTS,
    "wanted": {"type": "list", "elements": "str"},
    "max_age": {"type": "str", "default": "0"},
    "fail_on": {"type": "list", "elements": "str", "choices": list(FINDINGS), "default": []},
    "report_file": {"type": "path"},
}


class ActionModule(ActionBase):
    """Read everything, tell what there is without values, fail on what shall be failed on."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Options in, result out."""
        result = super().run(tmp, task_vars)
        _validation, params = self.validate_argument_spec(argument_spec=SPEC)
        filled = fill(params, task_vars or {}, self._templar.template)
        try:
            return {**result, **self._report(plain(filled))}
        except CloudError as error:
            raise AnsibleActionFail(str(error), result=result) from error

    def _report(self, params: dict[str, t.Any]) -> dict[str, t.Any]:
        backend, state_dir = connect(params, self._loader)
        entries = {path: stored.entry for path, stored in backend.read(None).items()}
        log = _lines(AuditLog(state_dir).path)
        broken = broken_line(log)
        # The key is thrown away: the digests are for comparing here and nowhere else.
        key = os.urandom(32)
        values = {path: entry.current.value.encode("utf-8") for path, entry in entries.items()}
        digests = {path: hmac.new(key, value, hashlib.sha256).hexdigest() for path, value in values.items()}
        known = Known(digests, *versions(log), params["wanted"])
        rows = report(entries, known, moment(time.time()), Limits(max_age=parse_span(params["max_age"])))
        found = counts(rows, broken)
        told = {
            "rows": [row.as_dict() for row in rows],
            "counts": found,
            "audit": {"intact": not broken, "broken_line": broken, "lines": len(log)},
        }
        result = {**told, "table": table(rows, broken, len(log)).splitlines(), "changed": False}
        if params["report_file"]:
            text = json.dumps(told, indent=2, sort_keys=True) + "\n"
            result["changed"] = keep_report(params["report_file"], text, write=not self._task.check_mode)
        failing = ["%d %s" % (found[name], name) for name in FINDINGS if name in params["fail_on"] and found[name]]
        if failing:
            result.update(failed=True, msg=str(refuse("NXC-SECR-0087", findings=", ".join(failing))))
        return result


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().splitlines()
    except FileNotFoundError:
        return []
