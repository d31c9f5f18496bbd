# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give the secret store another password. Documented in ``plugins/modules/secret_rekey.py``."""

from __future__ import annotations

import os
import time
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import moment
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.connect import (
    ARGUMENTS,
    asked_by,
    connect,
    fill,
    plain,
)
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.file import FileBackend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import NEW_VAULT_ID, PasswordSource


class ActionModule(ActionBase):
    """Read everything with the one password, write it with the other."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """As documented in the module."""
        result = super().run(tmp, task_vars)
        _validation, params = self.validate_argument_spec(
            argument_spec={**ARGUMENTS, "new_password_file": {"type": "path"}}
        )
        filled = fill(params, task_vars or {}, self._templar.template)
        try:
            return {**result, **self._rekey(plain(filled), asked_by(self._task, task_vars or {}))}
        except CloudError as error:
            raise AnsibleActionFail(str(error), result=result) from error

    def _rekey(self, params: dict[str, t.Any], where: str) -> dict[str, t.Any]:
        file = params["new_password_file"]
        fresh = PasswordSource(self._loader, file and os.path.expanduser(file), NEW_VAULT_ID)
        fresh.check_typed()
        backend, state_dir = connect(params, self._loader)
        if not isinstance(backend, FileBackend):
            raise refuse("NXC-SECR-0027", reason="the site keeps its secrets in %s" % backend.identity)
        # Also in check mode: whoever has not the present password is told before anything is changed.
        count = len(backend.read(None))
        if not count:
            raise refuse("NXC-SECR-0027", reason="there is nothing in %s" % backend.path)
        if self._task.check_mode:
            return {"changed": True, "secrets": count, "source": ""}
        source = backend.rekey(fresh)
        AuditLog(state_dir, where).record_rekeyed(moment(time.time()))
        return {"changed": True, "secrets": count, "source": source}
