# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that the certificate plugins share, and the variables that stand in for them."""

from __future__ import annotations

import json
import os
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.connect import asked_by
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.open import open_backend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource

from .store_keys import StoreKeys

STORE_OPTIONS: dict[str, t.Any] = {
    "state_dir": {"type": "path"},
    "backend": {"type": "dict"},
    "password_file": {"type": "path"},
}


@dataclass(frozen=True)
class KeyOpener:
    """Opens the keys of a site's authorities when it is called, and not before: that may need a password.

    ``where`` is what the audit log names as the origin of changes.
    """

    state_dir: str
    settings: Mapping[str, t.Any]
    password: PasswordSource
    now: int
    where: str

    def __call__(self) -> StoreKeys:
        backend = open_backend(self.settings, self.state_dir, self.password)
        return StoreKeys(backend, AuditLog(self.state_dir, self.where), self.now)


def key_opener(action: t.Any, params: Mapping[str, t.Any], variables: Mapping[str, t.Any], now: int) -> KeyOpener:
    """From a task's options, and variables of the site where those are not given."""
    settings = params["backend"] or _variable(action, variables, "nextgen_secrets") or {}
    file = (
        params["password_file"]
        or _variable(action, variables, "nextgen_secrets_password_file")
        or os.environ.get("NEXTGEN_SECRETS_PASSWORD_FILE")
    )
    password = PasswordSource(action._loader, file)  # pylint: disable=protected-access
    where = asked_by(action._task, variables)  # pylint: disable=protected-access
    return KeyOpener(state_dir_of(action, params, variables), settings, password, now, where)


def state_dir_of(action: t.Any, params: Mapping[str, t.Any], variables: Mapping[str, t.Any]) -> str:
    """The site's folder on the controller; NXC-PKI-0019 if nothing says where it is."""
    path = params["state_dir"] or _variable(action, variables, "nextgen_state_dir")
    if not path:
        raise refuse("NXC-PKI-0019")
    return os.path.abspath(os.path.expanduser(path))


def _variable(action: t.Any, variables: Mapping[str, t.Any], name: str) -> t.Any:
    """A variable of the host, templated, as plain data."""
    templar = action._templar  # pylint: disable=protected-access
    return json.loads(json.dumps(templar.template(variables.get(name))))
