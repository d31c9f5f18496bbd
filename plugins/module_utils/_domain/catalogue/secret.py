# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'secret'."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-SECR-0001": Entry(
        "The secret '{path}' is not in the store {store}.",
        "A lookup never creates. Declare the secret with the module nextgen.cloud.secret "
        "(secrets: [{{path: {path}}}]), as the playbook nextgen.cloud.site does for every secret a site needs.",
    ),
    "NXC-SECR-0002": Entry(
        "The secret store {store} cannot be read: {reason}.",
        "Restore the file from a backup; a store that is deleted is made anew with other values, "
        "which services that hold the old ones will refuse.",
    ),
    "NXC-SECR-0003": Entry(
        "The secret store {store} has format {found}; this release knows format {known}.",
        "Use the release of the collection that wrote the store, or a newer one.",
    ),
    "NXC-SECR-0004": Entry(
        "'{kind}' is not a kind of secret.",
        "Use one of: {kinds}.",
    ),
    "NXC-SECR-0005": Entry(
        "Length {length} is not allowed for the secret '{path}' of kind {kind}.",
        "{allowed}",
    ),
    "NXC-SECR-0006": Entry(
        "'{path}' cannot be the path of a secret.",
        "Write segments of letters, digits, '.', '_' and '-' joined by single '/', none starting with '.' or '-'.",
    ),
    "NXC-SECR-0007": Entry(
        "The secret '{path}' is declared as {wanted} and also as {found}.",
        "Declare it once, or the same way everywhere. To change the kind of a stored secret remove it first "
        "(state: absent); whatever uses the old value has to be redeployed.",
    ),
    "NXC-SECR-0008": Entry(
        "The secret store {store} stayed locked by another process for {seconds} seconds.",
        "Wait until the other run has ended and repeat; the lock goes away with the process that holds it.",
        retryable=True,
    ),
    "NXC-SECR-0009": Entry(
        "The lookup nextgen.cloud.secret does not know which store to read.",
        "Run with a site inventory (which sets nextgen_state_dir) or give the option store=<path of store.json>.",
    ),
    "NXC-SECR-0010": Entry(
        "The secret '{path}' does not fit its kind {kind}: {reason}.",
        "Remove it from the store with nextgen.cloud.secret (state: absent) and let it be generated again.",
    ),
    "NXC-SECR-0011": Entry(
        "The secret files '{path}' and '{other}' cannot exist side by side: one is a folder of the other.",
        "Rename one of them.",
    ),
    "NXC-SECR-0012": Entry(
        "The secret path {path} is a {found}, not a folder.",
        "Remove it or choose another path.",
    ),
    "NXC-SECR-0013": Entry(
        "The secret store {store} cannot be written: {reason}.",
        "Make room or give the right to write there and repeat. The store is as it was before.",
    ),
}
