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
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.file import FileBackend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource
from secret_harness import module, writer

MANY = 200


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def content(folder):
    """Path -> (number of the current version, its value)."""
    backend = FileBackend(str(folder / "state" / "secrets" / "store.json"), PasswordSource())
    return {
        path: (stored.entry.current.number, stored.entry.current.value) for path, stored in backend.read(None).items()
    }


def end(process):
    """What a writer printed; fails if it did."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.split()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_writers_at_once_lose_nothing(folder):
    """Each one makes its own secrets, one call after the other, and all want a common one."""
    batches = [["w%d/s%d,common" % (number, count) for count in range(20)] for number in range(8)]
    created = [path for process in [writer(folder, "present", *batch) for batch in batches] for path in end(process)]
    wanted = sorted({path for batch in batches for paths in batch for path in paths.split(",")})
    assert sorted(content(folder)) == wanted
    # Every secret was created by exactly one of them, the common one too.
    assert sorted(created) == wanted
    assert AuditLog(str(folder / "state")).verify() == len(wanted)


def test_rotations_at_once_are_all_counted(folder):
    end(writer(folder, "present", "a"))
    for process in [writer(folder, "rotated", *["a"] * 10) for _each in range(3)]:
        end(process)
    assert content(folder)["a"][0] == 31


def test_a_killed_writer_leaves_the_old_store_or_the_new_one(folder):
    """kill -9 while every value of a large store is replaced again and again: never a mixture, never a lock."""
    paths = ",".join("a/%d" % number for number in range(MANY))
    end(writer(folder, "present", "keep", paths))
    kept = content(folder)["keep"]
    chance = random.Random(3)
    seen = set()
    candidate = folder / "state" / "secrets" / ".store.json.new"
    for attempt in range(30):
        before = content(folder)["a/0"][0]
        process = writer(folder, "rotated", *[paths] * 50)
        deadline = time.monotonic() + 20
        # A third die as soon as a candidate file is there, the others at any time after their first write.
        while content(folder)["a/0"][0] == before and time.monotonic() < deadline:
            time.sleep(0.005)
        while attempt % 3 == 0 and not candidate.exists() and time.monotonic() < deadline:
            pass
        if attempt % 3:
            time.sleep(chance.uniform(0, 0.15))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        now = content(folder)
        assert now.pop("keep") == kept
        assert len(now) == MANY and len({number for number, _value in now.values()}) == 1
        seen.add(now["a/0"][0])
    assert len(seen) == 30
    assert end(writer(folder, "present", "later")) == ["later"]
    assert not candidate.exists()
    assert AuditLog(str(folder / "state")).verify() > 0


def test_a_write_that_ends_in_the_middle_leaves_the_store(folder):
    """As on a full disk: no file may grow beyond 4000 bytes."""
    store = folder / "state" / "secrets" / "store.json"
    end(writer(folder, "present", "keep"))
    before = store.read_bytes()
    process = writer(folder, "present", ",".join("a%d" % number for number in range(100)), file_size_limit=4000)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "NXC-SECR-0013" in err
    assert store.read_bytes() == before
    assert end(writer(folder, "present", "later")) == ["later"]
    assert sorted(content(folder)) == ["keep", "later"]


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
