# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the plugins around the secret store have in common: options, variables, and the backend they lead to."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Callable

from ansible.utils.display import Display
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Backend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.open import open_backend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource

# Option of an action plugin -> the variable it takes its value from when a task does not give it.
VARIABLES = {
    "state_dir": "nextgen_state_dir",
    "backend": "nextgen_secrets",
    "password_file": "nextgen_secrets_password_file",
}
PASSWORD_FILE = "NEXTGEN_SECRETS_PASSWORD_FILE"
ARGUMENTS: dict[str, dict[str, Any]] = {
    "state_dir": {"type": "path"},
    "backend": {"type": "dict"},
    "password_file": {"type": "path"},
}

_display = Display()


def fill(params: Mapping[str, Any], variables: Mapping[str, Any], template: Callable[[Any], Any]) -> dict[str, Any]:
    """``params`` with ``state_dir``, ``backend`` and ``password_file`` from variables where they are not given."""
    filled = dict(params)
    for option, name in VARIABLES.items():
        if filled.get(option) is None and variables.get(name) is not None:
            filled[option] = template(variables[name])
    return filled


def state_dir_of(params: Mapping[str, Any]) -> str:
    """The site's folder on the controller, of options that are filled in; NXC-SECR-0009 if nothing says where it is."""
    if not params.get("state_dir"):
        raise refuse("NXC-SECR-0009")
    return os.path.abspath(os.path.expanduser(str(params["state_dir"])))


def connect(params: Mapping[str, Any], loader: Any) -> tuple[Backend, str]:
    """(backend, state_dir) of options that are filled in."""
    state_dir = state_dir_of(params)
    password_file = params.get("password_file") or os.environ.get(PASSWORD_FILE)
    password = PasswordSource(loader, str(password_file) if password_file else None)
    settings = plain(params.get("backend") or {})
    return open_backend(settings, state_dir, password, lambda words: _display.vvv("nextgen.cloud: " + words)), state_dir


def asked_by(task: Any, variables: Mapping[str, Any]) -> str:
    """What asks for a change, as the audit log names it: play, task, and where that is written."""
    return "%s / %s (%s)" % (variables.get("ansible_play_name") or "", task.get_name(), task.get_path())


def plain(value: Any) -> Any:
    """Without Ansible's tags and lazy containers: inner code gets str, int, list, dict and nothing else."""
    return json.loads(json.dumps(value))
