# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read secrets from the store of a site."""

from __future__ import annotations

DOCUMENTATION = r"""
name: secret
short_description: Read secrets from the store of a site
version_added: 0.1.0
description:
  - Returns the values of secrets that the module M(nextgen.cloud.secret) has generated. It never writes.
  - A secret that is not in the store is an error which names the way to make it.
  - In check mode a missing secret is a warning and gives a placeholder, because the task that would have
    generated it only pretended to.
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.secret_store.plugin
options:
  _terms:
    description: Paths of secrets in the store.
    type: list
    elements: str
    required: true
  which:
    description:
      - Which part of the secret.
      - V(previous) is the value before the last rotation while it is valid, else the current one.
      - V(staged) is the value of the next rotation if there is one, else the current one.
      - V(slot) is V(a) or V(b) in turn with every rotation, for services that know two accounts; V(previous_slot)
        belongs to V(previous).
      - V(public) is the public half of keys, V(hash) and V(previous_hash) are the bcrypt hashes of the kind htpasswd.
      - V(parts) is a dictionary of all parts the secret has; the key of the current value is an empty string.
      - V(revision) changes whenever a part does and says nothing about the value.
    type: str
    choices: [current, previous, staged, slot, previous_slot, public, hash, previous_hash, parts, revision]
    default: current
  missing:
    description:
      - What a secret that is not in the store is. V(empty) gives an empty string; a store that cannot be read remains
        an error, which C(errors='ignore') would hide.
    type: str
    choices: [error, empty]
    default: error
seealso:
  - module: nextgen.cloud.secret
"""

EXAMPLES = r"""
- name: Set the root password
  community.mysql.mysql_user:
    name: root
    password: "{{ lookup('nextgen.cloud.secret', 'clouds/dev/mariadb/root_password') }}"

- name: Accept the previous password too
  ansible.builtin.set_fact:
    accepted:
      - "{{ lookup('nextgen.cloud.secret', 'site/registry/password', which='hash') }}"
      - "{{ lookup('nextgen.cloud.secret', 'site/registry/password', which='previous_hash') }}"
"""

RETURN = r"""
_raw:
  description: The values, in the order of the terms.
  type: list
  elements: raw
"""

import time
import typing as t

from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import moment
from ansible_collections.nextgen.cloud.plugins.plugin_utils.failure import as_ansible_error
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.connect import VARIABLES, connect

_display = Display()


class LookupModule(LookupBase):
    """One read of the store for all terms."""

    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[t.Any]:
        """Parts of the secrets named by ``terms``."""
        known = dict(variables or {})
        for name in VARIABLES.values():
            if name in known:
                # Variables arrive as they were written; these may be written as templates.
                known[name] = self._templar.template(known[name])
        self.set_options(var_options=known, direct=kwargs)
        try:
            return self._values([str(term) for term in terms], bool(known.get("ansible_check_mode")))
        except CloudError as error:
            raise as_ansible_error(error) from error

    def _values(self, paths: list[str], check_mode: bool) -> list[t.Any]:
        which = self.get_option("which")
        backend, _state_dir = connect({option: self.get_option(option) for option in VARIABLES}, self._loader)
        stored = backend.read(paths)
        now = moment(time.time())
        values: list[t.Any] = []
        for path in paths:
            if path in stored:
                values.append(_part(stored[path].entry, which, path, now))
            elif self.get_option("missing") == "empty":
                values.append("")
            elif check_mode:
                _display.warning("The secret '%s' does not exist yet; check mode goes on with a placeholder." % path)
                values.append(_placeholder(path, which))
            else:
                raise refuse("NXC-SECR-0001", path=path, store=backend.identity)
        return values


def _part(entry: Entry, which: str, path: str, now: str) -> t.Any:
    """What ``which`` asks for; NXC-SECR-0025 for a part that this kind of secret lacks."""
    if which == "revision":
        return entry.revision(now)
    parts = entry.parts(now)
    if which == "parts":
        return parts
    name = "" if which == "current" else which
    if name not in parts:
        known = ", ".join(part or "current" for part in parts)
        raise refuse("NXC-SECR-0025", path=path, kind=entry.kind, part=which, parts=known)
    return parts[name]


def _placeholder(path: str, which: str) -> t.Any:
    """As the value will be, as far as anything can be known."""
    text = "not generated yet: %s" % path
    if which == "parts":
        return {"": text, "previous": text, "staged": text, "slot": "a", "previous_slot": "a"}
    if which.endswith("hash"):
        # The form of a hash, which roles check; that of no password.
        return "$2y$10$" + "." * 53
    return "a" if which.endswith("slot") else text
