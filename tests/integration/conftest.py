# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures with real processes: a Mesos cluster, a ZooKeeper server. Which tests run in one process."""

from __future__ import annotations

import shutil

import pytest
from mesos_cluster import Cluster, ZooKeeper, open_folder

# Both start tasks on the same ports.
TOGETHER = {"operator": "mesos"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """What is in one folder shares nodes, servers and ports, so two processes never have tests of it at once."""
    from xdist.scheduler import LoadScopeScheduling  # only where there are several processes

    class ByFolder(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            folder = nodeid.partition("::")[0].rpartition("/")[0].rpartition("/")[2]
            return TOGETHER.get(folder, folder)

    return ByFolder(config, log)


@pytest.fixture(scope="session")
def zookeeper_server(tmp_path_factory):
    """A ZooKeeper server; ``.address`` is "host:port"."""
    server = ZooKeeper(tmp_path_factory.mktemp("zookeeper"))
    try:
        yield server.start()
    finally:
        server.daemon.kill()


@pytest.fixture(scope="session")
def mesos_factory():
    """Make clusters: ``mesos_factory(auth=True, zookeeper=None, masters=1)``; all are stopped at the end."""
    made = []

    def make(**options) -> Cluster:
        made.append(Cluster(open_folder(), **options))
        return made[-1]

    try:
        yield make
    finally:
        for cluster in made:
            cluster.stop()
            shutil.rmtree(cluster.base, ignore_errors=True)


@pytest.fixture
def open_path():
    """A folder where tasks of clouds may read and write."""
    folder = open_folder()
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def mesos_cluster(mesos_factory):
    """One master and one agent (8 cpus, 8192 MB, disk 10240, ports 20000-20999) with authentication and ACLs.

    Principals: operator, agent, and the clouds dev and qa; secrets in ``mesos_cluster.principals``.
    """
    return mesos_factory().start()
