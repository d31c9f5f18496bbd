#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Route the running tasks of one cloud at an HAProxy edge."""

from __future__ import annotations

DOCUMENTATION = r"""
module: edge
short_description: Route the running tasks of a cloud at an HAProxy edge
version_added: 0.1.0
description:
  - Writes the part of the HAProxy configuration that belongs to one cloud, and its lines in the map of host names.
  - HAProxy checks the whole configuration with the new part before anything is replaced.
    What it refuses changes nothing.
  - Reloads HAProxy without dropping a connection, and only if what it reads has changed since it was loaded.
    If the new process cannot start, the earlier configuration is put back.
  - Returns when connections that were open before can no longer lead to a server that was taken out, see O(drain).
  - Calls for several clouds at a time are carried out one after the other.
  - The base configuration comes from the role P(nextgen.cloud.edge#role), certificates from
    P(nextgen.cloud.certificates#role).
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes
requirements:
  - haproxy (2.6 or newer) in master-worker mode
options:
  cloud:
    description: Name of the cloud.
    type: str
    required: true
  state:
    description:
      - With V(absent) exactly the pieces of this cloud are removed, that is its part of the configuration, its lines
        in the map, its certificate and key.
    type: str
    choices: [absent, present]
    default: present
  routes:
    description:
      - Route manifests of the cloud with C(name), C(service), C(port), C(protocol) (C(https) or C(tcp)), C(host)
        and C(listen).
    type: list
    elements: dict
    default: []
  services:
    description:
      - Service manifests of the cloud, of which C(name) and C(health) are read.
      - A route to a service with an HTTP health check on the same port is checked with it, others by connecting.
    type: list
    elements: dict
    default: []
  instances:
    description: Healthy running instances with C(task), C(service), C(port), C(address) and C(host_port).
    type: list
    elements: dict
    default: []
  address:
    description: IPv4 address of the edge on which tcp routes listen. Required with O(state=present).
    type: str
  config_dir:
    description: The configuration folder of HAProxy.
    type: path
    default: /etc/haproxy
  binary:
    description: The HAProxy program, used to check the configuration.
    type: str
    default: /usr/sbin/haproxy
  reload_command:
    description: Command that makes HAProxy reload, or start if it does not run.
    type: list
    elements: str
    default: [systemctl, reload-or-restart, haproxy.service]
  master_socket:
    description: Socket of the HAProxy master process, asked whether the reload succeeded.
    type: path
    default: /run/haproxy-master.sock
  drain:
    description:
      - Seconds to wait at most for the connections of the former process, if a server was taken out that still answers.
      - The default is a little more than idle connections are kept. Longer sessions are not waited for.
    type: int
    default: 12
seealso:
  - module: nextgen.cloud.cloud
"""

EXAMPLES = r"""
- name: Route the running tasks of cloud dev
  nextgen.cloud.edge:
    cloud: dev
    address: 10.77.0.10
    routes:
      - name: keystone
        service: keystone
        port: api
        protocol: https
        host: keystone.dev.aio.test
        listen: 443
    instances:
      - task: dev.keystone.1a2b3c4d.x7f3
        service: keystone
        port: api
        address: 10.77.0.10
        host_port: 20105

- name: Take cloud dev off the edge
  nextgen.cloud.edge:
    cloud: dev
    state: absent
"""

RETURN = r"""
routed:
  description: Ids of the tasks that HAProxy is now configured with, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [dev.keystone.1a2b3c4d.x7f3]
reloaded:
  description: Whether HAProxy was reloaded, or would be in check mode.
  returned: success
  type: bool
  sample: true
"""

import contextlib
import os
import typing as t
from dataclasses import dataclass, field

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.haproxy import Haproxy, read, remove, replace
from ansible_collections.nextgen.cloud.plugins.module_utils._ansible.failure import fail_from_exception
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.edge import fragment, hostmap
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.edge.model import (
    parse_address,
    parse_cloud,
    parse_instances,
    parse_routes,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse


@dataclass
class Wanted:
    """What the edge has to hold of a cloud. ``text`` is empty and ``doomed`` lists paths when it has to go."""

    text: str
    lines: t.Callable[[str], str]
    routed: list[str] = field(default_factory=list)
    doomed: list[str] = field(default_factory=list)


def wanted_of(params: dict[str, t.Any], edge: Haproxy) -> Wanted:
    """Turn the options into the texts to have."""
    cloud = parse_cloud(params["cloud"])
    if params["state"] == "absent":
        return Wanted("", lambda old: hostmap.merge(old, cloud, []), doomed=edge.leftovers(cloud))
    routes = parse_routes(cloud, params["routes"], params["services"])
    instances = parse_instances(cloud, params["instances"])
    return Wanted(
        fragment.fragment(cloud, routes, instances, parse_address(cloud, params["address"])),
        lambda old: hostmap.merge(old, cloud, routes),
        fragment.routed(routes, instances),
    )


def apply(edge: Haproxy, cloud: str, texts: dict[str, str], doomed: list[str]) -> None:
    """Replace the files and load them; put the former texts back if HAProxy cannot run with the new ones."""
    former = {path: read(path) for path in texts}
    edge.begin()
    for path in doomed:
        remove(path)
    for path, text in texts.items():
        replace(path, text)
    try:
        edge.load(cloud)
    except CloudError:
        for path, text in former.items():
            replace(path, text)
        with contextlib.suppress(CloudError):
            edge.load(cloud)
        raise


def run(module: AnsibleModule, edge: Haproxy) -> dict[str, t.Any]:
    """Compare, check, apply. The caller holds the lock unless this is check mode."""
    cloud = module.params["cloud"]
    wanted = wanted_of(module.params, edge)
    own = edge.fragment(cloud)
    before = {own: read(own), edge.map: read(edge.map)}
    after = {own: wanted.text, edge.map: wanted.lines(before[edge.map])}
    texts = {path: text for path, text in after.items() if text != before[path]}
    if own in texts and not edge.missing():
        edge.check(cloud, wanted.text)
    due = bool(texts or wanted.doomed) or not edge.is_loaded()
    if due and not module.check_mode:
        apply(edge, cloud, texts, wanted.doomed)
    return {
        "changed": due,
        "reloaded": due,
        "routed": wanted.routed,
        "diff": [diff(path, before[path], after[path]) for path in texts]
        + [diff(path, "present\n", "") for path in wanted.doomed],
    }


def diff(path: str, before: str, after: str) -> dict[str, str]:
    """One file in Ansible's diff structure."""
    return {"before_header": path, "after_header": path, "before": before, "after": after}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "cloud": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
            "routes": {"type": "list", "elements": "dict", "default": []},
            "services": {"type": "list", "elements": "dict", "default": []},
            "instances": {"type": "list", "elements": "dict", "default": []},
            "address": {"type": "str"},
            "config_dir": {"type": "path", "default": "/etc/haproxy"},
            "binary": {"type": "str", "default": "/usr/sbin/haproxy"},
            "reload_command": {
                "type": "list",
                "elements": "str",
                "default": ["systemctl", "reload-or-restart", "haproxy.service"],
            },
            "master_socket": {"type": "path", "default": "/run/haproxy-master.sock"},
            "drain": {"type": "int", "default": 12},
        },
        required_if=[("state", "present", ["address"])],
        supports_check_mode=True,
    )
    params = module.params
    edge = Haproxy(
        params["config_dir"], module.run_command, params["binary"], params["reload_command"], params["master_socket"]
    )
    try:
        if module.check_mode:
            module.exit_json(**run(module, edge))
        if params["state"] == "absent" and not os.path.exists(edge.folder):
            module.exit_json(changed=False, reloaded=False, routed=[], diff=[])
        if edge.missing():
            raise refuse("NXC-EDGE-0005", missing=edge.missing())
        own = edge.fragment(params["cloud"])
        with edge.locked():
            before = read(own)
            result = run(module, edge)
            after = read(own)
        if params["state"] == "present":
            edge.drain(fragment.servers(before) - fragment.servers(after), params["drain"])
        module.exit_json(**result)
    except CloudError as error:
        fail_from_exception(module, error)


if __name__ == "__main__":
    main()
