#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep an exact folder of secret files."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret_files
short_description: Keep a folder of secret files exactly as given
version_added: 0.1.0
description:
  - Writes each value to a file of mode 0600 below a folder of mode 0700, and removes everything else below that folder.
  - A file holds exactly the value, without a newline at its end.
  - Each file is replaced atomically. Files belong to the user the module runs as.
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes
attributes:
  diff_mode:
    details: Shows names and modes of files, never values.
options:
  path:
    description: The folder. The one it is in is made with mode 0700 if it is missing, parents above with mode 0755.
    type: path
    required: true
  secrets:
    description:
      - Values by path relative to O(path), with C(/) between segments.
      - A part of a secret stands beside its value, with a dot between name and part.
    type: dict
    default: {}
    aliases: [files]
  state:
    description: With V(absent) the folder and all that is in it is removed.
    type: str
    choices: [absent, present]
    default: present
seealso:
  - module: nextgen.cloud.secret
"""

EXAMPLES = r"""
- name: Give the worker the secrets of cloud dev
  nextgen.cloud.secret_files:
    path: /etc/nextgen.cloud/clouds/dev/secrets
    secrets:
      keystone/database_password: "{{ lookup('nextgen.cloud.secret', path) }}"
      keystone/database_password.previous: "{{ lookup('nextgen.cloud.secret', path, which='previous') }}"
      keystone/database_password.slot: "{{ lookup('nextgen.cloud.secret', path, which='slot') }}"
  vars:
    path: clouds/dev/keystone/database_password
"""

RETURN = r"""
written:
  description: Relative paths of the files that were written, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [keystone/database_password]
removed:
  description: Relative paths of files and folders that were removed, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: []
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters import secret_files as folder
from ansible_collections.nextgen.cloud.plugins.module_utils._ansible.failure import fail_from_exception
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.tree import (
    FOLDER_MODE,
    changes,
    names,
    parse_files,
)


def present(module: AnsibleModule) -> dict[str, t.Any]:
    """Bring the folder to the wanted state."""
    root = module.params["path"]
    wanted = parse_files({path: str(value) for path, value in module.params["secrets"].items()})
    found = folder.observe(root)
    observed = found or {}
    steps = changes(wanted, observed)
    before, after = names(wanted, observed)
    open_root = found is None or folder.root_mode(root) != FOLDER_MODE
    if not module.check_mode and (steps or open_root):
        folder.prepare(root)
        folder.apply(root, steps, wanted)
    return {
        "changed": bool(steps) or open_root,
        "written": [step.path for step in steps if step.verb == "write"],
        "removed": [step.path for step in steps if step.verb == "remove"],
        "diff": diff(root, before, after, found is None),
    }


def absent(module: AnsibleModule) -> dict[str, t.Any]:
    """Take the folder away."""
    root = module.params["path"]
    found = folder.observe(root)
    before = names({}, found or {})[0]
    if found is not None and not module.check_mode:
        folder.remove(root)
    return {
        "changed": found is not None,
        "written": [],
        "removed": sorted(found or ()),
        "diff": diff(root, before, "", found is None),
    }


def diff(root: str, before: str, after: str, new: bool) -> dict[str, str]:
    """Ansible's diff structure."""
    return {
        "before_header": "%s (absent)" % root if new else root,
        "after_header": root,
        "before": before,
        "after": after,
    }


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "secrets": {"type": "dict", "default": {}, "no_log": True, "aliases": ["files"]},
            "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**(present(module) if module.params["state"] == "present" else absent(module)))
    except CloudError as error:
        fail_from_exception(module, error)


if __name__ == "__main__":
    main()
