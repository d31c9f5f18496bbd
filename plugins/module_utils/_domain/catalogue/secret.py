# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'secret'."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-SECR-0001": Entry(
        "The secret '{path}' is not in the store {store}.",
        "Only state: present creates. Declare the secret with the module nextgen.cloud.secret "
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
        "Nothing says where the folder of the site is.",
        "Run with a site inventory (which sets nextgen_state_dir) or give the option state_dir=<folder>.",
    ),
    "NXC-SECR-0010": Entry(
        "The secret '{path}' does not fit its kind {kind}: {reason}.",
        "Put a value of that kind there, or remove it with nextgen.cloud.secret (state: absent) if nothing that runs "
        "has it: then it is generated again.",
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
    "NXC-SECR-0014": Entry(
        "'{text}' is not a span of time.",
        "Write whole numbers with units from large to small, as 7d, 1w2d, 12h30m or 90s; 0 is none.",
    ),
    "NXC-SECR-0015": Entry(
        "'{backend}' is not a backend for secrets.",
        "Use one of: {backends}.",
    ),
    "NXC-SECR-0016": Entry(
        "The password does not open the secret store {store}.",
        "Give the password the store was made with: {source} gave another one. {places}",
    ),
    "NXC-SECR-0017": Entry(
        "The entry '{path}' of the secret store {store} was changed or moved by something else than this collection.",
        "Restore the store from a backup.",
    ),
    "NXC-SECR-0018": Entry(
        "There is no password for the secret store {store}.",
        "Give the password the store was made with. {places} A lost password cannot be recovered: restore "
        "its file from a backup.",
    ),
    "NXC-SECR-0019": Entry(
        "Entries of the secret store {store} were added, removed or exchanged by something else than this collection.",
        "Restore the store from a backup.",
    ),
    "NXC-SECR-0020": Entry(
        "The policy of the secret '{path}' cannot be kept: {reason}.",
        "Only passwords have a policy: lower, upper, digits and special, each a least count; their sum may not be "
        "larger than the length.",
    ),
    "NXC-SECR-0021": Entry(
        "The secret '{path}' was changed by others {attempts} times while this run tried to write it.",
        "Repeat the run when the other one has ended.",
        retryable=True,
    ),
    "NXC-SECR-0022": Entry(
        "{what} needs the Python package {package} on the controller.",
        "Install it into the environment that runs Ansible: pip install {package}.",
    ),
    "NXC-SECR-0023": Entry(
        "The password of the secret store cannot be read from {source}: {reason}.",
        "Check that the file can be read and is not empty; an executable one has to print the password and end with 0.",
    ),
    "NXC-SECR-0024": Entry(
        "Line {line} of the audit log {log} does not follow from the lines before it.",
        "Somebody changed the log. Keep it aside as evidence; the next change of a secret begins a new one.",
    ),
    "NXC-SECR-0025": Entry(
        "The secret '{path}' of kind {kind} has no part '{part}'.",
        "Use one of: {parts}.",
    ),
    "NXC-SECR-0026": Entry(
        "{reason}",
        "See the documentation of nextgen.cloud.secret: under goes with state rotated or absent.",
    ),
    "NXC-SECR-0027": Entry(
        "There is no file store that could get another password: {reason}.",
        "What opens a secret server is changed there. A file store appears with the first run of nextgen.cloud.site.",
    ),
    "NXC-SECR-0028": Entry(
        "The new password was typed {how}.",
        "Give the option twice, --vault-id {id}@prompt --vault-id {id}@prompt, and type the same: a password that was "
        "mistyped would close the store for ever.",
    ),
}
