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
options:
  _terms:
    description: Paths of secrets in the store.
    type: list
    elements: str
    required: true
  store:
    description: Path of the store on the controller. By default C(secrets/store.json) in O(state_dir).
    type: path
  state_dir:
    description: Folder with all that is kept on the controller for the site.
    type: path
    vars:
      - name: nextgen_state_dir
seealso:
  - module: nextgen.cloud.secret
"""

EXAMPLES = r"""
- name: Set the root password
  community.mysql.mysql_user:
    name: root
    password: "{{ lookup('nextgen.cloud.secret', 'clouds/dev/mariadb/root_password') }}"
"""

RETURN = r"""
_raw:
  description: The values, in the order of the terms.
  type: list
  elements: str
"""

import os
import typing as t

from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.secret_store import SecretStore
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.plugin_utils.failure import as_ansible_error

_display = Display()


class LookupModule(LookupBase):
    """One read of the store for all terms."""

    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        """Values of the secrets named by ``terms``."""
        known = dict(variables or {})
        if "nextgen_state_dir" in known:
            # Variables arrive as they were written; this one may be written as a template.
            known["nextgen_state_dir"] = self._templar.template(known["nextgen_state_dir"])
        self.set_options(var_options=known, direct=kwargs)
        try:
            return self._values([str(term) for term in terms], bool(known.get("ansible_check_mode")))
        except CloudError as error:
            raise as_ansible_error(error) from error

    def _values(self, paths: list[str], check_mode: bool) -> list[str]:
        store = SecretStore(self._store_path())
        stored = store.read()
        values = []
        for path in paths:
            if path in stored:
                values.append(stored[path].value)
            elif check_mode:
                _display.warning("The secret '%s' does not exist yet; check mode goes on with a placeholder." % path)
                values.append("not generated yet: %s" % path)
            else:
                raise refuse("NXC-SECR-0001", path=path, store=store.path)
        return values

    def _store_path(self) -> str:
        store, state_dir = self.get_option("store"), self.get_option("state_dir")
        if store:
            return str(store)
        if not state_dir:
            raise refuse("NXC-SECR-0009")
        return os.path.join(str(state_dir), "secrets", "store.json")
