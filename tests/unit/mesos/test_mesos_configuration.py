# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module that keeps the files of a daemon."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.modules import mesos_configuration as configuration


@pytest.fixture
def run(tmp_path, monkeypatch):
    for name in ("ETC", "ENGINE", "UNIT", "RUNNING"):
        path = {"ETC": "etc", "ENGINE": "engine", "UNIT": "unit-%s", "RUNNING": "running-%s"}[name]
        monkeypatch.setattr(configuration, name, str(tmp_path / path))

    def call(check=False, **changes):
        params = {
            "daemon": "master", "zookeeper": "zk://a/mesos", "flags": {"quorum": 2, "authenticate_agents": True},
            "clouds": ["dev"], "secrets": {"credentials.json": "hush"}, "generated": ["key"],
            "work_dir": str(tmp_path / "work"), **changes,
        }  # fmt: skip
        results = []
        module = SimpleNamespace(
            params=params, check_mode=check, exit_json=lambda **result: results.append(result),
        )  # fmt: skip
        configuration.run(module)
        return results[0]

    call.etc, call.base = tmp_path / "etc", tmp_path
    return call


def test_files_are_written_once_and_then_left_alone(run):
    first = run()
    assert first["changed"] and not first["running"]
    assert (run.etc / "mesos-master/authenticate_agents").read_text() == "true\n"
    assert (run.etc / "mesos/zk").read_text() == "zk://a/mesos\n"
    assert (run.etc / "mesos/zk").stat().st_mode & 0o777 == 0o600
    assert (run.etc / "mesos-master/secret").stat().st_mode & 0o777 == 0o700
    assert (run.etc / "mesos-master/secret/credentials.json").stat().st_mode & 0o777 == 0o600
    assert len((run.etc / "mesos-master/secret/key").read_text()) == 64
    assert (run.base / "work").is_dir()
    key = (run.etc / "mesos-master/secret/key").read_text()
    assert not run()["changed"]
    assert (run.etc / "mesos-master/secret/key").read_text() == key


def test_flags_that_are_not_given_are_removed(run):
    run()
    result = run(flags={"quorum": 2})
    assert result["removed"] == ["mesos-master/authenticate_agents"]
    assert not (run.etc / "mesos-master/authenticate_agents").exists()


def test_check_mode_says_the_same_and_writes_nothing(run):
    assert run(check=True)["written"] == list(run()["written"])
    run(check=True, flags={})
    assert (run.etc / "mesos-master/quorum").exists()


def test_check_mode_on_a_fresh_node_writes_nothing(run):
    assert run(check=True)["changed"]
    assert list(run.base.iterdir()) == []


def test_the_diff_never_shows_a_secret(run):
    text = json.dumps(run())
    assert "hush" not in text and "(secret)" in text
    assert "hush" not in json.dumps(run(secrets={"credentials.json": "hush2"}))


def test_a_restart_is_due_until_the_daemon_runs_with_this_configuration(run):
    run()
    record = (run.etc / "mesos-master/.configuration").read_text()
    assert not run()["running"]
    (run.base / "running-master").write_text(record)
    assert run()["running"]
    for path in ("engine", "unit-master"):
        (run.base / path).write_text("new")
        changed = run()
        assert changed["changed"] and not changed["running"]
        (run.base / "running-master").write_text((run.etc / "mesos-master/.configuration").read_text())
        assert run()["running"]
    assert not run(secrets={"credentials.json": "other"})["running"]


@pytest.mark.parametrize("name", ["../x", "Quorum", "?flag", ".hidden", "a/b", ""])
def test_names_that_are_no_flags_are_refused(run, name):
    with pytest.raises(CloudError, match="NXC-MESO-0006"):
        run(flags={name: 1})
    assert list(run.base.iterdir()) == []


@pytest.mark.parametrize("path", ["mesos/zk", "mesos-master/secret/credentials.json"])
def test_what_others_may_read_is_written_anew_and_never_shown(run, path):
    run(zookeeper="zk://mesos:hush@a/mesos")
    (run.etc / path).chmod(0o644)
    result = run(zookeeper="zk://mesos:hush@a/mesos")
    assert (result["changed"], result["written"]) == (True, [path])
    assert (run.etc / path).stat().st_mode & 0o777 == 0o600
    assert "hush" not in str(result["diff"])
