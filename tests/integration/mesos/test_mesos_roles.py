# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles of Mesos on a real node: an archive, then a package that wraps the same binary.

The tests build on each other in the order of the file. The master stands alone, without ZooKeeper.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess

import pytest
from mesos_cluster import PRINCIPALS, Api
from mesos_packages import NAME, VERSION, make_archive, make_deb
from systemd_node import SystemdNode

PLAY = """
- hosts: n1
  gather_subset: [min]
  roles:
    - role: nextgen.cloud.mesos
    - role: nextgen.cloud.mesos_master
      mesos_master_principals: "{{ principals }}"
    - role: nextgen.cloud.mesos_agent
      mesos_agent_master: "{{ ansible_host }}:5050"
      mesos_agent_secret: "{{ principals.agent }}"
      mesos_agent_principals: {operator: "{{ principals.operator }}"}
      mesos_agent_resources: {cpus: 1, mem: 512, disk: 512}
      mesos_agent_ports: [20000, 20099]
"""
REPOSITORY = "/srv/mesos"
UPDATE = """set -e
echo 'deb [trusted=yes] file:%s ./' > /etc/apt/sources.list.d/mesos.list
apt-get -qq update -o Dir::Etc::sourcelist=sources.list.d/mesos.list -o Dir::Etc::sourceparts=- \\
    -o APT::Get::List-Cleanup=0
"""
ENGINE = "/usr/libexec/nextgen.cloud/mesos-engine"
UNITS = "/etc/systemd/system/mesos-%s.service"
FIND = """find /usr/sbin/mesos-* /usr/lib/mesos /usr/libexec/mesos /usr/libexec/nextgen.cloud /etc/mesos* \\
    /etc/systemd/system/mesos-* -type f ! -name '*.pyc' """
CONTENT = FIND + "-exec sha256sum {} +"
TOUCHED = FIND + "-printf '%p %i %s %C@\\n' | sort"
RUNS = "systemctl show --property=Id,ActiveState,MainPID,NRestarts mesos-master mesos-agent"


class MesosNode(SystemdNode):
    """The node, and the roles on it."""

    def __init__(self, scratch):
        super().__init__(scratch, "mesosroles", "10.91.31")
        self.cache = scratch / "cache"

    def roles(self, succeed=True, **source):
        """Output of one run of the three roles with a source."""
        principals = {name: PRINCIPALS[name] for name in ("operator", "agent")}
        variables = {"mesos_source": source, "mesos_cache_dir": str(self.cache), "principals": principals}
        return self.play(PLAY, variables, succeed=succeed)

    def offer(self, index):
        """Give the package repository this index."""
        self.run("cat > %s/Packages" % REPOSITORY, index)
        self.run(UPDATE % REPOSITORY)

    def files(self):
        """{path: sha256} of all that the roles install, but the record of the source."""
        pairs = (line.split() for line in self.run(CONTENT).splitlines())
        return {path: checksum for checksum, path in pairs if path != ENGINE and not path.endswith(".configuration")}

    def everything(self):
        """What is installed and runs; equal only if nothing was touched."""
        return self.run(TOUCHED), self.run(RUNS), sorted(path.name for path in self.cache.iterdir())

    def agent(self):
        """The one agent as the master sees it, after a look at both daemons and their commands."""
        assert re.findall("^ActiveState=(.*)", self.run(RUNS), re.MULTILINE) == ["active", "active"]
        versions = self.run("mesos-master --version && mesos-agent --version").splitlines()
        assert versions == ["mesos 1.11.0", "mesos 1.11.0"]
        master = Api(self.address + ":5050", "operator", PRINCIPALS["operator"])
        assert master.get("/version")["version"] == "1.11.0"
        (agent,) = master.get("/slaves")["slaves"]
        assert (agent["active"], agent["hostname"], agent["version"]) == (True, self.address, "1.11.0")
        assert agent["resources"]["ports"] == "[20000-20099]"
        return agent["id"]


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A node without Mesos; it and the large files go at the end."""
    scratch = tmp_path_factory.mktemp("mesosroles")
    made = MesosNode(scratch)
    made.machines("absent")
    try:
        made.machines("present")
        yield made
    finally:
        made.machines("absent")
        shutil.rmtree(scratch)


@pytest.fixture(scope="module")
def archive(node, tmp_path_factory):
    """The source ``archive`` with the right checksum."""
    folder = tmp_path_factory.mktemp("archive")
    made = make_archive(folder)
    checksum = "sha256:" + hashlib.sha256(made.read_bytes()).hexdigest()
    yield {"source": "archive", "url": made.as_uri(), "checksum": checksum}
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def index(node, tmp_path_factory):
    """The index of a package repository whose package is on the node."""
    folder = tmp_path_factory.mktemp("repository")
    made = make_deb(folder)
    with made.open("rb") as package:
        copy = "mkdir -p %s && cat > %s/%s" % (REPOSITORY, REPOSITORY, made.name)
        subprocess.run(node.argv(copy), stdin=package, timeout=60, check=True)
    yield (folder / "Packages").read_text()
    shutil.rmtree(folder)


PACKAGE = {"source": "package", "name": NAME, "version": VERSION}


@pytest.fixture(scope="module")
def from_archive(node, archive):
    """What the archive brought: its files, and the agent's number."""
    node.roles(**archive)
    return node.files(), node.agent()


def test_an_archive_brings_daemons_and_a_second_run_changes_nothing(node, archive, from_archive):
    files, _agent = from_archive
    assert {UNITS % "master", UNITS % "agent", "/usr/sbin/mesos-master", "/usr/sbin/mesos-agent"} <= set(files)
    assert node.run("cat " + ENGINE) == "archive " + archive["checksum"]
    closed = "/etc/mesos/zk /etc/mesos-*/secret/*"
    assert set(node.run("stat --format=%a " + closed).splitlines()) == {"600"}
    before = node.everything()
    assert " changed=0 " in node.roles(**archive)
    assert node.everything() == before


def test_an_archive_with_another_checksum_is_refused(node, archive, from_archive):
    before = node.everything()
    output = node.roles(**{**archive, "checksum": "sha256:" + "0" * 64}, succeed=False)
    assert "NXC-MESO-0008" in output
    assert " changed=0 " in output
    assert node.everything() == before


def test_a_package_with_another_checksum_is_refused(node, index, from_archive):
    node.offer(re.sub("SHA256: .*", "SHA256: " + "0" * 64, index))
    before = node.everything()
    output = node.roles(**PACKAGE, succeed=False)
    assert "NXC-MESO-0009" in output
    assert " changed=0 " in output
    assert node.everything() == before


def test_a_package_brings_the_same_units_and_a_second_run_changes_nothing(node, index, from_archive):
    files, agent = from_archive
    node.offer(index)
    assert " changed=0 " not in node.roles(**PACKAGE)
    assert node.run("cat " + ENGINE) == "package %s %s" % (NAME, VERSION)
    assert node.run("dpkg-query --search /usr/sbin/mesos-master") == NAME + ": /usr/sbin/mesos-master"
    assert node.agent() == agent, "it is registered as who it was"
    assert node.files() == files, "units, commands and configuration are the same to the byte"
    before = node.everything()
    assert " changed=0 " in node.roles(**PACKAGE)
    assert node.everything() == before
