# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What container-task decides before it touches anything."""

from __future__ import annotations

import json

import pytest

FOLDER = "/run/nextgen.cloud/tasks/x"
SANDBOX = "/var/lib/mesos/sandbox"


def after(words, option):
    """All values of an option."""
    return [words[index + 1] for index, word in enumerate(words) if word == option]


def arguments(container_task, spec):
    return container_task.run_arguments(spec, "7:123:boot", FOLDER, SANDBOX)


def parsed(container_task, spec):
    return container_task.parse(json.dumps(spec), spec.get("task", ""))


def test_defaults_are_filled_in(container_task):
    spec = {"schema": 1, "site": "s", "cloud": "dev", "name": "n", "task": "t", "image": "i", "volumes": None}
    full = container_task.parse(json.dumps(spec), "t")
    assert full["user"] == "0:0"
    assert full["ports"] == full["files"] == full["volumes"] == full["command"] == []
    assert full["stop_grace"] == 10


@pytest.mark.parametrize(
    "change, words",
    [
        ({"schema": 2}, "schema 1"),
        ({"image": None}, "lacks image"),
        ({"site": 5, "cloud": None}, "lacks site, cloud"),
        ({"task": "other"}, "not for"),
        ({"cloud": "../etc"}, "not the name of a cloud"),
        ({"user": "root"}, "uid:gid"),
        ({"user": "1:-1"}, "uid:gid"),
        ({"volumes": [{"name": "x", "path": "/x", "source": "../../x"}]}, "out of the sandbox"),
        ({"volumes": [{"name": "x", "path": "/x", "source": "/x"}]}, "out of the sandbox"),
    ],
)
def test_bad_descriptions_are_refused(container_task, spec, change, words):
    task = spec["task"]
    with pytest.raises(container_task.Failure, match=words) as caught:
        container_task.parse(json.dumps({**spec, **change}), task)
    assert caught.value.code == 78


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"'])
def test_what_is_no_description_is_refused(container_task, text):
    with pytest.raises(container_task.Failure):
        container_task.parse(text, "t")


@pytest.mark.parametrize("task", ["../x", "a/b", "-rm", "", "a\n"])
def test_a_task_id_is_no_path_and_no_option(container_task, spec, task):
    with pytest.raises(container_task.Failure):
        container_task.parse(json.dumps({**spec, "task": task}), task)


def test_tokens_are_replaced_and_nothing_else(container_task):
    text = "mysql://keystone:@secret:keystone/db_password@@mariadb.dev.aio.test/x?a=@secret:x@ me@secret.org"
    asked = []

    def secret(component, name):
        asked.append((component, name))
        return "p\\1@"

    result = container_task.substitute(text, secret)
    assert asked == [("keystone", "db_password")]
    assert result == "mysql://keystone:p\\1@@mariadb.dev.aio.test/x?a=@secret:x@ me@secret.org"


@pytest.mark.parametrize("token", ["@secret:../x@", "@secret:a/../b@", "@secret:a/.b@", "@secret:/a/b@"])
def test_a_token_never_leads_out_of_the_secrets(container_task, token):
    assert container_task.substitute(token, lambda *_names: "x") == token


def test_the_whole_container_in_words_for_podman(container_task, spec):
    words = arguments(container_task, parsed(container_task, spec))
    assert words[:4] == ["run", "--rm", "--name", spec["task"]]
    assert after(words, "--network") == ["nextgen-dev"]
    assert after(words, "--publish") == ["10.77.0.10:20105:5000"]
    assert after(words, "--memory") == ["384m"]
    assert after(words, "--cpu-shares") == ["153"]
    assert after(words, "--user") == ["42425:42425"]
    assert after(words, "--stop-timeout") == ["8"]
    assert after(words, "--volume") == [
        FOLDER + "/files/0:/etc/keystone/keystone.conf:ro",
        FOLDER + "/files/1:/etc/keystone/uwsgi.ini:ro",
        SANDBOX + "/data:/var/lib/data:rw",
    ]
    assert after(words, "--label") == [
        "nextgen.cloud=dev",
        "nextgen.leader=7:123:boot",
        "nextgen.name=keystone",
        "nextgen.site=aio",
        "nextgen.task=dev.keystone.1a2b3c4d.x7f3",
    ]
    assert {"--cap-drop=all", "--security-opt=no-new-privileges", "--log-driver=passthrough"} <= set(words)
    assert words[-4:] == [spec["image"], *spec["command"]]


def test_values_of_the_environment_are_not_in_the_arguments(container_task, spec):
    spec["environment"] = {"PASSWORD": "hunter2"}
    words = arguments(container_task, parsed(container_task, spec))
    assert after(words, "--env") == ["PASSWORD"]
    assert not [word for word in words if "hunter2" in word]


def test_no_limits_without_resources(container_task, spec):
    del spec["resources"]
    words = arguments(container_task, parsed(container_task, spec))
    assert "--memory" not in words
    assert "--cpu-shares" not in words


def test_a_tiny_share_is_still_one_the_kernel_takes(container_task, spec):
    spec["resources"] = {"cpus": 0.001}
    assert after(arguments(container_task, parsed(container_task, spec)), "--cpu-shares") == ["2"]


def container(number, site, leader):
    return {"Id": number, "Labels": {"nextgen.site": site, "nextgen.leader": leader} if site else None}


def test_orphans_are_this_sites_containers_without_a_leader(container_task):
    containers = [
        container("live", "aio", "1:1:b"),
        container("dead", "aio", "2:1:b"),
        container("foreign", "lab", "2:1:b"),
        container("unmarked", "", ""),
    ]
    assert container_task.orphans(containers, "aio", lambda leader: leader == "1:1:b") == ["dead"]
    assert container_task.orphans(containers, "", lambda leader: leader == "1:1:b") == ["dead", "foreign"]


def test_a_leader_is_a_process_and_not_its_number(container_task):
    import os

    leader = container_task.leader_of(os.getpid())
    pid, start, boot = leader.split(":")
    assert container_task.leads(leader)
    assert not container_task.leads("%s:%d:%s" % (pid, int(start) - 1, boot)), "same number, another process"
    assert not container_task.leads("%s:%s:%s" % (pid, start, "00000000")), "same number and time, another boot"
    assert not container_task.leads("")
    assert not container_task.leads("x:1:y")


def test_a_process_that_has_ended_leads_nothing(container_task):
    import subprocess

    with subprocess.Popen(["sleep", "60"]) as process:
        leader = container_task.leader_of(process.pid)
        assert container_task.leads(leader)
        process.kill()
        while container_task.started(process.pid):  # a zombie already counts as gone
            pass
        assert not container_task.leads(leader)


@pytest.mark.parametrize("status, code", [(0, 0), (7, 7), (-9, 137), (-15, 143)])
def test_exit_codes(container_task, status, code):
    assert container_task.exit_code(status) == code


@pytest.mark.parametrize(
    "path",
    ["/", "/var/lib/mesos", "relative/frameworks/x/y/z", "/var/lib/mesos/frameworks", "/a/frameworks/x/../../../etc"],
)
def test_only_the_folder_of_a_framework_can_be_removed(container_task, path):
    with pytest.raises(SystemExit):
        container_task.arguments(["--destroy", "dev", "--remove", path])


def test_the_sandbox_of_a_framework_can_be_removed(container_task):
    path = "/var/lib/mesos/slaves/S0/frameworks/dev-1a2b3c4d"
    assert container_task.arguments(["--destroy", "dev", "--remove", path + "/"]).remove == [path]


def test_an_ended_tasks_folder_is_abandoned(container_task, tmp_path):
    owner = {"site": "aio", "leader": "0:0:x"}
    assert container_task.abandoned(str(tmp_path), owner, "aio")
    assert container_task.abandoned(str(tmp_path), owner, "")
    assert not container_task.abandoned(str(tmp_path), owner, "lab")
    assert not container_task.abandoned(str(tmp_path), {}, "aio"), "somebody is just making it"
    assert not container_task.abandoned(str(tmp_path / "gone"), {}, "aio")
