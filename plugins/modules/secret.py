#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the declared secrets that a store lacks."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret
short_description: Declare secrets and generate the missing ones
version_added: 0.1.0
description:
  - Keeps the secret store of a site, one JSON file (mode 0600 in folders of mode 0700) on the controller.
  - A secret is generated once. Later runs keep its value, whatever length they declare.
  - Values never appear in results, diffs or logs; read them with the lookup P(nextgen.cloud.secret#lookup).
  - Several writers at a time are safe, and a writer that is killed leaves the store as it was.
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes
attributes:
  diff_mode:
    details: Shows the paths of secrets, never values.
options:
  store:
    description: Path of the store on the machine where the module runs, usually the controller.
    type: path
    required: true
  secrets:
    description: The secrets that have to exist, or with O(state=absent) the ones that must not.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Name of the secret in the store, segments joined by C(/).
        type: str
        required: true
      kind:
        description:
          - V(password) is letters and digits with at least one lower case letter, upper case letter and digit.
          - V(fernet) is a Fernet key, 32 random bytes in URL-safe base64.
          - V(hex) is lower case hexadecimal digits.
          - V(uuid) is a random (version 4) UUID.
        type: str
        choices: [fernet, hex, password, uuid]
        default: password
      length:
        description:
          - Characters of the value, for V(password) 12 to 256, by default 32, and for V(hex) 16 to 1024, by default 64.
          - The other kinds have one length.
        type: int
  under:
    description:
      - Only with O(state=absent). Also remove every secret in these folders of the store, for example V(clouds/dev).
    type: list
    elements: str
    default: []
  state:
    description: Whether the secrets exist.
    type: str
    choices: [absent, present]
    default: present
seealso:
  - plugin: nextgen.cloud.secret
    plugin_type: lookup
  - module: nextgen.cloud.secret_files
"""

EXAMPLES = r"""
- name: Generate what the cloud dev needs
  nextgen.cloud.secret:
    store: "{{ nextgen_state_dir }}/secrets/store.json"
    secrets:
      - path: clouds/dev/keystone/database_password
      - path: clouds/dev/keystone/fernet_key_0
        kind: fernet
  delegate_to: localhost

- name: Forget the secrets of a cloud that is gone
  nextgen.cloud.secret:
    store: "{{ nextgen_state_dir }}/secrets/store.json"
    under:
      - clouds/dev
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
created:
  description: Paths of the secrets that were generated, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [clouds/dev/keystone/database_password]
removed:
  description: Paths of the secrets that were removed, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: []
"""

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.secret_store import SecretStore
from ansible_collections.nextgen.cloud.plugins.module_utils._ansible.failure import fail_from_exception
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.declaration import (
    Secret,
    generate,
    missing,
    parse_declarations,
    parse_path,
    under,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.kinds import KINDS

Stored = dict[str, Secret]


def present(params: dict[str, t.Any], stored: Stored) -> Stored:
    """What the store has to hold: all it has, and a value for each declaration that lacks one."""
    absent = missing(parse_declarations(params["secrets"]), stored)
    return {**stored, **generate(absent, os.urandom)}


def absent(params: dict[str, t.Any], stored: Stored) -> Stored:
    """What the store has to hold without the named secrets and folders."""
    doomed = {parse_path(row["path"]) for row in params["secrets"]}
    doomed.update(under(stored, [parse_path(folder) for folder in params["under"]]))
    return {path: secret for path, secret in stored.items() if path not in doomed}


def run(module: AnsibleModule) -> dict[str, t.Any]:
    """Decide, write if it is no check, and describe the change by names."""
    store = SecretStore(module.params["store"])
    decide = present if module.params["state"] == "present" else absent
    stored = store.read()
    wanted = decide(module.params, stored)
    loose = store.lax()
    if not module.check_mode and (wanted != stored or loose):
        with store.locked():
            # Another writer may have been faster since the first look: decide again on what is there now.
            stored = store.read()
            wanted = decide(module.params, stored)
            if wanted != stored:
                store.write(wanted)
    return {
        "changed": wanted != stored or bool(loose),
        "created": sorted(set(wanted) - set(stored)),
        "removed": sorted(set(stored) - set(wanted)),
        "diff": {
            "before_header": store.path,
            "after_header": store.path,
            "before": names(stored, set(stored) ^ set(wanted), loose),
            "after": names(wanted, set(stored) ^ set(wanted), []),
        },
    }


def names(secrets: Stored, touched: set[str], loose: list[str]) -> str:
    """Diff text: the touched secrets by name, and what is open to others."""
    lines = ["%s (%s)" % (path, secret.kind) for path, secret in sorted(secrets.items()) if path in touched]
    lines += ["%s is open to other users" % path for path in loose]
    return "".join(line + "\n" for line in lines)


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "store": {"type": "path", "required": True},
            "secrets": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "no_log": False,
                "options": {
                    "path": {"type": "str", "required": True},
                    "kind": {"type": "str", "choices": sorted(KINDS), "default": "password"},
                    "length": {"type": "int"},
                },
            },
            "under": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
        },
        supports_check_mode=True,
    )
    if module.params["under"] and module.params["state"] == "present":
        module.fail_json(msg="under may only be given with state: absent.")
    try:
        module.exit_json(**run(module))
    except CloudError as error:
        fail_from_exception(module, error)


if __name__ == "__main__":
    main()
