# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of a cloud that works are rotated: nobody is turned away, and after its grace the old value opens nothing."""

from __future__ import annotations

import time

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import moment

from .mesos_view import running_tasks
from .secret_values import entry_of, stored
from .test_1_clouds import keystone_loop
from .token_loop import TokenLoop

GRACE = 200  # seconds
ACCOUNTS = {"root": "mariadb/root_password", "keystone": "keystone/database_password"}


def token_loop(site, password: str) -> TokenLoop:
    host = "keystone.dev.%s" % site.spec["domain"]
    port = site.spec["edge"]["port"]
    return TokenLoop(site.address("edge"), port, host, str(site.access_dir / "ca.crt"), password)


def value(site, name: str) -> str:
    return stored(site)["clouds/dev/" + name]


def accounts(site) -> set[str]:
    """Names of the accounts that come by the network, in the database's own words."""
    return set(_sql(site, "SELECT user FROM mysql.user WHERE host = '%'").split())


def _sql(site, statement: str, *login: str) -> str:
    [worker] = site.group("worker")
    task = next(one["id"] for one in running_tasks(site) if (one["cloud"], one["service"]) == ("dev", "mariadb"))
    local = login or ("--socket=/tmp/mysqld.sock", "--user=mysql")
    environment = ["--env=MYSQL_PWD=%s" % login[-1]] if login else []
    words = ["mariadb", "--no-defaults", *local[:2], *(["--protocol=tcp", "--ssl"] if login else [])]
    return site.run(worker, "podman", "exec", *environment, task, *words, "--batch", "--skip-column-names",
                    "--execute", statement, check=False)  # fmt: skip


def opens(site, account: str, password: str) -> bool:
    return _sql(site, "SELECT 1", "--host=127.0.0.1", "--user=" + account, password).strip() == "1"


def after(before, account: str) -> str:
    """The account that the new password has."""
    return "%s_%s" % (account, "ab".replace(before["slots"][account], ""))


def now() -> str:
    return moment(time.time())


def entries(site):
    """All secrets of the cloud, by path."""
    return [entry_of(site, path) for path in stored(site) if path.startswith("clouds/dev/") and "#" not in path]


@pytest.fixture(scope="module")
def before(site):
    """Values and accounts before the rotation; no secret of the cloud is in its grace."""
    if any(entry.previous_at(now()) for entry in entries(site)):
        result = site.playbook("rotate", "-e", "rotate_cloud=dev", "-e", "rotate_grace=0", "-e", "rotate_force=true")
        assert result.rc == 0, result.output
    slots = dict(name.rsplit("_", 1) for name in accounts(site) - {"root_next"})
    values = {account: value(site, name) for account, name in ACCOUNTS.items()}
    return {"slots": slots, "admin": value(site, "keystone/admin_password"), **values}


@pytest.fixture(scope="module")
def rotated(site, before):
    """The rotation under load: its result and the loops."""
    with token_loop(site, before["admin"]) as dev, keystone_loop(site, "qa") as qa:
        time.sleep(2)
        result = site.playbook("rotate", "-e", "rotate_cloud=dev", "-e", "rotate_grace=%ds" % GRACE)
        time.sleep(2)
    return result, dev, qa


def test_rotation_turns_nobody_away(rotated):
    result, dev, qa = rotated
    assert result.rc == 0, result.output
    assert dev.failures == [] and dev.answered > 20
    assert qa.failures == [] and qa.answered > 20


def test_every_value_is_a_new_one_and_works(site, before, rotated):
    for account, name in ACCOUNTS.items():
        assert value(site, name) != before[account]
        assert opens(site, after(before, account), value(site, name))
    assert value(site, "keystone/admin_password") != before["admin"]
    assert site.openstack("dev", "token", "issue")["id"]


def test_within_the_grace_the_old_accounts_work_and_a_second_run_changes_nothing(site, before, rotated):
    for account in ACCOUNTS:
        assert opens(site, "%s_%s" % (account, before["slots"][account]), before[account])
    again = site.playbook("rotate", "-e", "rotate_cloud=dev", "-e", "rotate_grace=%ds" % GRACE)
    assert all(entry.previous_at(now()) for entry in entries(site)), "the machine is too slow for this test"
    assert (again.rc, again.total("changed")) == (0, 0), again.output


def test_after_the_grace_the_next_run_takes_the_old_ones_away(site, before, rotated):
    while any(entry.previous_at(now()) for entry in entries(site)):
        time.sleep(1)
    with token_loop(site, value(site, "keystone/admin_password")) as loop:
        time.sleep(1)
        result = site.playbook("site")
    assert result.rc == 0 and loop.failures == [] and loop.answered > 5, result.output
    assert accounts(site) == {"root_next", *(after(before, account) for account in ACCOUNTS)}
    for account in ACCOUNTS:
        assert not opens(site, "%s_%s" % (account, before["slots"][account]), before[account])
    assert token_loop(site, before["admin"]).request() == 401
    assert site.playbook("site").total("changed") == 0
