# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles of ZooKeeper and its tunnel on a real node: closed from the first run, also where an open one was.

The tests build on each other in the order of the file.
"""

from __future__ import annotations

import json
import subprocess

import pytest
from systemd_node import SystemdNode
from tls_authority import Authority
from zookeeper_ensemble import SECRETS

PLAY = """
- hosts: n1
  gather_subset: [min]
  roles:
    - role: nextgen.cloud.zookeeper
      zookeeper_address: "{{ ansible_host }}"
      zookeeper_servers: [{id: 1, address: "{{ ansible_host }}"}]
      zookeeper_client_names: [zookeeper-client.test]
      zookeeper_secrets: "{{ secrets }}"
    - role: nextgen.cloud.zookeeper_tunnel
      zookeeper_tunnel_servers: ["{{ ansible_host }}"]
"""
PKI = "/etc/nextgen.cloud/pki"
USER = """
- hosts: n1
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: nextgen.cloud.zookeeper, tasks_from: user}
"""
FIND = "grep -r --text --fixed-strings --files-with-matches -f - %s || true"
UNITS = ("zookeeper", "zookeeper-tls", "zookeeper-tunnel")
# One server as it was before: without TLS, logins and access lists, on the same data.
OPEN = """set -e
install -d -o zookeeper /var/lib/zookeeper
printf '%s\\n' dataDir=/var/lib/zookeeper clientPort=2181 clientPortAddress=127.0.0.1 admin.enableServer=false \\
    >/tmp/open
systemd-run --unit=open --property=User=zookeeper --quiet java -Xmx128m -cp /usr/share/java/zookeeper.jar \\
    org.apache.zookeeper.server.quorum.QuorumPeerMain /tmp/open
/usr/bin/python3 - <<'END'
from kazoo.client import KazooClient
client = KazooClient("127.0.0.1:2181")
client.start(20)
for path in ("/mesos/json.info_0000", "/nextgen/aio/clouds/dev/jobs/one"):
    client.ensure_path(path)
client.stop()
END
systemctl stop open
"""
WALK = """
import json
from kazoo.client import KazooClient
client = KazooClient("127.0.0.1:2181", auth_data=[("digest", "super:%s")])
client.start(10)
left, found = ["/"], {}
while left:
    path = left.pop()
    found[path] = [[acl.id.scheme, acl.id.id, acl.perms] for acl in client.get_acls(path)[0]]
    left += [path.rstrip("/") + "/" + name for name in client.get_children(path)]
print(json.dumps(found))
client.stop()
"""


class ZooKeeperNode(SystemdNode):
    """The node, and the roles on it."""

    def __init__(self, scratch):
        super().__init__(scratch, "zkttest", "10.91.22")
        self.authority = Authority("zkttest")
        self.folder = scratch

    def lay(self, name, owner, **options):
        """Put a new pair onto the node."""
        pair = self.authority.pair(self.folder / name, **options)
        where = "%s/%s" % (PKI, name)
        unpack = "mkdir -p %s && tar -x -C %s && chown -R %s %s" % (where, where, owner, where)
        with subprocess.Popen(["tar", "-c", "-C", str(pair), "."], stdout=subprocess.PIPE) as packed:
            subprocess.run(self.argv(unpack), stdin=packed.stdout, check=True, timeout=60)

    def roles(self, *options, **more):
        return self.play(PLAY, {"secrets": dict(SECRETS, **more)}, *options)

    def pids(self):
        return [self.run("systemctl show --value --property=MainPID " + unit) for unit in UNITS]

    def walk(self):
        """{path: access list} of the whole tree."""
        return json.loads(self.run("/usr/bin/python3 -", WALK % SECRETS["super"]))


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    made = ZooKeeperNode(tmp_path_factory.mktemp("zkttest"))
    made.machines("absent")
    try:
        made.machines("present")
        made.play(USER, {})
        made.lay("zookeeper", "zookeeper", addresses=[made.address])
        made.lay("zookeeper-client", "root", usages=["client"])
        made.run(OPEN)
        yield made
    finally:
        made.machines("absent")


def test_what_was_open_is_closed_and_a_second_run_changes_nothing(node):
    output = node.roles()
    assert " changed=0 " not in output
    assert not [secret for secret in SECRETS.values() if secret in output]
    tree = node.walk()
    assert {"/mesos/json.info_0000", "/nextgen/aio/clouds/dev/jobs/one", "/zookeeper/config"} <= set(tree)
    assert not {path: acls for path, acls in tree.items() if not acls or any(acl[0] == "world" for acl in acls)}
    before = node.pids()
    assert " changed=0 " in node.roles()
    assert " changed=0 " in node.roles("--check", "--diff")
    assert node.pids() == before


def test_only_tls_is_on_the_nodes_address_and_plain_only_on_loopback(node):
    listening = {line.split()[3] for line in node.run("ss --listening --tcp --numeric --no-header").splitlines()}
    ports = {each for each in listening if each.rpartition(":")[2] in ("2181", "2182", "2281", "2888", "3888", "8080")}
    assert {each.replace("[::ffff:127.0.0.1]", "127.0.0.1") for each in ports} == {
        "127.0.0.1:2181", "127.0.0.1:2182", node.address + ":2281",
    }  # fmt: skip


def test_secrets_are_in_no_argument_log_or_open_file(node):
    wanted = "\n".join(SECRETS.values())
    node.run("journalctl --quiet >/tmp/journal")
    assert node.run(FIND % "/proc/[0-9]*/cmdline", wanted) == ""
    assert node.run(FIND % "/etc /run /tmp", wanted) == ""
    modes = node.run("stat --format='%a %U:%G' /etc/zookeeper/zoo.cfg /var/lib/zookeeper").splitlines()
    assert modes == ["640 root:zookeeper", "750 zookeeper:zookeeper"]


def test_a_renewed_pair_is_read_without_a_restart(node):
    before = node.pids()
    shown = "openssl s_client -connect %s:2281 </dev/null 2>/dev/null | openssl x509 -noout -serial" % node.address
    serial = node.run(shown)
    node.lay("zookeeper", "zookeeper", addresses=[node.address])
    node.lay("zookeeper-client", "root", usages=["client"])
    assert " changed=0 " not in node.roles()
    assert node.pids() == before
    assert node.run(shown) != serial
    assert node.walk()
    assert " changed=0 " in node.roles()


def test_a_new_super_secret_restarts_the_server_and_nothing_else(node):
    before = node.pids()
    assert " changed=0 " not in node.roles(super="another")
    after = node.pids()
    assert [old == new for old, new in zip(before, after)] == [False, True, True]
    node.roles()
    assert node.walk()
