# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Three servers with TLS and logins, a tunnel before them, and nobody else's hand in the tree."""

from __future__ import annotations

import contextlib
import socket
import ssl

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.zookeeper import Records
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NoAuthError
from kazoo.handlers.threading import KazooTimeoutError
from kazoo.security import OPEN_ACL_UNSAFE, make_digest_acl
from mesos_cluster import until
from tls_authority import Authority
from zookeeper_ensemble import LOGIN, SECRETS, Ensemble, mode, walk

FIRST, LOCAL, TUNNEL = 22810, 21820, 21810
MESOS = ("mesos", SECRETS["mesos"])
SUPER = ("super", SECRETS["super"])
READ = 1


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    made = Ensemble(tmp_path_factory.mktemp("ensemble"), 3, FIRST, LOCAL, TUNNEL)
    try:
        yield made.start()
    finally:
        made.stop()


def open_nodes(ensemble):
    """Paths of the nodes with which everyone may do more than read."""
    with ensemble.client(*SUPER) as client:
        return [
            path
            for path, acls in walk(client)
            if not acls or any(acl.id.scheme == "world" and acl.perms & ~READ for acl in acls)
        ]


def test_three_servers_elect_a_leader_over_tls(ensemble):
    modes = sorted(mode(ensemble.tls(FIRST, ensemble.client_pair, number)) for number in range(3))
    assert modes == ["follower", "follower", "leader"]


def test_plain_connections_and_those_without_a_certificate_are_refused(ensemble, tmp_path):
    for port in (FIRST, FIRST + 2):
        with socket.create_connection((ensemble.addresses[0], port), 5) as plain:
            # Long enough to be a record of TLS, which waits for the rest of a shorter one.
            plain.sendall(b"srvr" * 16)
            with contextlib.suppress(ConnectionError):
                assert b"Mode" not in plain.recv(4096)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            assert ensemble.tls(port, None) == b"", "closed without a word"
            raise ConnectionError
        other = Authority("another").pair(tmp_path / "other", usages=["client"])
        with pytest.raises((ssl.SSLError, ConnectionError)):
            assert ensemble.tls(port, other) == b"", "closed without a word"
            raise ConnectionError


def test_a_certificate_for_something_else_is_refused(ensemble, tmp_path):
    """Of the right authority, but without one of the names of clients."""
    pair = ensemble.authority.pair(tmp_path / "database", usages=["client"])
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert ensemble.tls(FIRST, pair) == b"", "closed without a word"
        raise ConnectionError


def test_a_clients_certificate_does_not_make_a_server_of_the_ensemble(ensemble):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert ensemble.tls(FIRST + 2, ensemble.client_pair) == b"", "closed without a word"
        raise ConnectionError


def test_the_tunnel_refuses_a_server_that_is_not_of_the_ensemble(ensemble, tmp_path):
    """A certificate of the right authority, but of a machine that is no server."""
    pair = ensemble.authority.pair(tmp_path / "elsewhere", ["127.0.0.9"])
    config = ensemble.base / "tunnel.conf"
    text = config.read_text().replace(":%d\n" % TUNNEL, ":%d\n" % (TUNNEL + 1))
    text = "\n".join(line for line in text.splitlines() if not line.startswith("connect"))
    listener = socket.create_server((ensemble.addresses[0], FIRST + 5))
    other = tmp_path / "tunnel.conf"
    other.write_text(text + "\nconnect = 127.0.0.1:%d\n" % (FIRST + 5))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(str(pair / "cert.pem"), str(pair / "key.pem"))
    daemon = type(ensemble.tunnel_daemon)("other", ["stunnel4", str(other)], tmp_path / "other.log")
    daemon.start()
    try:
        until(lambda: socket.create_connection(("127.0.0.1", TUNNEL + 1), 1), 5, "the other tunnel")
        listener.settimeout(5)
        with pytest.raises((ssl.SSLError, OSError)), listener.accept()[0] as plain:
            with context.wrap_socket(plain, server_side=True) as secure:
                assert secure.recv(1) == b"", "hung up"
                raise OSError
        until(lambda: "checks failed" in daemon.text() or "verify" in daemon.text(), 5, "a refusal in the log")
    finally:
        daemon.kill()
        listener.close()


def test_nobody_reads_or_writes_without_a_login(ensemble):
    with ensemble.client() as client, pytest.raises(KazooException):
        client.get_children("/nextgen")
    with ensemble.client() as client, pytest.raises(KazooException):
        client.create("/mine")


def test_a_wrong_secret_reads_and_writes_nothing(ensemble):
    for login in (("nextgen", "wrong"), ("super", "wrong"), MESOS):
        with ensemble.client(*login) as client:
            for attempt in (
                lambda: client.create("/nextgen/mine", b""),
                lambda: client.get_children("/nextgen"),
                lambda: client.create("/mine", b""),
                lambda: client.set_acls("/", OPEN_ACL_UNSAFE),
                lambda: client.set("/zookeeper/quota", b""),
                lambda: client.get_children("/"),
            ):
                with pytest.raises(NoAuthError):
                    attempt()


def test_records_are_for_their_user_alone_and_a_wrong_secret_is_told(ensemble):
    with Records(ensemble.tunnel, "aio", "dev", LOGIN) as records:
        records.lock("me", 5.0)
        records.write_framework("f-1")
        records.write_job("digest", {"done": True})
        assert records.read()["framework"] == "f-1"
        with ensemble.client(*SUPER) as client:
            below = dict(walk(client, "/nextgen/aio"))
            assert {"/nextgen/aio/clouds/dev/framework", "/nextgen/aio/clouds/dev/jobs/digest"} < set(below)
            assert any(path.startswith("/nextgen/aio/clouds/dev/lock/") for path in below)
            assert {tuple(acls) for acls in below.values()} == {(make_digest_acl(*LOGIN, all=True),)}
    with Records(ensemble.tunnel, "aio", "dev", ("nextgen", "wrong")) as records:
        with pytest.raises(CloudError, match="NXC-PLAN-0017"):
            records.read()
    assert not open_nodes(ensemble)


def test_a_site_that_was_open_is_closed_by_the_next_run(ensemble):
    """Nodes as unauthenticated masters and runs made them; what Mesos makes now stays as it is."""
    anyone_reads = [make_digest_acl(*MESOS, all=True), *OPEN_ACL_UNSAFE]
    anyone_reads[1] = anyone_reads[1]._replace(perms=READ)
    with ensemble.client(*SUPER) as client:
        for path in ("/nextgen/old/clouds/dev/framework", "/mesos/log_replicas/0000", "/stray", "/zookeeper/quota/x"):
            client.ensure_path(path, acl=OPEN_ACL_UNSAFE)
        client.set_acls("/", OPEN_ACL_UNSAFE)
        client.create("/mesos/json.info_01", b"", acl=anyone_reads)
        client.create("/theirs", b"", acl=[make_digest_acl("they", "x", all=True)])
    assert len(open_nodes(ensemble)) > 5
    expected = ensemble.close_nodes(check=True)
    assert len(open_nodes(ensemble)) > 5, "a check closes nothing"
    closed = ensemble.close_nodes(1)
    assert closed == expected
    assert {"/", "/stray", "/mesos/log_replicas/0000", "/nextgen/old/clouds/dev/framework"} <= set(closed)
    assert not {"/theirs", "/mesos/json.info_01", "/nextgen", "/mesos"} & set(closed)
    assert not open_nodes(ensemble)
    assert ensemble.close_nodes(2) == [], "a second run has nothing to do"
    with ensemble.client(*LOGIN) as client:
        assert client.get("/nextgen/old/clouds/dev/framework")[0] == b""


def test_a_new_secret_takes_over_while_the_one_before_still_counts(ensemble):
    with ensemble.client(*LOGIN) as client:
        client.create("/nextgen/kept", b"x", acl=[make_digest_acl(*LOGIN, all=True)])
    try:
        assert "/nextgen/kept" in ensemble.close_nodes(nextgen=["new", SECRETS["nextgen"]])
        for secret in ("new", SECRETS["nextgen"]):
            with ensemble.client("nextgen", secret) as client:
                assert client.get("/nextgen/kept")[0] == b"x"
        assert "/nextgen/kept" in ensemble.close_nodes(nextgen=["new"])
        with ensemble.client(*LOGIN) as client, pytest.raises(NoAuthError):
            client.get("/nextgen/kept")
    finally:
        ensemble.close_nodes()


def test_clients_go_on_when_a_server_is_lost(ensemble):
    with ensemble.client(*LOGIN) as client:
        client.create("/nextgen/before", b"1", acl=[make_digest_acl(*LOGIN, all=True)])
        for number in range(3):
            ensemble.servers[number].kill()
            until(lambda: _reads(client, "/nextgen/before"), 20, "the others to serve")
            ensemble.servers[number].start()
            ensemble.serves(number)
    assert not open_nodes(ensemble)
    assert ensemble.close_nodes() == []


def _reads(client: KazooClient, path: str) -> bool:
    try:
        return client.connected and client.get(path)[0] == b"1"
    except (KazooException, KazooTimeoutError):
        return False
