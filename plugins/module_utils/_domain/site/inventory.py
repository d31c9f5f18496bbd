# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A normalized site → hosts, groups and variables of the inventory. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import naming
from .certificates import node_certificates, zookeeper_client
from .listeners import listeners
from .schema_words import ROLES
from .secrets import principals, site_secrets

INTERPRETER = "/usr/bin/python3"
PENDING = "pending"


@dataclass(frozen=True)
class Inventory:
    """``groups``: name → hosts in file order, empty groups too. ``hosts``: name → variables."""

    groups: Mapping[str, list[str]]
    hosts: Mapping[str, dict[str, Any]]
    variables: Mapping[str, Any]


def to_inventory(site: Mapping[str, Any]) -> Inventory:
    """All nodes by role, and one host per cloud that is reached over the first control node."""
    nodes = site["nodes"]
    hosts = {name: _node_variables(site, name) for name in nodes}
    groups = {"nodes": list(nodes)}
    for role in ROLES:
        groups[role] = [name for name, node in nodes.items() if role in node["roles"]]
    groups["clouds"] = [naming.cloud_host(cloud) for cloud in site["clouds"]]
    # Empty here; in check mode `provision` puts the machines in it that only a real run would make.
    groups[PENDING] = []
    control = groups["control"][0]
    for cloud in site["clouds"]:
        hosts[naming.cloud_host(cloud)] = {**_connection(site, control), "cloud_name": cloud}
    return Inventory(groups, hosts, _site_variables(site))


def _site_variables(site: Mapping[str, Any]) -> dict[str, Any]:
    """What every host knows: the site, and where its services are, each as ``host:port`` or an address."""

    def addresses(role: str) -> list[str]:
        return [node["address"] for node in site["nodes"].values() if role in node["roles"]]

    return {
        "nextgen_site": site,
        "nextgen_state_dir": site["state_dir"],
        "nextgen_secrets": site["secrets"],
        "nextgen_masters": ["%s:%d" % (address, naming.MASTER_PORT) for address in addresses("control")],
        # Every node that needs ZooKeeper has a tunnel to all servers of it.
        "nextgen_zookeeper": ["127.0.0.1:%d" % naming.ZOOKEEPER_PORT],
        "nextgen_zookeeper_client": zookeeper_client(site["domain"]),
        "nextgen_zookeeper_servers": [
            {"id": number, "address": address} for number, address in enumerate(addresses("control"), 1)
        ],
        "nextgen_principals": principals(site),
        "nextgen_site_secrets": site_secrets(site),
        "nextgen_edges": addresses("edge"),
        "nextgen_registry": naming.registry_address(site["domain"]),
        "nextgen_registry_address": addresses("registry")[0],
        "nextgen_ports": listeners(site),
    }


def _node_variables(site: Mapping[str, Any], name: str) -> dict[str, Any]:
    fqdn = naming.node_fqdn(name, site["domain"])
    return {
        **_connection(site, name),
        "nextgen_node": {**site["nodes"][name], "name": name, "fqdn": fqdn},
        "nextgen_certificates": node_certificates(site, name),
    }


def _connection(site: Mapping[str, Any], node: str) -> dict[str, Any]:
    """How Ansible reaches a node. Nodes that we made have our key and our record of their host keys."""
    ssh = dict(site["nodes"][node]["ssh"])
    if site["driver"]["kind"] != "static":
        ssh.update(
            private_key="%s/ssh/id_ed25519" % site["state_dir"],
            known_hosts="%s/ssh/known_hosts" % site["state_dir"],
        )
    options = [] if "known_hosts" not in ssh else [_path_option("UserKnownHostsFile", ssh["known_hosts"])]
    options += ["StrictHostKeyChecking=yes", "ControlMaster=auto", "ControlPersist=60s"]
    variables = {
        "ansible_host": site["nodes"][node]["address"],
        "ansible_user": ssh["user"],
        "ansible_port": ssh["port"],
        "ansible_ssh_common_args": " ".join("-o %s" % shlex.quote(option) for option in options),
        "ansible_python_interpreter": INTERPRETER,
    }
    if "private_key" in ssh:
        variables["ansible_ssh_private_key_file"] = ssh["private_key"]
    return variables


def _path_option(name: str, path: str) -> str:
    """A path as OpenSSH reads it from an option: ``%`` starts a token there, white space ends the value."""
    escaped = path.replace("%", "%%")
    return '%s="%s"' % (name, escaped) if any(sign in path for sign in " '#=\\") else "%s=%s" % (name, escaped)
