# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secret store as processes see it: modes, writers at once, writers that die."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import time

import pytest
from secret_harness import finish, module, start


@pytest.fixture
def store(tmp_path):
    return tmp_path / "state" / "secrets" / "store.json"


def content(store):
    return json.loads(store.read_text())["secrets"]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def rows(*paths, **more):
    return [{"path": path, **more} for path in paths]


def test_generates_once(store):
    wanted = [*rows("clouds/dev/a"), *rows("clouds/dev/f", kind="fernet"), *rows("clouds/dev/h", kind="hex", length=20)]
    first = module("secret", store=str(store), secrets=wanted)
    assert first["changed"] and first["created"] == ["clouds/dev/a", "clouds/dev/f", "clouds/dev/h"]
    before = store.read_bytes()
    assert [len(content(store)[path]["value"]) for path in sorted(content(store))] == [32, 44, 20]
    assert (mode(store), mode(store.parent), mode(store.parent.parent)) == (0o600, 0o700, 0o700)
    second = module("secret", store=str(store), secrets=wanted)
    assert not second["changed"] and second["created"] == [] and store.read_bytes() == before
    third = module("secret", store=str(store), secrets=[*wanted, *rows("clouds/qa/a")])
    assert third["created"] == ["clouds/qa/a"]
    assert {path: row for path, row in content(store).items() if "dev" in path} == json.loads(before)["secrets"]


def test_check_mode_writes_nothing(store):
    forecast = module("secret", store=str(store), secrets=rows("a"), check=True)
    assert forecast["changed"] and forecast["created"] == ["a"] and "a (password)" in forecast["diff"]["after"]
    assert not store.parent.parent.exists()


def test_no_result_holds_a_value(store):
    results = [module("secret", store=str(store), secrets=rows("a", "b"))]
    values = [row["value"] for row in content(store).values()]
    results.append(module("secret", store=str(store), secrets=rows("a"), state="absent"))
    assert results[1]["removed"] == ["a"]
    assert not [value for value in values if value in json.dumps(results)]


def test_modes_are_repaired(store):
    module("secret", store=str(store), secrets=rows("a"))
    store.chmod(0o644)
    store.parent.chmod(0o755)
    forecast = module("secret", store=str(store), secrets=rows("a"), check=True)
    assert forecast["changed"] and mode(store) == 0o644
    assert module("secret", store=str(store), secrets=rows("a"))["changed"]
    assert (mode(store), mode(store.parent)) == (0o600, 0o700)
    assert not module("secret", store=str(store), secrets=rows("a"))["changed"]


def test_absent_takes_a_cloud_and_no_other(store):
    module("secret", store=str(store), secrets=rows("clouds/dev/a", "clouds/dev/b/c", "clouds/dev2/a", "mesos/dev"))
    gone = {"store": str(store), "under": ["clouds/dev"], "secrets": rows("mesos/dev"), "state": "absent"}
    assert module("secret", **gone)["removed"] == ["clouds/dev/a", "clouds/dev/b/c", "mesos/dev"]
    assert list(content(store)) == ["clouds/dev2/a"]
    assert not module("secret", **gone)["changed"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "NXC-SECR-0002"),
        ('{"format": 7}', "NXC-SECR-0003"),
        ('{"format": 1, "secrets": {"a": {}}}', "NXC-SECR-0002"),
    ],
    ids=["json", "format", "entry"],
)
def test_a_store_that_is_not_understood_is_left_alone(store, text, code):
    store.parent.mkdir(parents=True)
    store.write_text(text)
    result = module("secret", store=str(store), secrets=rows("a"))
    assert result["failed"] and result["problems"][0]["code"] == code
    assert store.read_text() == text


def test_writers_at_once_lose_nothing(store):
    batches = [["w%d/s%d" % (writer, number) for number in range(20)] + ["common"] for writer in range(8)]
    writers = [start("secret", store=str(store), secrets=rows(*batch)) for batch in batches]
    results = [finish(writer) for writer in writers]
    assert sorted(content(store)) == sorted({path for batch in batches for path in batch})
    # Every secret was created by exactly one of them, the common one too.
    assert sorted(path for result in results for path in result["created"]) == sorted(content(store))


def test_a_killed_writer_leaves_a_store_that_can_be_read(store):
    """kill -9 at random moments while large stores are written; what was there stays, and no lock remains."""
    module("secret", store=str(store), secrets=rows("keep"))
    kept = content(store)["keep"]
    chance = random.Random(2)
    for attempt in range(8):
        paths = ["a%d/%d" % (attempt, number) for number in range(1500)]
        process = start("secret", store=str(store), secrets=rows(*paths))
        deadline = time.monotonic() + 5
        candidate = store.with_name("store.json.new")
        # Half of them die as soon as the candidate file is there, half at any time.
        while attempt % 2 and not candidate.exists() and process.poll() is None and time.monotonic() < deadline:
            pass
        if not attempt % 2:
            time.sleep(chance.uniform(0.1, 0.4))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        now = content(store)
        assert now["keep"] == kept
        assert len(now) % 1500 == 1
    assert module("secret", store=str(store), secrets=rows("later"))["created"] == ["later"]
    assert [name for name in os.listdir(store.parent) if name.endswith(".new")] == []


def test_a_write_that_ends_in_the_middle_leaves_the_store(store):
    """As on a full disk: no file may grow beyond 2000 bytes."""
    module("secret", store=str(store), secrets=rows("keep"))
    before = store.read_bytes()
    many = rows(*("a%d" % number for number in range(100)))
    result = module("secret", store=str(store), secrets=many, file_size_limit=2000)
    assert result["failed"] and result["problems"][0]["code"] == "NXC-SECR-0013"
    assert store.read_bytes() == before
    assert module("secret", store=str(store), secrets=rows("later"))["created"] == ["later"]
    assert sorted(content(store)) == ["keep", "later"]


def test_secret_files_are_exact(tmp_path):
    folder = tmp_path / "etc" / "clouds" / "dev" / "secrets"
    wanted = {"path": str(folder), "secrets": {"keystone/a": "geheim-eins", "mariadb/b": "geheim-zwei"}}
    forecast = module("secret_files", **wanted, check=True)
    assert forecast["changed"] and not folder.exists()
    first = module("secret_files", **wanted)
    assert first["written"] == ["keystone/a", "mariadb/b"] and "geheim" not in json.dumps([first, forecast])
    assert (folder / "keystone" / "a").read_bytes() == b"geheim-eins"
    assert {mode(path) for path in folder.rglob("*") if path.is_file()} == {0o600}
    assert {mode(path) for path in [folder, *folder.iterdir()]} == {0o700}
    assert not module("secret_files", **wanted)["changed"]

    (folder / "keystone" / "a").chmod(0o644)
    (folder / "extra").mkdir()
    (folder / "extra" / "file").write_text("x")
    (folder / "mariadb" / "b").unlink()
    (folder / "mariadb" / "b").symlink_to("/etc/hostname")
    repaired = module("secret_files", **wanted)
    assert repaired["changed"] and repaired["removed"] == ["extra/file", "mariadb/b", "extra"]
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        "keystone/a",
        "mariadb/b",
    ]
    assert (folder / "mariadb" / "b").read_text() == "geheim-zwei" and not (folder / "mariadb" / "b").is_symlink()
    assert not module("secret_files", **wanted)["changed"]

    assert module("secret_files", path=str(folder), state="absent")["changed"]
    assert not folder.exists() and folder.parent.exists()
    assert not module("secret_files", path=str(folder), state="absent")["changed"]


def test_secret_files_refuse_a_symlink_as_folder(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    result = module("secret_files", path=str(tmp_path / "link"), secrets={"a": "geheim"})
    assert result["failed"] and result["problems"][0]["code"] == "NXC-SECR-0012"
    assert os.listdir(tmp_path / "real") == []
