# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the settings of a site to the backend that holds its secrets."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Backend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.file import FileBackend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.remembered import Remembered

# Imported when they are asked: some bring libraries that take a second to load, in every worker of Ansible.
SERVERS = {"barbican": "BarbicanBackend", "etcd": "EtcdBackend", "kv2": "Kv2Backend"}


def open_backend(
    settings: Mapping[str, Any],
    state_dir: str,
    password: PasswordSource,
    tell: Callable[[str], None] = lambda words: None,
) -> Backend:
    """The backend that ``settings`` ({backend: file, …}) name; nothing is read or connected yet.

    ``tell`` gets words for ``-vvv``: what was derived, logged in or read from afar.
    """
    name = settings.get("backend") or "file"
    if name == "file":
        return FileBackend(os.path.join(state_dir, "secrets", "store.json"), password, tell)
    if name in SERVERS:
        complete = _complete(settings, name)
        return Remembered(complete, lambda: _server(name, complete))
    raise refuse("NXC-SECR-0015", backend=name, backends=", ".join(("file", *sorted(SERVERS))))


def _server(name: str, settings: Mapping[str, Any]) -> Backend:
    module = importlib.import_module("%s.%s" % (__package__, name))
    return getattr(module, SERVERS[name])(settings)


def _complete(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Settings as the site inventory gives them; those that were written by hand may lack something."""
    # Not for every lookup in a file store: Ansible compiles what it imports in every process anew.
    from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.schema_secrets import AUTH_NEEDED, NEEDED

    filled = {"mount": "secret", **settings}
    missing = [key for key in (*NEEDED[name], "prefix") if key not in filled]
    if name == "kv2" and not missing:
        login = filled["auth"] = {"mount": "approle", **filled["auth"]}
        needed = AUTH_NEEDED.get(login.get("method") or "", ("method",))
        missing = ["auth.%s" % key for key in needed if key not in login]
    if missing:
        raise refuse("NXC-SECR-0051", backend=name, keys=", ".join(missing))
    return filled
