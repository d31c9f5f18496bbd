# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make ``ansible_collections.nextgen.cloud`` importable from any checkout path.

A symlink tree under ``.cache/collections`` stands in for an installed collection;
under ansible-test the runner brings its own loader, so nothing is done there.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TREE = ROOT / ".cache" / "collections"


def pytest_configure(config):
    if "ansible_pytest_collections" in os.environ.get("PYTEST_PLUGINS", ""):
        return
    link = TREE / "ansible_collections" / "nextgen" / "cloud"
    if not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(ROOT, target_is_directory=True)
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(TREE)
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader([str(TREE)])
