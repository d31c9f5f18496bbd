# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node with a closed registry; taken away at the end."""

from __future__ import annotations

import pytest
from registry_node import Node


@pytest.fixture(scope="session")
def node(tmp_path_factory):
    """A node with registry and engine."""
    node = Node(tmp_path_factory.mktemp("registry"))
    node.machines("absent")
    try:
        node.machines("present")
        node.prepare()
        yield node
    finally:
        node.machines("absent")
