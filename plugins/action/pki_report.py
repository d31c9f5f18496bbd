# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on certificates. Documented in ``plugins/modules/pki_report.py``."""

from __future__ import annotations

import json
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.moments import parse_length, parse_moment
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.report import ReportRow, due, table
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.directory import PkiDirectory
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.endpoints import look_at
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.inspection import (
    authority_rows,
    held_by,
    ledger_rows,
    node_rows,
)
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.issuing import moment_of
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.library import check_library
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.connect import fill, state_dir_of

SPEC: dict[str, t.Any] = {
    "state_dir": {"type": "path"},
    "sources": {
        "type": "list",
        "elements": "str",
        "choices": ["authorities", "ledger", "node"],
        "default": ["authorities", "ledger"],
    },
    "endpoints": {"type": "list", "elements": "str", "default": []},
    "rows": {"type": "list", "elements": "dict", "default": []},
    "fail_under": {"type": "str", "default": ""},
    "at": {"type": "str", "default": ""},
}
_SHOWN = 10


class ActionModule(ActionBase):
    """Collect rows, show them, fail if something is due."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Options in, result out."""
        result = super().run(tmp, task_vars)
        _validation, params = self.validate_argument_spec(argument_spec=SPEC)
        params = json.loads(json.dumps(params))
        try:
            check_library()
            report, late = self._run(params, task_vars or {})
        except CloudError as error:
            raise AnsibleActionFail(str(error), result=result) from error
        result = {**result, **report}
        if late is not None:
            result.update(failed=True, msg=str(late))
        return result

    def _run(self, params: dict[str, t.Any], variables: dict[str, t.Any]) -> tuple[dict[str, t.Any], CloudError | None]:
        now = moment_of(params["at"])
        directory = PkiDirectory(state_dir_of(fill(params, variables, self._templar.template)))
        authorities, ledger = directory.authorities(), directory.ledger()
        rows = [_row(one) for one in params["rows"]]
        if "authorities" in params["sources"]:
            rows += authority_rows(authorities)
        if "ledger" in params["sources"]:
            rows += ledger_rows(ledger, now)
        if "node" in params["sources"]:
            host = str(self._task.delegate_to or variables.get("inventory_hostname", "localhost"))
            wanted = held_by(ledger, host)
            looked = self._look([one.as_dict() for one in wanted], now, variables) if wanted else {}
            rows += node_rows(ledger, wanted, looked)
        rows += [look_at(endpoint, authorities.bundle()) for endpoint in params["endpoints"]]
        listed = [row.as_dict(now) for row in rows]
        threshold = parse_length(params["fail_under"]) if params["fail_under"] else 0
        late = due(rows, now, threshold)
        holders = [row.holder for row in late]
        report = {"changed": False, "rows": listed, "phase": authorities.phase, "due": holders}
        report["table"] = table(rows, now).splitlines()
        return report, _refusal(late, params["fail_under"]) if params["fail_under"] and late else None

    def _look(self, pairs: list[dict[str, t.Any]], now: int, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        # Without an issuer it only tells what is there; check mode keeps it from asking for certificates.
        self._task.check_mode, real = True, self._task.check_mode
        try:
            arguments = {"step": "look", "pairs": pairs, "now": now}
            done = self._execute_module("nextgen.cloud.pki_pairs", module_args=arguments, task_vars=variables)
        finally:
            self._task.check_mode = real
        if "pairs" not in done:
            raise AnsibleActionFail(str(done.get("msg")), result=done)
        return done["pairs"]


def _row(values: dict[str, t.Any]) -> ReportRow:
    """A row of another host's report."""
    end = parse_moment(values["not_after"]) if values["not_after"] else 0
    names = ("source", "holder", "authority", "serial", "state", "problem")
    return ReportRow(names=tuple(values["names"]), not_after=end, **{name: values[name] for name in names})


def _refusal(late: list[ReportRow], threshold: str) -> CloudError:
    shown = ", ".join(row.holder for row in late[:_SHOWN]) + (" ..." if len(late) > _SHOWN else "")
    return refuse("NXC-PKI-0016", count=len(late), threshold=threshold, holders=shown)
