# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the processes of a run speak to; how they do is tested with real ones."""

from __future__ import annotations

import contextlib
import socket

import pytest
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import run_cache


@pytest.mark.parametrize(("mode", "reached"), [(0o700, True), (0o755, False), (0o770, False), (0o707, False)])
def test_a_socket_in_a_folder_that_others_may_enter_is_not_used(tmp_path, monkeypatch, mode, reached):
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind("socket")
        listener.listen(1)
        folder.chmod(mode)
        link = run_cache._connect(str(folder))
        assert (link is not None) == reached
        if link:
            link.close()
