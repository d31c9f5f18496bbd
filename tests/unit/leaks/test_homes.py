# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a secret may be, and what is wrong with a file that holds one."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.tests.acceptance.homes import ACCESS, CONTROLLER, NODE, ajar, leaks

DEV, QA = "clouds/dev/mariadb/root_password", "clouds/qa/mariadb/root_password"
KEY = "key:/etc/nextgen.cloud/clouds/dev/certificates/mariadb/server/key.pem"


def hit(place, secret, kind="file", mode=0o600, folder_mode=0o700, owner="root"):
    return {"kind": kind, "place": place, "secret": secret, "mode": mode, "folder_mode": folder_mode, "owner": owner}


@pytest.mark.parametrize(
    ("place", "secret"),
    [
        ("/etc/nextgen.cloud/clouds/dev/secrets/mariadb/root_password", DEV),
        ("/etc/nextgen.cloud/clouds/dev/secrets/mariadb/root_password.previous", DEV + "#previous"),
        ("/run/nextgen.cloud/tasks/dev.mariadb.a94a89c0.8baf8b/files/2", DEV),
        ("/run/nextgen.cloud/tasks/dev.mariadb.a94a89c0.8baf8b/files/2", KEY),
        (KEY.partition(":")[2], KEY),
        ("/etc/mesos-master/secret/credentials.json", "mesos/principals/dev"),
        ("/etc/mesos-agent/secret/credential.json", "mesos/principals/agent"),
    ],
)
def test_a_secret_is_no_leak_at_home(place, secret):
    assert leaks([hit(place, secret)], NODE) == []


@pytest.mark.parametrize(
    ("place", "secret"),
    [
        ("/etc/nextgen.cloud/clouds/dev/secrets/mariadb/root_password", QA),
        ("/run/nextgen.cloud/tasks/dev.mariadb.a94a89c0.8baf8b/files/2", QA),
        ("/run/nextgen.cloud/tasks/dev.mariadb.a94a89c0.8baf8b/owner.json", DEV),
        ("/etc/mesos-agent/secret/http-credentials.json", "mesos/principals/dev"),
        ("/etc/mesos-master/secret/credentials.json", DEV),
        ("/etc/haproxy/haproxy.cfg", DEV),
        ("/var/log/syslog", DEV),
    ],
)
def test_a_secret_is_a_leak_elsewhere(place, secret):
    assert leaks([hit(place, secret)], NODE) == [hit(place, secret)]


@pytest.mark.parametrize("kind", ["journal", "cmdline", "environ", "layer", "mesos", "zookeeper", "output"])
def test_nothing_but_a_file_is_a_home(kind):
    place = "/etc/nextgen.cloud/clouds/dev/secrets/mariadb/root_password"
    assert leaks([hit(place, DEV, kind)], NODE) == [hit(place, DEV, kind)]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"mode": 0o400}, None),
        ({"mode": 0o640}, "mode 0640"),
        ({"mode": 0o604}, "mode 0604"),
        ({"mode": 0o700}, "mode 0700"),
        ({"folder_mode": 0o755}, None),
        ({"folder_mode": 0o1777}, None),
        ({"folder_mode": 0o777}, "folder 0777"),
        ({"owner": "nobody"}, "owner nobody"),
    ],
)
def test_a_home_is_for_its_owner_only(change, fault):
    found = ajar([hit("/etc/nextgen.cloud/clouds/dev/secrets/mariadb/root_password", DEV, **change)], NODE)
    assert [one["fault"] for one in found] == ([fault] if fault else [])


def test_the_controller_has_homes_too():
    homes = [*CONTROLLER, *ACCESS]
    assert leaks([hit("secrets/store.json", DEV), hit("ssh/id_ed25519", "file:ssh/id_ed25519")], homes) == []
    assert leaks([hit("access:clouds.yaml", "clouds/dev/keystone/admin_password")], homes) == []
    for place, secret in (("access:clouds.yaml", DEV), ("access:logs/run.log", DEV), ("manifests/dev/job.yml", DEV)):
        assert leaks([hit(place, secret)], homes) == [hit(place, secret)]
