# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which certificates the services of a site need on a node, as the module ``pki_certificates`` takes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import naming

DIRECTORY = "/etc/nextgen.cloud/pki"


def zookeeper_client(domain: str) -> str:
    """``aio.test`` → ``zookeeper-client.aio.test``, the name in the certificates of those who may ask ZooKeeper."""
    return "zookeeper-client.%s" % domain


def node_certificates(site: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """ZooKeeper's on control nodes, its clients' on those and on workers, the registry's where it is."""
    node = site["nodes"][name]
    own = {"dns": [naming.node_fqdn(name, site["domain"])], "ip": [node["address"]]}
    rows = []
    if "control" in node["roles"]:
        # Servers are clients of each other.
        reader = {"owner": "zookeeper", "group": "zookeeper"}
        rows.append({"name": "zookeeper", **own, **reader, "usages": ["server", "client"]})
    if {"control", "worker"} & set(node["roles"]):
        # The name says what the certificate is for: ZooKeeper's door opens to it and to no other client's. It does not
        # say which node has it: servers take whoever proves to be at its own address for one of the ensemble.
        rows.append({"name": "zookeeper-client", "dns": [zookeeper_client(site["domain"])], "usages": ["client"]})
    if "registry" in node["roles"]:
        names = [naming.registry_host(site["domain"]), *own["dns"]]
        rows.append({"name": "registry", "dns": names, "ip": own["ip"], "usages": ["server"]})
    common = {"directory": DIRECTORY, "days": site["certificates"]["days"], "renew": site["certificates"]["renew"]}
    return [{**row, **common} for row in rows]
