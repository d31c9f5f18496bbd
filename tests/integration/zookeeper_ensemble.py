# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ZooKeeper ensembles from the templates of the roles, on loopback, with TLS, logins and tunnels.

The servers listen on 127.0.0.1, 127.0.0.2 and so on, each with the same ports.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any, Iterator, Sequence

import jinja2
import yaml
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.znodes import Tree
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.znodes import digest
from kazoo.client import KazooClient
from mesos_cluster import ROOT, Daemon
from tls_authority import Authority

ROLES = ROOT / "roles"
SECRETS = {"super": "super-secret", "mesos": "mesos-secret", "nextgen": "nextgen-secret"}
LOGIN = ("nextgen", SECRETS["nextgen"])
WAIT = ROLES / "zookeeper/files/usr/libexec/nextgen.cloud/wait-for-zookeeper"


def render(role: str, template: str, **variables: Any) -> str:
    """A template of a role with its defaults and constants."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROLES / role / "templates"), undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters["comment"] = lambda text, **_options: "# " + text
    environment.filters["nextgen.cloud.zookeeper_digest"] = lambda secret, user: digest(user, secret)
    known = {**load(role, "defaults"), **load(role, "vars"), "ansible_managed": "made by a test"}
    return environment.get_template(template).render({**known, **variables})


def load(role: str, kind: str) -> dict[str, Any]:
    return yaml.safe_load((ROLES / role / kind / "main.yml").read_text(encoding="utf-8"))


class Ensemble:
    """``count`` servers with TLS on ``first`` and, for each other, the next two ports; ``pair``: who may connect.

    In plain they are on loopback, on ``local`` and following. ``tunnel``: "127.0.0.1:port" before all of them.
    """

    def __init__(self, base: Path, count: int, first: int, local: int, tunnel: int):
        self.base, self.first, self.local, self.count = base, first, local, count
        self.authority = Authority("ensemble")
        self.addresses = ["127.0.0.%d" % (number + 1) for number in range(count)]
        self.client_pair = self.authority.pair(base / "client", usages=["client"])
        self.servers = [self._server(number) for number in range(count)]
        self.fronts = [self._front(number) for number in range(count)]
        self.tunnel = "127.0.0.1:%d" % tunnel
        config = base / "tunnel.conf"
        config.write_text(
            render(
                "zookeeper_tunnel",
                "etc/nextgen.cloud/zookeeper-tunnel.conf.j2",
                zookeeper_tunnel_servers=self.addresses,
                zookeeper_tunnel_server_port=first,
                zookeeper_tunnel_port=tunnel,
                zookeeper_tunnel_pair=str(self.client_pair),
            )
        )
        self.tunnel_daemon = Daemon("tunnel", ["stunnel4", str(config)], base / "tunnel.log")

    def pair(self, number: int) -> Path:
        return self.base / ("server%d" % number) / "pair"

    def renew(self, number: int) -> None:
        """A pair for a server. It comes to the others from 127.0.0.1, whichever address it listens on."""
        self.authority.pair(self.pair(number), sorted({"127.0.0.1", self.addresses[number]}))

    def _server(self, number: int) -> Daemon:
        home = self.base / ("server%d" % number)
        (home / "data").mkdir(parents=True)
        (home / "data" / "myid").write_text("%d\n" % (number + 1))
        self.renew(number)
        (home / "log4j.properties").write_text(render("zookeeper", "etc/zookeeper/log4j.properties.j2"))
        servers = [{"id": one + 1, "address": address} for one, address in enumerate(self.addresses)]
        text = render(
            "zookeeper",
            "etc/zookeeper/zoo.cfg.j2",
            _zookeeper_data_dir=str(home / "data"),
            zookeeper_local_port=self.local + number,
            zookeeper_peer_port=self.first + 1,
            zookeeper_election_port=self.first + 2,
            zookeeper_pair=str(home / "pair"),
            zookeeper_servers=servers,
            zookeeper_secrets=SECRETS,
        )
        (home / "zoo.cfg").write_text(text)
        classpath = ":".join([str(home), *load("zookeeper", "vars")["_zookeeper_classpath"][1:]])
        command = ["java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classpath]
        command += ["-Dzookeeper.jmx.log4j.disable=true", "org.apache.zookeeper.server.quorum.QuorumPeerMain"]
        return Daemon("server%d" % number, [*command, str(home / "zoo.cfg")], self.base / ("server%d.log" % number))

    def _front(self, number: int) -> Daemon:
        config = self.base / ("server%d" % number) / "tls.conf"
        text = render(
            "zookeeper",
            "etc/zookeeper/tls.conf.j2",
            zookeeper_address=self.addresses[number],
            zookeeper_port=self.first,
            zookeeper_local_port=self.local + number,
            zookeeper_pair=str(self.pair(number)),
            zookeeper_client_names=["client.test"],
        )
        config.write_text(text)
        return Daemon("front%d" % number, ["stunnel4", str(config)], self.base / ("front%d.log" % number))

    def start(self) -> Ensemble:
        for daemon in (*self.servers, *self.fronts, self.tunnel_daemon):
            daemon.start()
        for number in range(self.count):
            self.serves(number)
        self.close_nodes()
        return self

    def serves(self, number: int, seconds: int = 30) -> None:
        """Wait for a server as its unit does."""
        subprocess.run([WAIT, "127.0.0.1", str(self.local + number), str(seconds)], check=True)

    def close_nodes(self, number: int = 0, check: bool = False, **secrets: Sequence[str]) -> list[str]:
        """What the role does when the server serves; ``secrets``: other ones, the present one first."""
        users = {
            user: [digest(user, each) for each in secrets.get(user, [SECRETS[user]])] for user in ("mesos", "nextgen")
        }
        with Tree("127.0.0.1:%d" % (self.local + number), SECRETS["super"], 20) as tree:
            return tree.close_nodes(users, check)

    @contextlib.contextmanager
    def client(self, *login: str, **options: Any) -> Iterator[KazooClient]:
        """A session through the tunnel, logged in as (user, secret) or not at all."""
        logging.getLogger("kazoo").setLevel(logging.CRITICAL)
        more = {"auth_data": [("digest", ":".join(login))]} if login else {}
        client = KazooClient(hosts=self.tunnel, **more, **options)
        client.start(timeout=15)
        try:
            yield client
        finally:
            client.stop()
            client.close()

    def tls(self, port: int, pair: Path | None, number: int = 0) -> bytes:
        """What a server answers to ``srvr`` over TLS with this pair (or no certificate)."""
        context = ssl.create_default_context(cafile=str(self.client_pair / "ca.pem"))
        if pair:
            context.load_cert_chain(str(pair / "cert.pem"), str(pair / "key.pem"))
        address = self.addresses[number]
        with (
            socket.create_connection((address, port), 5) as plain,
            context.wrap_socket(plain, server_hostname=address) as secure,
        ):
            secure.sendall(b"srvr")
            return secure.recv(65536)

    def stop(self) -> None:
        for daemon in (self.tunnel_daemon, *self.fronts, *self.servers):
            daemon.kill()


def walk(client: KazooClient, path: str = "/") -> Iterator[tuple[str, list[Any]]]:
    """Every node below ``path`` with its access list."""
    yield path, client.get_acls(path)[0]
    for name in client.get_children(path):
        yield from walk(client, path.rstrip("/") + "/" + name)


def mode(text: bytes) -> str:
    return re.findall(rb"Mode: (\w+)", text)[0].decode()
