# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node image, and the module on a site that exists for these tests only."""

from __future__ import annotations

import pytest
from nodes_runner import IMAGE_PLAY, Nodes, play
from systemd_node import image_maker


@pytest.fixture(scope="session")
def image_folder(tmp_path_factory):
    """A folder where a play has left the image's name, after building the image if it was not there."""
    folder = tmp_path_factory.mktemp("image")
    with image_maker():
        play(folder, IMAGE_PLAY, "-e", "reference_file=%s" % (folder / "reference"))
    return folder


@pytest.fixture(scope="session")
def node_image(image_folder):
    """The name of the node image."""
    return (image_folder / "reference").read_text()


@pytest.fixture(scope="module")
def nodes(node_image, tmp_path_factory):
    """The module on a site that does not exist before and after; what an earlier killed test left is taken over."""
    scratch = tmp_path_factory.mktemp("nodes")
    runner = Nodes(node_image, scratch / "state", scratch)
    runner.ok(state="absent", adopt=True)
    yield runner
    runner.ok(state="absent", adopt=True)
