# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node with everything the tests need; taken away at the end."""

from __future__ import annotations

import pytest
from engine_node import REGISTRY, Node
from site_registry import Authority, lay_pair


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    """A systemd node with nothing of ours on it."""
    node = Node(tmp_path_factory.mktemp("engine"))
    node.machines("absent")
    try:
        node.machines("present")
        yield node
    finally:
        node.machines("absent")


@pytest.fixture(scope="session")
def node(machine):
    """The node with registry, image and engine; a killed build before has left its mess."""
    machine.run(
        "mkdir -p /var/lib/containers/nextgen-images/storage/overlay/x && cd /var/lib/containers/nextgen-images && "
        "mount -t tmpfs mess storage/overlay/x && echo half > storage/overlay/x/file && echo half > contexts"
    )
    lay_pair(machine, Authority(), REGISTRY.partition(":")[0])
    machine.services()
    return machine


@pytest.fixture(autouse=True)
def nothing_stays(request):
    """Every test ends what it began."""
    yield
    if "node" in request.fixturenames:
        assert request.getfixturevalue("node").left() == []
