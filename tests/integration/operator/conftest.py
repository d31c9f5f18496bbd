# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud on the shared cluster, taken away after each test."""

from __future__ import annotations

import pytest
from cloud_site import Site


@pytest.fixture
def site(mesos_cluster, zookeeper_server, tmp_path):
    site = Site(mesos_cluster, zookeeper_server.address, tmp_path)
    yield site
    for cloud in ("dev", "qa"):
        site.deploy(None, cloud)
