# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of a cloud that works are rotated: nobody is turned away, and after its grace the old value opens nothing."""

from __future__ import annotations

import time

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import moment

from .mesos_view import running_tasks
from .messages import MessageLoop, door, login_of
from .messages import opens as sends
from .secret_values import entry_of, stored
from .test_1_clouds import keystone_loop
from .token_loop import TokenLoop

GRACE = 200  # seconds
# Passwords of queues are rotated first, so what counts for them has to count longer.
GRACE_OF_QUEUES = GRACE + 90
QUEUES = ("-e", '{"rotate_secrets": ["rabbitmq/*"]}')
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


def graces(site) -> dict[str, list[bool]]:
    """By cloud: of each secret that is rotated here, whether it is in its grace."""
    found = {}
    for cloud, prefix in (("dev", "clouds/dev/"), ("qa", "clouds/qa/rabbitmq/")):
        paths = [path for path in stored(site) if path.startswith(prefix) and "#" not in path]
        found[cloud] = [entry_of(site, path).previous_at(now()) is not None for path in paths]
    return found


def rotate(site, cloud: str, grace: int, *more: str):
    """Run the playbook; ``grace`` in seconds."""
    only = QUEUES if cloud == "qa" else ()
    return site.playbook("rotate", "-e", "rotate_cloud=" + cloud, "-e", "rotate_grace=%ds" % grace, *only, *more)


@pytest.fixture(scope="module")
def before(site):
    """Values and accounts before the rotation; none of the secrets is in its grace."""
    for cloud, in_grace in graces(site).items():
        if any(in_grace):
            result = rotate(site, cloud, 0, "-e", "rotate_force=true")
            assert result.rc == 0, result.output
    slots = dict(name.rsplit("_", 1) for name in accounts(site) - {"root_next"})
    values = {account: value(site, name) for account, name in ACCOUNTS.items()}
    return {"slots": slots, "admin": value(site, "keystone/admin_password"), "queues": login_of(site, "qa"), **values}


@pytest.fixture(scope="module")
def rotated(site, before):
    """The rotations under load: their results and the loops."""
    messages = MessageLoop(before["queues"], *door(site, "qa"))
    with messages, token_loop(site, before["admin"]) as dev, keystone_loop(site, "qa") as qa:
        time.sleep(2)
        results = [rotate(site, "qa", GRACE_OF_QUEUES), rotate(site, "dev", GRACE)]
        time.sleep(2)
    return results, (dev, qa, messages)


def test_rotation_turns_nobody_away_and_loses_no_message(rotated):
    results, loops = rotated
    for result in results:
        assert result.rc == 0, result.output
    for loop in loops:
        assert loop.failures == [] and loop.answered > 20


def test_every_value_is_a_new_one_and_works(site, before, rotated):
    for account, name in ACCOUNTS.items():
        assert value(site, name) != before[account]
        assert opens(site, after(before, account), value(site, name))
    assert value(site, "keystone/admin_password") != before["admin"]
    assert site.openstack("dev", "token", "issue")["id"]
    new = login_of(site, "qa")
    assert new[0] != before["queues"][0] and new[1] != before["queues"][1]
    assert sends(new, *door(site, "qa"))


def test_within_the_grace_the_old_accounts_work_and_a_second_run_changes_nothing(site, before, rotated):
    for account in ACCOUNTS:
        assert opens(site, "%s_%s" % (account, before["slots"][account]), before[account])
    assert sends(before["queues"], *door(site, "qa"))
    again = rotate(site, "dev", GRACE)
    assert all(sum(graces(site).values(), [])), "the machine is too slow for this test"
    assert (again.rc, again.total("changed")) == (0, 0), again.output


def test_after_the_grace_the_next_run_takes_the_old_ones_away(site, before, rotated):
    while any(sum(graces(site).values(), [])):
        time.sleep(1)
    messages = MessageLoop(login_of(site, "qa"), *door(site, "qa"))
    with messages, token_loop(site, value(site, "keystone/admin_password")) as loop:
        time.sleep(1)
        result = site.playbook("site")
    assert result.rc == 0 and loop.failures == [] and loop.answered > 5, result.output
    assert messages.failures == [] and messages.answered > 5
    assert accounts(site) == {"root_next", *(after(before, account) for account in ACCOUNTS)}
    for account in ACCOUNTS:
        assert not opens(site, "%s_%s" % (account, before["slots"][account]), before[account])
    assert token_loop(site, before["admin"]).request() == 401
    assert not sends(before["queues"], *door(site, "qa"))
    assert site.playbook("site").total("changed") == 0
