#!/usr/bin/python
# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_tree
short_description: No node of a ZooKeeper tree is open
version_added: 0.1.0
description:
  - Waits until a server serves, then walks over its whole tree and gives every node that is open, or that is another's
    than it should be, the access list that it should have.
  - C(/nextgen) and C(/mesos) are made if they are missing. What is in them is for the user of that name alone; what
    Mesos itself makes may be read by all who are logged in. The root and C(/zookeeper) may be read by C(nextgen).
  - Nodes of others are touched only if everyone may do more than read them.
author:
  - The nextgen.cloud authors (@nextgen-cloud)
extends_documentation_fragment:
  - nextgen.cloud.attributes
attributes:
  diff_mode:
    details: Shows the paths.
requirements:
  - kazoo (Debian python3-kazoo) on the node that runs the module
options:
  server:
    description: The server as C(host:port), its plain port on loopback.
    type: str
    required: true
  secrets:
    description: The secrets of V(super), V(mesos) and V(nextgen).
    type: dict
    required: true
  previous:
    description: Earlier secrets of V(mesos) and V(nextgen) that still count.
    type: dict
    default: {}
  timeout:
    description: Seconds within which the server has to serve.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Close every node of the tree
  nextgen.cloud.zookeeper_tree:
    server: 127.0.0.1:2182
    secrets: "{{ zookeeper_secrets }}"
"""

RETURN = r"""
closed:
  description: Paths of the nodes that were made, or whose access was put right.
  type: list
  elements: str
  returned: success
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.znodes import Tree
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.zookeeper import KAZOO_ERROR
from ansible_collections.nextgen.cloud.plugins.module_utils._ansible.failure import fail_from_exception
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.znodes import MESOS, NEXTGEN, SUPER, digest


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "server": {"type": "str", "required": True},
            "secrets": {"type": "dict", "required": True, "no_log": True},
            "previous": {"type": "dict", "default": {}, "no_log": True},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    params = module.params
    try:
        with Tree(params["server"], params["secrets"][SUPER], params["timeout"]) as tree:
            closed = tree.close_nodes(_users(params), module.check_mode)
    except CloudError as error:
        fail_from_exception(module, error)
    module.exit_json(
        changed=bool(closed), closed=closed, diff={"prepared": "".join("close %s\n" % path for path in closed)}
    )


def _users(params: dict[str, Any]) -> dict[str, list[str]]:
    """User to digests, the present one first."""
    secrets = {user: [params["secrets"][user], params["previous"].get(user)] for user in (MESOS, NEXTGEN)}
    found = {user: [digest(user, each) for each in several if each] for user, several in secrets.items()}
    return {user: list(dict.fromkeys(each)) for user, each in found.items()}


if __name__ == "__main__":
    main()
