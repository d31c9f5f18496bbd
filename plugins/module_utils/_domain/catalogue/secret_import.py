# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of importing secrets and of the report about them."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-SECR-0080": Entry(
        "The mapping of '{name}' is neither a path nor a path and a kind.",
        "Write '{name}: clouds/dev/keystone/admin_password', or '{name}: {{path: …, kind: fernet}}'.",
    ),
    "NXC-SECR-0081": Entry(
        "The mapping names '{name}', which the source does not have.",
        "Correct the name, or take it out of the mapping; run in check mode to see the names there are.",
    ),
    "NXC-SECR-0082": Entry(
        "'{name}' and '{other}' have different values and are both to come to '{path}'.",
        "Map only one of them to this path.",
    ),
    "NXC-SECR-0083": Entry(
        "No path is mapped to '{name}'.",
        "Add it to the mapping, or leave such names out with unmapped: skip (told in the result) or list (also warned "
        "of).",
    ),
    "NXC-SECR-0084": Entry(
        "The value of '{name}' does not fit '{path}' as {kind}: {reason}.",
        "Change it where it is used now and import it then, give another kind in the mapping, choose unfit: fit to "
        "take the first kind it does fit (none, if it would need quotes), or unfit: skip to leave it out, so that a "
        "new one is generated.",
    ),
    "NXC-SECR-0085": Entry(
        "The store already has another value at '{path}' than '{name}' has.",
        "Choose existing: replace if what runs uses the imported value, or existing: keep if it uses the stored one.",
    ),
    "NXC-SECR-0086": Entry(
        "The secrets in {path} cannot be read: {reason}.",
        "Correct the path or the file; for encrypted ones give the password as with ansible-vault (--vault-id).",
    ),
    "NXC-SECR-0087": Entry(
        "The report on secrets has findings that it shall fail on: {findings}.",
        "See the rows of the report. Rotate what is old, weak or duplicate with the playbook nextgen.cloud.rotate, "
        "remove what is unused with nextgen.cloud.secret (state: absent), and find out who changed a broken log.",
    ),
    "NXC-SECR-0088": Entry(
        "The report {path} cannot be written: {reason}.",
        "Give the path of a file in a folder that exists and that you may write.",
    ),
}
