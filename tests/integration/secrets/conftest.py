# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Places that can hold secrets, each made once and ended with the tests."""

from __future__ import annotations

import pytest
from secret_servers import SERVERS


@pytest.fixture(scope="session")
def secret_servers(tmp_path_factory):
    """``secret_servers("etcd")``: the running server of this kind, started when it is first asked for."""
    running = {}

    def get(kind):
        if kind not in running:
            running[kind] = SERVERS[kind](tmp_path_factory.mktemp(kind))
            running[kind].start()
        return running[kind]

    try:
        yield get
    finally:
        for server in running.values():
            server.stop()


@pytest.fixture(params=["file", *SERVERS])
def place(request, tmp_path, secret_servers):
    """An empty place for secrets of every kind of backend in turn."""
    from secret_places import FilePlace, ServerPlace  # the collection cannot be imported before pytest is configured

    if request.param == "file":
        return FilePlace(tmp_path)
    return ServerPlace(secret_servers(request.param), tmp_path)


@pytest.fixture(params=list(SERVERS))
def server_place(request, tmp_path, secret_servers):
    """An empty place on every kind of server in turn."""
    from secret_places import ServerPlace

    return ServerPlace(secret_servers(request.param), tmp_path)
