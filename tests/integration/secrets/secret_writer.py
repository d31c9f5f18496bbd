# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A writer among others: ``secret_writer.py PLACE NAME ROUNDS``. In every round it adds an entry of its own and one
to the number of the common entry, in one write, and decides again when somebody was faster."""

from __future__ import annotations

import json
import random
import sys
import time

from ansible.parsing.dataloader import DataLoader
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry, Version
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Conflict
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.open import open_backend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource

NOW = "2026-01-01T00:00:00Z"
COMMON = "common/counter"


def main(place: dict, name: str, rounds: int) -> None:
    """Conflicts are expected; anything else ends the process with an error."""
    backend = open_backend(place["settings"], place["state_dir"], PasswordSource(DataLoader(), place["password_file"]))
    for turn in range(rounds):
        own = "writers/%s/%d" % (name, turn)
        while True:
            seen = backend.read([COMMON, own])
            number = seen[COMMON].entry.current.number if COMMON in seen else 0
            # The common one first: where writes are one by one, what follows a conflict is not written.
            changes = {COMMON: Entry("hex", Version(number + 1, "%s %d" % (name, turn), NOW))}
            changes[own] = Entry("password", Version(1, "value of %s" % own, NOW))
            try:
                backend.write(changes, seen)
            except Conflict:
                time.sleep(random.uniform(0, 0.05))  # noqa: S311 - no secret
            else:
                break


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
