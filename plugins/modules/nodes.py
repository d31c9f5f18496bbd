#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machines of a site."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nodes
short_description: The machines of a site exist, run and can be entered
version_added: 0.1.0
description:
  - Runs on the controller, once for a whole site, and makes the machines that the site lists with the driver it names.
  - Everything it makes carries the site's mark, its name and an id that is kept in O(state_dir). What has the same
    name and another mark, or none, is refused before anything changes, and never touched.
  - "Driver V(podman): a network, and per node a systemd container with two volumes. Needs root."
  - "Driver V(static): the machines are there. They are claimed by the file C(/etc/nextgen.cloud/site) on them, and
    with O(state=absent) only that file is removed."
  - May be killed at any time. The next run goes on from what it finds.
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes
options:
  site:
    description: The normalized site, as the inventory plugin gives it in the variable C(nextgen_site).
    type: dict
    required: true
  state:
    description: Whether the site's machines exist.
    type: str
    choices: [absent, present]
    default: present
  state_dir:
    description:
      - Directory on the controller for what the site needs there. This module keeps C(site-id), C(ssh/) with the key
        pair and C(known_hosts), and C(podman/) in it.
    type: path
    required: true
  images:
    description:
      - "What the site's words for images mean, for example C(debian-12: localhost/nextgen-node:0123456789ab)."
      - A word that is not in it is the name of a container image itself.
    type: dict
    default: {}
  prune:
    description: Also destroy own machines that the site no longer lists. Otherwise they stay and are in RV(surplus).
    type: bool
    default: false
  adopt:
    description:
      - Take over machines that are marked with the site's name and another id, for when O(state_dir) was lost.
      - Does nothing when machines of more than one site of this name are there.
    type: bool
    default: false
  ssh_args:
    description: Arguments for ssh with the driver V(static), for example an identity file.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds that a node may take to boot.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Make the nodes exist
  nextgen.cloud.nodes:
    site: "{{ nextgen_site }}"
    state_dir: "{{ nextgen_state_dir }}"
    images:
      debian-12: "{{ node_image_reference }}"

- name: Take the nodes away
  nextgen.cloud.nodes:
    site: "{{ nextgen_site }}"
    state_dir: "{{ nextgen_state_dir }}"
    state: absent
"""

RETURN = r"""
actions:
  description: What was done, or would be in check mode, in order. Without what was right already.
  returned: success
  type: list
  elements: dict
  sample: [{verb: create, kind: node, name: nextgen-aio-aio-1, node: aio-1, reason: is missing}]
nodes:
  description: The site's nodes. With O(state=absent) an empty list.
  returned: success
  type: list
  elements: dict
  sample: [{name: aio-1, machine: nextgen-aio-aio-1, address: 10.77.0.10}]
surplus:
  description: Things that carry the site's mark and are not in the site file any more.
  returned: success
  type: list
  elements: str
  sample: []
"""

import contextlib
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.drivers.podman import engine_settings_here
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.drivers.selector import select_driver
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.drivers.site_nodes import Outcome, SiteNodes
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.state_dir import StateDir
from ansible_collections.nextgen.cloud.plugins.module_utils._ansible.failure import fail_from_exception
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.nodes.model import DESTROY, NODE, READY

# Directory of the module's temporary files; set by Ansible, removed after the run.
SETTINGS_OF_CHECK = "nextgen-containers.conf"


def run(module: AnsibleModule) -> dict[str, t.Any]:
    """Build the parts, do the deed, describe it."""
    params, site = module.params, module.params["site"]
    environment: dict[str, str] = {}

    def command(argv: t.Sequence[str], stdin: str | None) -> tuple[int, str, str]:
        return module.run_command(list(argv), data=stdin, binary_data=True, environ_update=environment)

    state = StateDir(params["state_dir"], site["site"], command)
    with contextlib.ExitStack() as stack:
        if not module.check_mode:
            stack.enter_context(state.locked())
            state.make()
        if site["driver"]["kind"] == "podman":
            if os.geteuid() != 0:
                raise refuse("NXC-NODE-0012")
            environment["CONTAINERS_CONF"] = settings(module, state)
        driver = select_driver(
            site,
            state.mark(),
            command,
            images=params["images"],
            journal=state.journal_path,
            ssh_args=params["ssh_args"],
            timeout=params["timeout"],
        )
        nodes = SiteNodes(site, driver, state, check=module.check_mode)
        if params["state"] == "present":
            outcome = nodes.present(prune=params["prune"], adopt=params["adopt"])
            machines = {item.node: item.name for item in driver.items() if item.kind == NODE}
        else:
            outcome = nodes.absent(adopt=params["adopt"])
            machines = {}
    return {
        "changed": bool(outcome.changes),
        "actions": [action.as_dict() for action in outcome.changes],
        "surplus": list(outcome.surplus),
        "diff": diff(outcome),
        "nodes": [
            {"name": node, "machine": name, "address": site["nodes"][node]["address"]}
            for node, name in machines.items()
        ],
    }


def settings(module: AnsibleModule, state: StateDir) -> str:
    """Path of a file with the engine settings; in check mode one that Ansible removes."""
    text = engine_settings_here()
    if not module.check_mode:
        return state.keep_engine_settings(text)
    path = os.path.join(module.tmpdir, SETTINGS_OF_CHECK)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
    return path


def diff(outcome: Outcome) -> dict[str, str]:
    """Before and after, a line for each thing that changes."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for action in outcome.changes:
        key = "%s %s" % (action.kind, action.name)
        before.setdefault(key, "%s: %s" % (key, outcome.before.get(key, "absent")))
        after[key] = "%s: %s" % (key, "absent" if action.verb == DESTROY else READY)
        if action.verb not in ("create", "start", DESTROY):
            after[key] += ", %s done because it %s" % (action.verb, action.reason)
    return {"before": _lines(before), "after": _lines(after)}


def _lines(rows: dict[str, str]) -> str:
    return "".join(line + "\n" for _key, line in sorted(rows.items()) if not line.endswith(": absent"))


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "site": {"type": "dict", "required": True},
            "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
            "state_dir": {"type": "path", "required": True},
            "images": {"type": "dict", "default": {}},
            "prune": {"type": "bool", "default": False},
            "adopt": {"type": "bool", "default": False},
            "ssh_args": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except CloudError as error:
        fail_from_exception(module, error)


if __name__ == "__main__":
    main()
