# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a running edge and servers to put behind it."""

from __future__ import annotations

import os
import shutil

import pytest
from edge_harness import Edge, Server


@pytest.fixture
def edge(tmp_path):
    if not shutil.which("haproxy", path="/usr/sbin:/usr/bin"):
        pytest.fail("haproxy is not installed")
    os.chmod(tmp_path, 0o755)
    one = Edge(tmp_path)
    one.certificate("dev")
    one.certificate("qa")
    one.start()
    yield one
    one.stop()


@pytest.fixture
def server():
    """Make HTTP servers by name; they end with the test."""
    made = []

    def make(name: str, protocol: str = "HTTP/1.1") -> Server:
        made.append(Server(name, protocol))
        return made[-1]

    yield make
    for one in made:
        one.close()
