# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the door lets through: the whole of what a cloud may want, and nothing beside it."""

from __future__ import annotations

import os

import pytest

TASK = "dev.keystone.1a2b3c4d.x7f3"
OWNER = {"cloud": "dev", "ports": [20000, 20999]}
WORKER = {"site": "aio", "registry": "registry.aio.test:5000", "address": "10.77.0.10", "work_dir": "/w"}
PORT = {"container": 5000, "host": 20105, "address": "10.77.0.10"}
NAN = float("nan")


def nobody(_kind, _number):
    return False


def through(door, spec, known=nobody):
    return door.checked(spec, TASK, OWNER, WORKER, known)


def test_what_the_operators_say_goes_through(container_door, spec):
    passed = through(container_door, spec)
    assert "kind" not in passed, "only what is known"
    same = ("schema", "site", "cloud", "task", "name", "image", "user", "command", "environment", "resources", "files")
    assert {key: passed[key] for key in same} == {key: spec[key] for key in same}
    assert passed["ports"] == [PORT]
    assert passed["volumes"] == [{"path": "/var/lib/data", "source": "data"}]
    assert passed["stop_grace"] == 8


def test_what_comes_out_is_what_container_task_takes(container_door, container_task, spec):
    container_task.run_arguments(container_task.parse(container_door.json.dumps(through(container_door, spec)), TASK),
                                 "1:2:3", "/run/x", "/w/volumes")  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"cloud": "qa"},
        {"site": "lab"},
        {"task": "qa.keystone.1.2"},
        {"task": TASK + "x"},
        {"name": "--privileged=true x"},
        {"name": ""},
        {"name": "x" * 64},
        {"image": "docker.io/library/debian:12"},
        {"image": "registry.aio.test:5000"},
        {"image": "registry.aio.test:5000/../../x:1"},
        {"image": "registry.aio.test:5000/x:1 --privileged"},
        {"image": "registry.aio.test:5000/x"},
        {"image": "registryXaio.test:5000/x:1"},
        {"image": "registry.aio.test:5000@evil.test/x:1"},
        {"user": "0:0"},
        {"user": "42425:0"},
        {"user": "root"},
        {"user": None},
        {"user": "1:2:3"},
        {"user": "-1:5"},
        {"command": "sh -c x"},
        {"command": [1]},
        {"command": ["a\0b"]},
        {"environment": ["A=1"]},
        {"environment": {"A=B": "1"}},
        {"environment": {"A*": "1"}},
        {"environment": {"": "1"}},
        {"environment": {"A\nLD_PRELOAD": "1"}},
        {"ports": [{**PORT, "address": "0.0.0.0"}]},
        {"ports": [{**PORT, "address": "127.0.0.1"}]},
        {"ports": [{**PORT, "host": 21000}]},
        {"ports": [{**PORT, "host": 19999}]},
        {"ports": [{**PORT, "host": True}]},
        {"ports": [{**PORT, "host": 20105.5}]},
        {"ports": [{**PORT, "container": 0}]},
        {"ports": [{**PORT, "container": "80/udp"}]},
        {"ports": {"a": PORT}},
        {"ports": ["20105"]},
        {"files": [{"path": "relative", "content": ""}]},
        {"files": [{"path": "/x:rw", "content": ""}]},
        {"files": [{"path": "/x,U", "content": ""}]},
        {"files": [{"path": "/../x", "content": ""}]},
        {"files": [{"path": "/x\n", "content": ""}]},
        {"files": [{"path": "/x", "content": "", "mode": "4755"}]},
        {"files": [{"path": "/x", "content": "", "mode": 493}]},
        {"files": [{"path": "/x"}]},
        {"volumes": [{"source": "../x", "path": "/x"}]},
        {"volumes": [{"source": "/etc", "path": "/x"}]},
        {"volumes": [{"source": ".", "path": "/x"}]},
        {"volumes": [{"source": "a/b", "path": "/x"}]},
        {"volumes": [{"source": "data", "path": "/x:exec"}]},
        {"volumes": [{"source": "data:/y", "path": "/x"}]},
        {"resources": {}},
        {"resources": {"mem": 0}},
        {"resources": {"mem": "64"}},
        {"resources": {"mem": NAN}},
        {"resources": {"mem": 64, "cpus": float("inf")}},
        {"resources": {"mem": 64, "cpus": -1}},
        {"resources": None},
        {"stop_grace": "1"},
        {"stop_grace": -1},
    ],
    ids=str,
)
def test_what_else_is_said_does_not(container_door, spec, change):
    with pytest.raises(container_door.Refusal):
        through(container_door, {**spec, **change})


def test_a_description_is_a_mapping(container_door):
    for spec in (None, [], "x", 1, {}):
        with pytest.raises(container_door.Refusal):
            through(container_door, spec)


@pytest.mark.parametrize(("kind", "number"), [("user", 42425), ("group", 42425)])
def test_a_user_whom_the_worker_knows_is_refused(container_door, spec, kind, number):
    with pytest.raises(container_door.Refusal, match="42425"):
        through(container_door, spec, lambda *asked: asked == (kind, number))


@pytest.mark.parametrize("task", ["qa.x", "dev", "devx.y", "-dev.x", ".dev.x", "dev.x/../y", "dev.x y", None, 1])
def test_tasks_begin_with_their_cloud(container_door, task):
    with pytest.raises(container_door.Refusal):
        container_door.belongs(task, "dev")


RUN = "/w/slaves/S0/frameworks/dev-1/executors/%s/runs/7" % TASK


def test_the_sandbox_is_that_of_the_task(container_door):
    assert container_door.below(RUN, "/w", TASK)[5] == TASK
    wrong = [
        RUN + "/", RUN + "/x", RUN.replace("/w/", "/v/"), RUN.replace(TASK, "dev.other"), RUN.replace("S0", ".."),
        RUN.replace("slaves", "meta"), "/w", "", None, "slaves/S0", RUN.replace("/7", "/."),
    ]  # fmt: skip
    for sandbox in wrong:
        with pytest.raises(container_door.Refusal):
            container_door.below(sandbox, "/w", TASK)


@pytest.fixture
def work(tmp_path):
    """A sandbox and two volumes of the cloud, one of another."""
    sandbox, own = tmp_path / RUN[3:], tmp_path / "volumes/roles/dev"
    sandbox.mkdir(parents=True)
    for folder in (own / "one", own / "two", tmp_path / "volumes/roles/qa/theirs"):
        folder.mkdir(parents=True)
    (own / "file").touch()
    (own / "link").symlink_to("../qa/theirs")
    return tmp_path


def found(door, work, target):
    sandbox = work / RUN[3:]
    (sandbox / "data").symlink_to(target)
    descriptor = os.open(sandbox, os.O_PATH)
    try:
        volumes = door.found_volumes([{"source": "data", "path": "/x"}], descriptor, str(work / "volumes/roles/dev"))
        return [volume["source"] for volume in volumes]
    finally:
        os.close(descriptor)


def test_a_volume_is_found_by_what_the_sandbox_leads_to(container_door, work):
    assert found(container_door, work, work / "volumes/roles/dev/two") == ["two"]


@pytest.mark.parametrize(
    "target",
    ["/etc", "nowhere", "volumes/roles/qa/theirs", "volumes/roles/dev/file", "volumes/roles/dev/link",
     "volumes/roles/dev", "volumes/roles/dev/one/deeper"],
)  # fmt: skip
def test_what_is_no_volume_of_the_cloud_is_refused(container_door, work, target):
    (work / "volumes/roles/dev/one/deeper").mkdir()
    with pytest.raises(container_door.Refusal):
        found(container_door, work, work / target)


def test_a_sandbox_has_nobody_elses_folder_on_the_way(container_door, work):
    sandbox = str(work / RUN[3:])
    os.close(container_door.opened(sandbox, str(work), TASK, os.getuid()))
    with pytest.raises(container_door.Refusal, match="of this user"):
        container_door.opened(sandbox, str(work), TASK, os.getuid() + 1)
    (work / "elsewhere").symlink_to(work / "slaves")
    (work / "slaves/S1").symlink_to("S0")
    with pytest.raises(container_door.Refusal, match="no sandbox"):
        container_door.opened(sandbox.replace("S0", "S1"), str(work), TASK, os.getuid())
