# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every value that the site keeps secret on its controller."""

from __future__ import annotations

import json


def stored(site) -> dict[str, str]:
    """Path → current value, and ``<path>#previous`` while there is one, of the whole secret store."""
    store = json.loads((site.spec_state_dir / "secrets/store.json").read_text())
    return {path: row["value"] for path, row in store["secrets"].items()}


def everything(site) -> dict[str, str]:
    """The store, and the private keys that are files of the controller."""
    found = stored(site)
    for path in sorted(site.spec_state_dir.rglob("*")):
        if path.is_file() and path.stat().st_size < 20000 and b"PRIVATE KEY-----" in path.read_bytes():
            found["file:%s" % path.relative_to(site.spec_state_dir)] = path.read_text()
    return found
