# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A writer of a file store as a process: ``file_store_writer.py <state folder> <state> <path>...``, a call for each.

Paths joined by commas go into one call. Prints what was created, a path in a line. With the state ``rekeyed`` each
call gives the store another generated password.
"""

from __future__ import annotations

import os
import sys
import time

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.declaration import parse_declarations
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import moment
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.file import FileBackend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.keeper import Wish, keep
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource


def main(folder: str, state: str, *batches: str) -> None:
    """Carry out the calls."""
    backend = FileBackend(os.path.join(folder, "secrets", "store.json"), PasswordSource())
    log = AuditLog(folder, "writer")
    for batch in batches:
        if state == "rekeyed":
            backend.rekey(PasswordSource())
            continue
        declared = parse_declarations({"path": path} for path in batch.split(","))
        wish = Wish(state, tuple(declared), force=True, grace=60)
        changes, _seen = keep(backend, log, wish, moment(time.time()), check=False)
        print("\n".join(change.path for change in changes if "created" in change.verbs), flush=True)


main(*sys.argv[1:])
