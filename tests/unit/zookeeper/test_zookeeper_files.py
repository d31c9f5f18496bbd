# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files a change of which restarts ZooKeeper, or reloads the TLS before it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

ROLE = Path(__file__).resolve().parents[3] / "roles" / "zookeeper"
PAIR = ["/pair/combined.pem", "/pair/ca.pem"]


def read(servers):
    """By unit, the files that it was started with."""
    known = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))
    environment = NativeEnvironment()

    def value(item, **more):
        return environment.from_string(item).render({**known, **more})

    options = {"zookeeper_pair": "/pair", "zookeeper_servers": [{"id": number} for number in range(servers)]}
    files = [value(item, **options) for item in known["_zookeeper_pair_files"]]
    return {
        unit: value(text, **options, _zookeeper_pair_files=files) for unit, text in known["_zookeeper_read"].items()
    }


@pytest.mark.parametrize(("servers", "own"), [(1, []), (3, PAIR)])
def test_a_renewed_pair_restarts_the_servers_of_an_ensemble_and_no_other(servers, own):
    files = read(servers)
    assert [path for path in files["zookeeper"] if path in PAIR] == own
    assert "/etc/zookeeper/zoo.cfg" in files["zookeeper"]
    assert files["zookeeper-tls"] == ["/etc/zookeeper/tls.conf", *PAIR]
