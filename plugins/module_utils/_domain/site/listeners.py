# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The port list: every socket that may listen on the nodes of a site, and who may talk to it. Pure.

What is not in it must not listen: the acceptance tests compare each node with it, both ways.
Sockets in the networks of task containers are not in it. There nothing may listen but what is
published, and what is published is a row here: "tasks of <cloud>".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .. import naming
from ..component.routes import route_range

ZOOKEEPER_TLS_PORT = 2281
ZOOKEEPER_LOCAL_PORT = 2182
ZOOKEEPER_QUORUM_PORT = 2888
ZOOKEEPER_ELECTION_PORT = 3888
DNS_PORT = 53
EPHEMERAL = (32768, 60999)  # where Linux takes a port from when a program asks for any

# Where a socket is bound: at the node's address in the site, at loopback, or at all there are.
NODE, LOOPBACK, ANY = "node", "loopback", "any"
EVERYBODY = "everybody who may reach the edge"
MESOS_IS_PLAIN = "the official library of Mesos has no TLS: keep the site's network to the site"
STUNNEL = ("stunnel4", "stunnel")
TRANSPORTS = ("tls", "mtls", "ssh", "plain")
AUTHENTICATIONS = ("certificate", "digest", "basic", "key", "token", "component", "none")


@dataclass(frozen=True)
class Listener:
    """One row for one role. ``ports`` first and last, both included; ``processes`` as ``ss`` names them.

    ``reason``: why it is so where it is not TLS with authentication at the node's address, else empty.
    ``optional``: why no socket may be there although all is well; empty for what must be there.
    """

    role: str
    name: str
    protocol: str
    ports: tuple[int, int]
    address: str
    processes: tuple[str, ...]
    transport: str
    authentication: str
    peers: str
    reason: str = ""
    optional: str = ""

    def on(self, node: str, address: str) -> dict[str, Any]:
        """The row for one node, as published: with the addresses a socket may be bound to."""
        bound = {NODE: [address], LOOPBACK: ["127.0.0.1", "::1"], ANY: ["0.0.0.0", "::"]}[self.address]
        return {
            "node": node,
            **vars(self),
            "ports": list(self.ports),
            "processes": list(self.processes),
            "bound": bound,
        }


def listeners(site: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All rows of a normalized site: by node in file order, then by role."""
    by_role: dict[str, list[Listener]] = {}
    for row in _rows(site):
        by_role.setdefault(row.role, []).append(row)
    return [
        row.on(name, node["address"])
        for name, node in site["nodes"].items()
        for role in by_role
        if role == "node" or role in node["roles"]
        for row in _of_node(by_role[role], role, node)
    ]


def _of_node(rows: list[Listener], role: str, node: Mapping[str, Any]) -> Iterator[Listener]:
    """The rows of a role on one node: SSH is where its owner put it, and a node has one tunnel for all its roles."""
    for row in rows:
        if row.name == "ssh":
            yield replace(row, ports=(node["ssh"]["port"], node["ssh"]["port"]))
        elif not (row.name == "zookeeper tunnel" and role == "worker" and "control" in node["roles"]):
            yield row


def _rows(site: Mapping[str, Any]) -> Iterator[Listener]:
    yield _one("node", "ssh", 22, ANY, ("sshd",), "ssh", "key", "the controller",
               reason="it is the machine's own door, there before the site and after it")  # fmt: skip
    yield from _control(site)
    yield _one("registry", "registry", naming.REGISTRY_PORT, NODE, ("docker-registry",), "tls", "basic",
               "podman of workers, buildah of the registry's node")  # fmt: skip
    yield from _worker(site)
    yield from _edge(site)


def _control(site: Mapping[str, Any]) -> Iterator[Listener]:
    yield _one("control", "zookeeper", ZOOKEEPER_TLS_PORT, NODE, STUNNEL, "mtls", "digest",
               "tunnels of control nodes and workers")  # fmt: skip
    yield _one("control", "zookeeper behind its TLS", ZOOKEEPER_LOCAL_PORT, LOOPBACK, ("java",), "plain", "digest",
               "the TLS server of the same node",
               reason="ZooKeeper's own TLS would make every certificate a user; stunnel speaks TLS for it")  # fmt: skip
    if sum("control" in node["roles"] for node in site["nodes"].values()) > 1:
        yield _one("control", "zookeeper quorum", ZOOKEEPER_QUORUM_PORT, NODE, ("java",), "mtls", "certificate",
                   "the other ZooKeeper servers", optional="only the leader listens")  # fmt: skip
        yield _one("control", "zookeeper election", ZOOKEEPER_ELECTION_PORT, NODE, ("java",), "mtls", "certificate",
                   "the other ZooKeeper servers")  # fmt: skip
    yield _tunnel("control")
    yield _one("control", "mesos master", naming.MASTER_PORT, NODE, ("mesos-master",), "plain", "basic",
               "agents, the clouds' schedulers, the operator",
               reason=MESOS_IS_PLAIN)  # fmt: skip


def _worker(site: Mapping[str, Any]) -> Iterator[Listener]:
    yield _tunnel("worker")
    yield _one("worker", "mesos agent", naming.AGENT_PORT, NODE, ("mesos-agent",), "plain", "basic",
               "masters, executors on the same node, the operator",
               reason=MESOS_IS_PLAIN)  # fmt: skip
    if site["mesos"]["source"] != "embedded":
        yield Listener("worker", "mesos executors", "tcp", EPHEMERAL, NODE,
                       ("mesos-executor", "lt-mesos-executor", "mesos-default-executor"),
                       "plain", "none", "the agent on the same node",
                       reason="the executor of your own Mesos build takes any port and shows its metrics there",
                       optional="an executor is there while it has a task")  # fmt: skip
    for name, cloud in site["clouds"].items():
        first = route_range(cloud["ports"])[1] + 1
        yield Listener("worker", "tasks of %s" % name, "tcp", (first, cloud["ports"][1]), NODE, ("conmon",),
                       "plain", "component", "edges, on behalf of clients of %s" % name,
                       reason="each component says who may log in; those that can speak TLS do",
                       optional="tasks are where there is room")  # fmt: skip


def _edge(site: Mapping[str, Any]) -> Iterator[Listener]:
    port = site["edge"]["port"]
    yield _one("edge", "https routes", port, NODE, ("haproxy",), "tls", "component", EVERYBODY,
               reason="each component says who logs in; other names get 404")  # fmt: skip
    for name, cloud in site["clouds"].items():
        yield Listener("edge", "tcp routes of %s" % name, "tcp", route_range(cloud["ports"]), NODE, ("haproxy",),
                       "plain", "component", "services of %s" % name,
                       reason="passed on as it comes: the component behind it speaks TLS and asks who it is",
                       optional="a component may have no tcp route")  # fmt: skip
    for protocol in ("udp", "tcp"):
        for address in (NODE, LOOPBACK):
            yield Listener("edge", "names", protocol, (DNS_PORT, DNS_PORT), address, ("dnsmasq",), "plain", "none",
                           EVERYBODY if address == NODE else "processes of the node",
                           reason="it answers the names of the site, which are no secret")  # fmt: skip


def _tunnel(role: str) -> Listener:
    return _one(role, "zookeeper tunnel", naming.ZOOKEEPER_PORT, LOOPBACK, STUNNEL, "plain", "digest",
                "Mesos and deploys on the same node",
                reason="Mesos speaks to ZooKeeper without TLS; the tunnel carries that over mutual TLS")  # fmt: skip


def _one(
    role: str, name: str, port: int, address: str, processes: tuple[str, ...], transport: str, authentication: str,
    peers: str, reason: str = "", optional: str = "",
) -> Listener:  # fmt: skip
    """A row for one TCP port."""
    return Listener(
        role, name, "tcp", (port, port), address, processes, transport, authentication, peers, reason, optional
    )
