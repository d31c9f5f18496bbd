# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another password for the secret store, through real ansible-playbook runs."""

from __future__ import annotations

import json
import random
import shutil
import time
from pathlib import Path

import pytest
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.file import FileBackend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource
from secret_harness import playbook, prompted, writer

HEAD = """
- hosts: all
  gather_facts: false
  vars: {nextgen_state_dir: "{{ playbook_dir }}/state"}
  tasks:
"""
MAKE = "    - nextgen.cloud.secret: {secrets: [{path: a}, {path: b, kind: fernet}]}\n"
# Compared in the run, so that no value is in any output of a test.
KEEP = """
    - ansible.builtin.copy:
        content: "{{ query('nextgen.cloud.secret', 'a', 'b') | join }}"
        dest: "{{ playbook_dir }}/values"
        mode: "0600"
"""
SAME = """
    - ansible.builtin.assert:
        that: query('nextgen.cloud.secret', 'a', 'b') | join == lookup('ansible.builtin.file', playbook_dir ~ '/values')
"""
REKEY = "    - nextgen.cloud.secret_rekey: {%s}\n"


class Site:
    """A state directory with two secrets, and plays on it."""

    def __init__(self, folder):
        self.folder = folder
        self.store = folder / "state" / "secrets" / "store.json"
        self.passwords = folder / "config" / "nextgen.cloud" / "passwords"
        assert self.play(MAKE + KEEP)[0]

    def play(self, tasks, *words, **environment):
        """(whether it went well, what it printed)."""
        (self.folder / "play.yml").write_text(HEAD + tasks)
        done = playbook(self.folder, "play.yml", *words, **environment)
        return done.returncode == 0, done.stdout + done.stderr

    def reads(self, **environment):
        return self.play(SAME, **environment)

    def id(self):
        return json.loads(self.store.read_text())["id"]


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_a_generated_password_follows_a_generated_one(site):
    first, before = site.id(), site.store.read_text()
    went_well, told = site.play(REKEY % "", "--check")
    assert went_well and "changed=1" in told and site.store.read_text() == before
    went_well, told = site.play(REKEY % "", "-vvv")
    assert went_well and str(site.passwords / site.id()) in told
    assert site.id() != first and sorted(one.name for one in site.passwords.iterdir()) == sorted([first, site.id()])
    assert all(row not in site.store.read_text() for row in json.loads(before)["entries"].values())
    assert site.reads()[0]
    # The log is whole and names the change; a second change of a value goes on with it.
    log = (site.store.parent / "audit.jsonl").read_text().splitlines()
    assert json.loads(log[-1])["action"] == "rekeyed"
    assert site.play(MAKE.replace("{path: b", "{path: c}, {path: b"))[0] and site.reads()[0]
    # The password that was opens the backup of the store that was, and no longer what there is now.
    site.store.write_text(before)
    assert site.reads()[0]


def test_a_given_password_has_to_be_given_from_then_on(site):
    (site.folder / "new").write_text("correct horse battery staple\n")
    assert site.play(REKEY % "new_password_file: '{{ playbook_dir }}/new'")[0]
    went_well, told = site.reads()
    assert not went_well and "NXC-SECR-0018" in told
    assert site.reads(NEXTGEN_SECRETS_PASSWORD_FILE=str(site.folder / "new"))[0]
    # And back to a generated one.
    given = {"NEXTGEN_SECRETS_PASSWORD_FILE": str(site.folder / "new")}
    assert site.play(REKEY % "", **given)[0]
    assert site.reads()[0]


def test_the_playbook_gives_a_generated_or_a_given_password_and_says_where_it_is(site):
    (site.folder / "new").write_text("correct horse battery staple\n")
    first = site.id()
    where = ("-e", json.dumps({"nextgen_state_dir": str(site.folder / "state")}))
    done = playbook(site.folder, "nextgen.cloud.rekey", "--check", *where)
    assert done.returncode == 0 and site.id() == first, done.stdout + done.stderr
    done = playbook(site.folder, "nextgen.cloud.rekey", *where)
    assert done.returncode == 0 and str(site.passwords / site.id()) in done.stdout and site.id() != first
    assert site.reads()[0]
    done = playbook(site.folder, "nextgen.cloud.rekey", *where, "-e", "rekey_password_file=%s/new" % site.folder)
    assert done.returncode == 0 and "%s/new" % site.folder in done.stdout
    assert site.reads(NEXTGEN_SECRETS_PASSWORD_FILE=str(site.folder / "new"))[0]


def test_the_new_password_may_come_by_its_vault_id(site):
    (site.folder / "new").write_text("correct horse battery staple\n")
    assert site.play(REKEY % "", "--vault-id", "nextgen-new@new")[0]
    went_well, _told = site.play(SAME, "--vault-id", "nextgen@new")
    assert went_well


def test_a_typed_password_is_typed_twice(site):
    (site.folder / "play.yml").write_text(HEAD + REKEY % "")
    before = site.store.read_text()
    for answers in (("a typed password",), ("a typed password", "a typed pasword")):
        code, told = prompted(site.folder, "play.yml", *answers, vault_id="nextgen-new")
        assert code == 2 and "NXC-SECR-0028" in told and "a typed" not in told
        assert site.store.read_text() == before
    code, told = prompted(site.folder, "play.yml", *["a typed password"] * 2, vault_id="nextgen-new")
    assert code == 0, told
    (site.folder / "typed").write_text("a typed password\n")
    assert site.reads(NEXTGEN_SECRETS_PASSWORD_FILE=str(site.folder / "typed"))[0]


def test_a_killed_rekey_leaves_a_store_that_a_known_password_opens(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    paths = ",".join("a/%d" % number for number in range(100))
    process = writer(tmp_path, "present", paths)
    assert process.wait(timeout=60) == 0
    store = FileBackend(str(tmp_path / "state" / "secrets" / "store.json"), PasswordSource())
    kept = {path: one.entry for path, one in store.read(None).items()}
    chance = random.Random(7)
    ids = set()
    for _attempt in range(15):
        before = json.loads(Path(store.path).read_text())["id"]
        process = writer(tmp_path, "rekeyed", *["all"] * 200)
        deadline = time.monotonic() + 20
        while json.loads(Path(store.path).read_text())["id"] == before and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))
        process.kill()
        process.communicate()
        assert {path: one.entry for path, one in store.read(None).items()} == kept
        ids.add(json.loads(Path(store.path).read_text())["id"])
    assert len(ids) == 15


def test_what_cannot_be_rekeyed_stays_as_it_is(site):
    before = site.store.read_text()
    (site.folder / "wrong").write_text("not this one\n")
    went_well, told = site.play(REKEY % "", NEXTGEN_SECRETS_PASSWORD_FILE=str(site.folder / "wrong"))
    assert not went_well and "NXC-SECR-0016" in told and site.store.read_text() == before
    broken = json.loads(before)
    broken["entries"]["a"] = broken["entries"]["b"]
    site.store.write_text(json.dumps(broken))
    for words in ((), ("--check",)):
        went_well, told = site.play(REKEY % "", *words)
        assert not went_well and "NXC-SECR-0017" in told and json.loads(site.store.read_text()) == broken
    shutil.rmtree(site.store.parent)
    went_well, told = site.play(REKEY % "")
    assert not went_well and "NXC-SECR-0027" in told and not site.store.exists()


def test_the_password_of_a_server_is_none_of_ours(site):
    backend = "backend: {backend: etcd, endpoints: ['https://127.0.0.1:1'], prefix: x}"
    went_well, told = site.play(REKEY % backend)
    assert not went_well and "NXC-SECR-0027" in told
