# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What container-task decides before it touches anything."""

from __future__ import annotations

import json
import os
import stat
import subprocess

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

    def read(token):
        asked.append(token)
        return "p\\1@"

    result = container_task.substitute(text, read)
    assert asked == ["secret:keystone/db_password"]
    assert result == "mysql://keystone:p\\1@@mariadb.dev.aio.test/x?a=@secret:x@ me@secret.org"


BAD_TOKENS = [
    *("@secret:../x@", "@secret:a/../b@", "@secret:a/.b@", "@secret:/a/b@"),
    *("@certificate:a/../key@", "@certificate:a/b@", "@certificate:a/b/../key@", "@certificate:a/b/x@", "@trust/x@"),
]


@pytest.mark.parametrize("token", BAD_TOKENS)
def test_a_token_never_leads_out_of_the_secrets(container_task, token):
    assert container_task.substitute(token, lambda _token: "x") == token


@pytest.mark.parametrize(
    "token, place, closed",
    [
        ("@secret:keystone/password@", "secrets/keystone/password", True),
        ("@secret:keystone/password.previous@", "secrets/keystone/password.previous", True),
        ("@secret:keystone/password.previous_hash@", "secrets/keystone/password.previous_hash", True),
        ("@secret:keystone/password.slot@", "secrets/keystone/password.slot", False),
        ("@secret:keystone/key.public@", "secrets/keystone/key.public", False),
        ("@certificate:mariadb/server/key@", "certificates/mariadb/server/key.pem", True),
        ("@certificate:mariadb/server/combined@", "certificates/mariadb/server/combined.pem", True),
        ("@certificate:mariadb/server/cert@", "certificates/mariadb/server/cert.pem", False),
        ("@certificate:mariadb/server/ca@", "certificates/mariadb/server/ca.pem", False),
        ("@trust@", "certificates/ca.pem", False),
    ],
)
def test_tokens_lead_to_files_and_close_the_files_they_are_in(container_task, token, place, closed):
    assert container_task.substitute("<%s>" % token, container_task.place_of) == "<%s>" % place
    for mode, narrow in (("0444", 0o440), ("0777", 0o750), ("0400", 0o400)):
        file = {"mode": mode, "content": "a @trust@ %s" % token}
        assert container_task.mode_of(file) == (narrow if closed else int(mode, 8))


def test_values_are_read_with_their_parts(container_task, tmp_path, monkeypatch):
    monkeypatch.setattr(container_task, "CLOUDS", str(tmp_path))
    (tmp_path / "dev" / "secrets" / "a").mkdir(parents=True)
    (tmp_path / "dev" / "secrets" / "a" / "b").write_bytes(b"one\r\n")
    (tmp_path / "dev" / "secrets" / "a" / "b.slot").write_text("b")
    (tmp_path / "dev" / "secrets" / "a" / "bad").write_bytes(b"\xff")
    read = container_task.reader("dev")
    assert container_task.substitute("@secret:a/b@@secret:a/b.slot@", read) == "one\r\nb"
    for token, words in (("a/b.previous", "No such file"), ("a/bad", "not UTF-8")):
        with pytest.raises(container_task.Failure, match="^secret %s of cloud dev: .*%s" % (token, words)):
            container_task.substitute("@secret:%s@" % token, read)
    with pytest.raises(container_task.Failure, match="^certificate a/b/key of cloud dev"):
        container_task.substitute("@certificate:a/b/key@", read)


def test_a_pair_that_is_renewed_is_not_read_by_halves(container_task, tmp_path, monkeypatch):
    monkeypatch.setattr(container_task, "CLOUDS", str(tmp_path))
    pairs = tmp_path / "dev" / "certificates" / "a"
    for version in ("1", "2"):
        (pairs / version).mkdir(parents=True)
        for name in ("key", "cert"):
            (pairs / version / (name + ".pem")).write_text(name + version)
    (pairs / "b").symlink_to("1")
    read = container_task.reader("dev")
    assert read("certificate:a/b/key") == "key1"
    (pairs / "b").unlink()
    (pairs / "b").symlink_to("2")
    assert read("certificate:a/b/cert") == "cert1"
    assert container_task.reader("dev")("certificate:a/b/cert") == "cert2"


MOUNTS = """\
24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
25 24 0:22 / /run rw,nosuid - tmpfs tmpfs rw
26 25 8:2 / /run/nextgen.cloud/tasks rw - ext4 /dev/sdb1 rw
27 24 0:23 / /runner rw - xfs x rw
"""


@pytest.mark.parametrize(
    "path, kind",
    [("/run/nextgen.cloud", "tmpfs"), ("/run/nextgen.cloud/tasks", "ext4"), ("/var/run", "ext4"), ("/running", "ext4")],
)
def test_the_file_system_of_a_path_is_told(container_task, path, kind):
    assert container_task.file_system(MOUNTS, path) == kind
    over = MOUNTS + "28 24 8:3 / /run rw - btrfs /dev/sdc rw\n"
    assert container_task.file_system(over, "/run/nextgen.cloud") == "btrfs", "what was mounted last is seen"


def test_no_secret_is_written_to_a_disk(container_task, spec, monkeypatch):
    monkeypatch.setattr(container_task, "RUN", "/proc")
    container_task.must_be_memory(spec)
    spec["files"][0]["content"] = "@trust@"
    container_task.must_be_memory(spec)
    for change in ({"files": [{"path": "/x", "content": "@secret:a/b@"}]}, {"environment": {"A": "@secret:a/b@"}}):
        with pytest.raises(container_task.Failure, match="/proc is on proc, not in memory"):
            container_task.must_be_memory({**spec, **change})


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
        SANDBOX + "/data/.nextgen/data:/var/lib/data:rw",
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
    assert after(words, "--env-file") == [FOLDER + "/environment"]
    assert not [word for word in words if "hunter2" in word]


def test_variables_with_secrets_come_by_a_file_that_a_shell_reads(container_task, spec):
    spec["environment"] = {"LEVEL": "9", "KEY": "@secret:a/b@", "SLOT": "x_@secret:a/b.slot@"}
    words = arguments(container_task, parsed(container_task, spec))
    assert after(words, "--env-file") == [FOLDER + "/environment"]
    assert after(words, "--volume")[-1] == FOLDER + "/variables:/run/nextgen-variables:ro"
    shell = ["/bin/sh", "-c", '. /run/nextgen-variables && exec "$@"', "sh"]
    assert words[-8:] == [spec["image"], *shell, *spec["command"]]
    with pytest.raises(container_task.Failure, match="need a command"):
        parsed(container_task, {**spec, "command": []})


@pytest.mark.parametrize("value", ["plain", "two\nlines\n", "'quo\"ted' $HOME `id` \\", "", " "])
def test_a_shell_reads_what_was_written(container_task, value, tmp_path):
    (tmp_path / "variables").write_text(container_task.shell_variables({"A": value, "B": "b"}))
    shell = ["/bin/sh", "-c", '. %s && exec "$@"' % (tmp_path / "variables"), "sh"]
    told = subprocess.run([*shell, "printenv", "-0", "A", "B"], capture_output=True, text=True, check=True)
    assert told.stdout == "%s\0b\0" % value


@pytest.fixture
def volume(spec, tmp_path):
    """A volume of a container whose user runs this test, in a sandbox."""
    spec["user"] = "%d:%d" % (os.geteuid(), os.getegid())
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_a_container_gets_a_folder_in_its_volume_and_keeps_what_is_there(container_task, spec, volume):
    for _start in range(2):
        container_task.own_volumes(spec, str(volume.parent))
        inside = volume / ".nextgen/data"
        assert stat.S_IMODE((volume / ".nextgen").stat().st_mode) == 0o700
        assert inside.is_dir() and stat.S_IMODE(inside.stat().st_mode) & 0o007 == 0
        (inside / "file").write_text("kept")
        # What is beside it is not the container's and stays.
        (volume / "lost+found").mkdir(exist_ok=True)
    assert (inside / "file").read_text() == "kept"
    assert [path.name for path in (volume / ".nextgen").iterdir()] == ["data"]


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_what_was_written_before_there_was_that_folder_moves_into_it(container_task, spec, volume, moved):
    """Also where a move was killed after some of it."""
    moving = volume / ".nextgen/moving"
    for number, name in enumerate(("ibdata1", "keystone")):
        place = moving if number < moved else volume
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(name)
    if moved:
        (volume / ".nextgen").chmod(0o700)
    container_task.own_volumes(spec, str(volume.parent))
    assert sorted(path.name for path in (volume / ".nextgen/data").iterdir()) == ["ibdata1", "keystone"]
    assert [path.name for path in volume.iterdir()] == [".nextgen"]


def test_a_folder_of_that_name_that_a_container_put_there_is_refused(container_task, spec, volume, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (volume / ".nextgen").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(container_task.Failure, match="is not of this program"):
        container_task.own_volumes(spec, str(volume.parent))
    assert list((tmp_path / "elsewhere").iterdir()) == []


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


def test_podman_finds_the_account_of_the_registry_and_nothing_that_the_container_wants(container_task):
    assert container_task.ENVIRONMENT["REGISTRY_AUTH_FILE"] == "/etc/nextgen.cloud/registry.json"
    assert set(container_task.ENVIRONMENT) == {"PATH", "HOME", "REGISTRY_AUTH_FILE"}


def test_variables_of_more_than_one_line_come_by_the_file_that_a_shell_reads(container_task, spec):
    spec["environment"] = {"ONE": "a b", "TWO": "a\nb", "THREE": "a\rLD_PRELOAD=x"}
    assert container_task.shell_read(spec) == ["THREE", "TWO"]


def test_a_container_of_others_is_not_replaced(container_task, spec):
    def there(**labels):
        return [{"Names": ["x", spec["task"]], "Labels": labels or None}]

    container_task.not_of_others(spec, [{"Names": ["other"], "Labels": None}])
    container_task.not_of_others(spec, there(**{"nextgen.cloud": "dev"}))
    for labels in ({"nextgen.cloud": "qa"}, {}):
        with pytest.raises(container_task.Failure, match="not of cloud dev"):
            container_task.not_of_others(spec, there(**labels))
