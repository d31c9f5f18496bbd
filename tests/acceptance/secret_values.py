# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every value that the site keeps secret on its controller."""

from __future__ import annotations

import json
import time
from functools import lru_cache

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.open import open_backend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource


class Hidden(str):
    """Text that stays out of tracebacks: pytest shows the arguments of functions as their repr."""

    def __repr__(self) -> str:
        return "<hidden>"


@lru_cache(maxsize=1)
def _read(settings: str, state_dir: str, _changed: int) -> dict[str, Entry]:
    """Opening the store takes a while, by design; so it is done again only when it has changed."""
    found = open_backend(json.loads(settings), state_dir, PasswordSource()).read(None)
    return {path: one.entry for path, one in found.items()}


def _entries(site) -> dict[str, Entry]:
    store = site.spec_state_dir / "secrets" / "store.json"
    changed = store.stat().st_mtime_ns if store.exists() else time.monotonic_ns()
    return _read(json.dumps(site.spec["secrets"]), site.spec["state_dir"], changed)


def entry_of(site, path: str) -> Entry:
    """One entry of the secret store, with all its versions."""
    return _entries(site)[path]


def stored(site) -> dict[str, str]:
    """Path → current value; ``<path>#previous`` and ``#staged`` → former and next one; of the whole secret store."""
    found = {}
    for path, entry in _entries(site).items():
        versions = {"": entry.current, "#previous": entry.previous, "#staged": entry.staged}
        found.update({path + mark: Hidden(version.value) for mark, version in versions.items() if version is not None})
    return found


def everything(site) -> dict[str, str]:
    """The store, and the private keys that are files of the controller."""
    found = stored(site)
    for path in sorted(site.spec_state_dir.rglob("*")):
        if path.is_file() and path.stat().st_size < 20000 and b"PRIVATE KEY-----" in path.read_bytes():
            found["file:%s" % path.relative_to(site.spec_state_dir)] = Hidden(path.read_text())
    return found
