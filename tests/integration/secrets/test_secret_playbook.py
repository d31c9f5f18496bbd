# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets through real ansible-playbook runs: module and lookup, passwords, and nothing in any output."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import moment
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.file import FileBackend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource
from secret_harness import command, environment, playbook, prompted

HEAD = """
- hosts: all
  gather_facts: false
  vars: {nextgen_state_dir: "{{ playbook_dir }}/state"}
  tasks:
"""
PLAY = (
    HEAD
    + """
    - name: Declare
      nextgen.cloud.secret:
        secrets:
          - {path: clouds/dev/keystone/database_password, owner: keystone, consumers: [keystone, mariadb]}
          - {path: clouds/dev/keystone/fernet_key, kind: fernet, staged: true}
          - {path: site/registry/password, kind: htpasswd, policy: {special: 2}}
          - {path: site/ssh, kind: ssh_ed25519}
    - name: Write
      nextgen.cloud.secret_files:
        path: "{{ playbook_dir }}/files"
        secrets:
          keystone/database_password: "{{ lookup('nextgen.cloud.secret', 'clouds/dev/keystone/database_password') }}"
          keystone/fernet_staged: >-
            {{ lookup('nextgen.cloud.secret', 'clouds/dev/keystone/fernet_key', which='staged',
                      state_dir=nextgen_state_dir) }}
          registry/hash: "{{ lookup('nextgen.cloud.secret', 'site/registry/password', which='hash') }}"
          ssh/public: "{{ lookup('nextgen.cloud.secret', 'site/ssh', which='public') }}"
"""
)
READ = (
    HEAD
    + """
    - ansible.builtin.debug:
        msg: "read {{ lookup('nextgen.cloud.secret', 'a', which='slot') }} {{ item }}"
      loop: [1, 2]
"""
)
# As the role registry checks the hashes of its accounts.
HASH = (
    HEAD
    + """
    - ansible.builtin.assert:
        that: found is match('[$]2[aby][$][0-9]{2}[$][./A-Za-z0-9]{53}$')
      vars:
        found: "{{ lookup('nextgen.cloud.secret', 'b', which='previous_hash') }}"
"""
)
MAKE = HEAD + "    - nextgen.cloud.secret: {secrets: [{path: a}]}\n"
ROTATE = HEAD + "    - nextgen.cloud.secret: {under: [clouds, site], state: rotated, grace: 1h}\n"
FORGET = HEAD + "    - nextgen.cloud.secret: {under: [clouds/dev], state: absent}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    plays = {"play": PLAY, "read": READ, "make": MAKE, "rotate": ROTATE, "forget": FORGET, "hash": HASH}
    for name, text in plays.items():
        (tmp_path / (name + ".yml")).write_text(text)
    return tmp_path


def stored(folder):
    """Path -> entry."""
    backend = FileBackend(str(folder / "state" / "secrets" / "store.json"), PasswordSource())
    return {path: one.entry for path, one in backend.read(None).items()}


def values(entries):
    versions = [one for entry in entries.values() for one in (entry.current, entry.previous, entry.staged) if one]
    return {text for one in versions for text in (one.value, one.value.strip().splitlines()[-2:][0], one.hash) if text}


def snapshot(folder):
    """Path -> (mode, time, size) of all that is below state and config."""
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.stat().st_size)
        for name in ("state", "config")
        for path in (folder / name, *(folder / name).rglob("*"))
        if path.exists()
    }


def changed(result):
    """Number of changed tasks; fails when the run failed."""
    assert result.returncode == 0, result.stdout + result.stderr
    return sum(int(number) for number in re.findall(r"changed=(\d+)", result.stdout))


def test_a_check_before_there_is_a_store_goes_on_with_something_like_a_hash(folder):
    assert changed(playbook(folder, "hash.yml", "--check")) == 0
    assert playbook(folder, "hash.yml").returncode != 0


def test_values_reach_the_files_and_no_output(folder):
    forecast = playbook(folder, "play.yml", "--check", "--diff")
    assert changed(forecast) == 2 and "version 1, not made yet" in forecast.stdout
    assert not (folder / "state").exists() and not (folder / "config").exists()
    first = playbook(folder, "play.yml", "-vvv", "--diff")
    assert changed(first) == 2 and re.search(r"version 1, hmac:[0-9a-f]{8}\n", first.stdout)
    entries = stored(folder)
    parts = {path: entry.parts("2026-01-01T00:00:00Z") for path, entry in entries.items()}
    wanted = {
        "keystone/database_password": parts["clouds/dev/keystone/database_password"][""],
        "keystone/fernet_staged": entries["clouds/dev/keystone/fernet_key"].staged.value,
        "registry/hash": parts["site/registry/password"]["hash"],
        "ssh/public": parts["site/ssh"]["public"],
    }
    assert {name: (folder / "files" / name).read_text() for name in wanted} == wanted
    assert entries["clouds/dev/keystone/database_password"].consumers == ("keystone", "mariadb")
    second = playbook(folder, "play.yml", "-vvv", "--diff")
    assert changed(second) == 0
    rotation = playbook(folder, "rotate.yml", "-vvv", "--diff")
    assert changed(rotation) == 1
    third = playbook(folder, "rotate.yml", "-vvv", "--diff")
    assert changed(third) == 0
    after = playbook(folder, "play.yml", "-vvv", "--diff")
    assert changed(after) == 1
    gone = playbook(folder, "forget.yml", "-vvv", "--diff")
    assert changed(gone) == 1
    runs = (forecast, first, second, rotation, third, after, gone)
    output = "".join(result.stdout + result.stderr for result in runs)
    every = values(entries) | values(stored(folder))
    assert len(every) > 8 and not [value for value in every if value in output]
    assert not [
        path for path in (folder / "state").rglob("*") if any(v in path.read_text() for v in every if path.is_file())
    ]
    assert sorted(stored(folder)) == ["site/registry/password", "site/ssh"]


def test_everything_is_for_the_owner_alone(folder):
    changed(playbook(folder, "play.yml"))
    modes = {path: stat.S_IMODE(found[0]) for path, found in snapshot(folder).items()}
    assert {mode for path, mode in modes.items() if os.path.isdir(path) and path != str(folder / "config")} == {0o700}
    assert {mode for path, mode in modes.items() if os.path.isfile(path)} == {0o600}
    (folder / "state" / "secrets").chmod(0o755)
    (folder / "state" / "secrets" / "store.json").chmod(0o644)
    forecast = playbook(folder, "make.yml", "--check", "--diff")
    assert changed(forecast) == 1 and "is open to other users" in forecast.stdout
    changed(playbook(folder, "make.yml"))
    assert changed(playbook(folder, "make.yml")) == 0
    (folder / "state" / "secrets" / "store.json").chmod(0o640)
    assert changed(playbook(folder, "make.yml")) == 1
    assert stat.S_IMODE((folder / "state" / "secrets" / "store.json").stat().st_mode) == 0o600


def test_reading_and_checking_write_nothing(folder):
    (folder / "all.yml").write_text(PLAY + READ)
    changed(playbook(folder, "play.yml"))
    changed(playbook(folder, "make.yml"))
    before = snapshot(folder)
    changed(playbook(folder, "read.yml"))
    changed(playbook(folder, "all.yml", "--check", "--diff"))
    changed(playbook(folder, "rotate.yml", "--check", "--diff"))
    changed(playbook(folder, "forget.yml", "--check", "--diff"))
    assert snapshot(folder) == before


def test_the_key_is_derived_once_in_a_run(folder):
    """Several plays, tasks, loops and hosts in forks: one derivation, one run of the password program, no leftovers."""
    program = folder / "password.sh"
    program.write_text('#!/bin/sh\necho run >> "%s"\necho a long password\n' % (folder / "asked"))
    program.chmod(0o755)
    hosts = "localhost,%s," % ",".join("h%d" % number for number in range(6))
    own = HEAD + "    - nextgen.cloud.secret: {secrets: [{path: 'own/{{ inventory_hostname }}'}]}\n"
    delegated = own.replace("own/", "other/") + "      delegate_to: localhost\n"
    (folder / "all.yml").write_text(MAKE + READ + own + READ + delegated)
    result = playbook(folder, "all.yml", "-f", "7", "-vvv", hosts=hosts, NEXTGEN_SECRETS_PASSWORD_FILE=str(program))
    assert changed(result) == 15
    # The first run makes the store as well, so its key is new; a second one finds both.
    again = playbook(folder, "all.yml", "-f", "7", "-vvv", hosts=hosts, NEXTGEN_SECRETS_PASSWORD_FILE=str(program))
    assert changed(again) == 0
    assert (again.stdout + again.stderr).count("derived the key of the secret store") == 1
    assert len((folder / "asked").read_text().splitlines()) <= len(hosts.split(",")) + 1
    deadline = time.monotonic() + 10
    while os.listdir(folder / "runs") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert os.listdir(folder / "runs") == []


def run_folders(folder):
    return list((folder / "runs").glob("*/run-*/socket"))


def broker_of(socket):
    """Process ids of the broker that listens there: its command line names the folder."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/cmdline" % name, "rb") as stream:
                    words = stream.read().split(b"\0")
            except OSError:
                continue
            if str(socket.parent).encode() in words:
                found.append(int(name))
    return found


def test_a_killed_run_leaves_nothing(folder):
    changed(playbook(folder, "make.yml"))
    (folder / "wait.yml").write_text(READ + HEAD + "    - ansible.builtin.pause: {seconds: 60}\n")
    process = subprocess.Popen(
        command("wait.yml"), cwd=folder, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    deadline = time.monotonic() + 60
    while not run_folders(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    (socket,) = run_folders(folder)
    assert stat.S_IMODE(socket.stat().st_mode) & 0o077 == 0 and stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    (broker,) = broker_of(socket)
    # It holds nothing open of the run: no output, no input, no file of Ansible.
    links = {os.readlink("/proc/%d/fd/%s" % (broker, name)) for name in os.listdir("/proc/%d/fd" % broker)}
    assert {link for link in links if not link.startswith(("socket:", "anon_inode:"))} == {"/dev/null"}
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    deadline = time.monotonic() + 10
    while (broker_of(socket) or os.listdir(folder / "runs")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert broker_of(socket) == [] and os.listdir(folder / "runs") == []


def test_what_a_killed_broker_left_is_swept(folder):
    stale = folder / "runs" / ("nextgen.cloud-%d" % os.getuid()) / "run-999999999-1"
    stale.parent.mkdir(parents=True, mode=0o700)
    stale.mkdir()
    (stale / "socket").write_text("")
    changed(playbook(folder, "make.yml"))
    assert not stale.exists()


def test_a_run_folder_of_others_is_not_used(folder):
    """Somebody prepared the folder with rights for all: the run does without sharing."""
    (folder / "runs" / ("nextgen.cloud-%d" % os.getuid())).mkdir(parents=True)
    (folder / "runs" / ("nextgen.cloud-%d" % os.getuid())).chmod(0o777)
    assert changed(playbook(folder, "make.yml")) == 1
    assert not run_folders(folder)


def test_the_password_comes_from_a_prompt_a_file_or_a_program(folder):
    code, output = prompted(folder, "make.yml", "a typed password")
    assert code == 0 and "a typed password" not in output, output
    assert not (folder / "config").exists()
    code, output = prompted(folder, "read.yml", "another password")
    assert code == 2 and "NXC-SECR-0016" in output and "another password" not in output
    code, output = prompted(folder, "read.yml", "a typed password")
    assert code == 0 and "read a 2" in output
    missing = playbook(folder, "read.yml")
    assert missing.returncode == 2 and "NXC-SECR-0018" in missing.stdout
    (folder / "file").write_text("a typed password\n")
    (folder / "program").write_text("#!%s\nprint('a typed password')\n" % sys.executable)
    (folder / "program").chmod(0o755)
    for name in ("file", "program"):
        path = str(folder / name)
        for result in (
            playbook(folder, "read.yml", NEXTGEN_SECRETS_PASSWORD_FILE=path),
            playbook(folder, "read.yml", "-e", json.dumps({"nextgen_secrets_password_file": path})),
            playbook(folder, "read.yml", "--vault-id", "nextgen@" + path),
            playbook(folder, "make.yml", "-e", json.dumps({"nextgen_secrets_password_file": path})),
        ):
            assert changed(result) == 0
    (folder / "program").write_text("#!/bin/sh\nexit 3\n")
    broken = playbook(folder, "read.yml", NEXTGEN_SECRETS_PASSWORD_FILE=str(folder / "program"))
    assert broken.returncode == 2 and "NXC-SECR-0023" in broken.stdout


def end_grace(folder, path):
    """As if its time had passed."""
    backend = FileBackend(str(folder / "state" / "secrets" / "store.json"), PasswordSource())
    seen = backend.read([path])
    assert seen[path].entry.previous_until > moment(time.time() + 60)
    backend.write({path: replace(seen[path].entry, previous_until=moment(time.time() - 1))}, seen)


def test_rotation_shows_both_values_until_the_grace_is_over(folder):
    parts = """
    - ansible.builtin.copy:
        content: "{{ lookup('nextgen.cloud.secret', 'a', which='parts') | to_json }}"
        dest: "{{ playbook_dir }}/parts"
        mode: "0600"
      no_log: true
    - ansible.builtin.copy:
        content: "{{ lookup('nextgen.cloud.secret', 'a', which='revision') }}"
        dest: "{{ playbook_dir }}/revision"
        mode: "0600"
"""
    rotate = "    - nextgen.cloud.secret: {secrets: [{path: a}], state: rotated, grace: 1h}\n"
    (folder / "rotate.yml").write_text(HEAD + rotate + parts)
    (folder / "parts.yml").write_text(HEAD + "    - nextgen.cloud.secret: {secrets: [{path: a}]}\n" + parts)

    def run(name):
        count = changed(playbook(folder, name))
        return count, json.loads((folder / "parts").read_text()), (folder / "revision").read_text()

    _count, first, revision = run("parts.yml")
    _count, second, rotated = run("rotate.yml")
    assert second["previous"] == first[""] and (second["slot"], second["previous_slot"]) == ("b", "a")
    assert second[""] != first[""] and rotated != revision
    end_grace(folder, "a")
    count, third, retired = run("parts.yml")
    assert third["previous"] == third[""] == second[""] and third["previous_slot"] == "b" and retired != rotated
    # The module forgot the old value, the two files changed.
    assert count == 3
    assert run("parts.yml")[0] == 0
    assert first[""] not in json.dumps([entry.as_dict() for entry in stored(folder).values()])


def refused(folder, task):
    (folder / "wrong.yml").write_text(HEAD + task)
    result = playbook(folder, "wrong.yml")
    assert result.returncode == 2 and not (folder / "state").exists()
    return result.stdout + result.stderr


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("{{ lookup('nextgen.cloud.secret', 'clouds/dev/nothing') }}", "NXC-SECR-0001"),
        ("{{ lookup('nextgen.cloud.secret', 'a', backend={'backend': 'paper'}) }}", "NXC-SECR-0015"),
    ],
)
def test_what_the_lookup_refuses(folder, task, code):
    output = refused(folder, '    - ansible.builtin.debug: {msg: "%s"}\n' % task)
    assert code in output and ("state: present" in output or code != "NXC-SECR-0001")


def test_a_missing_secret_may_be_empty_where_that_is_said_but_not_a_store_that_cannot_be_read(folder):
    (folder / "make.yml").write_text(HEAD + "    - nextgen.cloud.secret: {secrets: [{path: there}]}\n")
    assert playbook(folder, "make.yml").returncode == 0
    read = "    - ansible.builtin.assert: {that: \"lookup('nextgen.cloud.secret', 'gone', missing='empty') == ''\"}\n"
    (folder / "read.yml").write_text(HEAD + read)
    assert playbook(folder, "read.yml").returncode == 0
    (folder / "state" / "secrets" / "store.json").write_text("torn")
    result = playbook(folder, "read.yml")
    assert result.returncode == 2 and "NXC-SECR-" in result.stdout + result.stderr


def test_without_a_site_module_and_lookup_say_what_they_lack(folder):
    head = "".join(line + "\n" for line in HEAD.splitlines() if "nextgen_state_dir" not in line)
    for task in ("nextgen.cloud.secret: {}", "debug: {msg: \"{{ lookup('nextgen.cloud.secret', 'a') }}\"}"):
        (folder / "wrong.yml").write_text(head + "    - %s\n" % task)
        result = playbook(folder, "wrong.yml")
        assert result.returncode == 2 and "NXC-SECR-0009" in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("{secrets: [{path: ../a}]}", "NXC-SECR-0006"),
        ("{secrets: [{path: a, length: 3}]}", "NXC-SECR-0005"),
        ("{secrets: [{path: a, policy: {digits: 99}}]}", "NXC-SECR-0020"),
        ("{secrets: [{path: a}], state: rotated}", "NXC-SECR-0001"),
        ("{secrets: [{path: a}], state: rotated, grace: soon}", "NXC-SECR-0014"),
        ("{under: [a]}", "NXC-SECR-0026"),
    ],
)
def test_what_the_module_refuses(folder, options, code):
    assert code in refused(folder, "    - nextgen.cloud.secret: %s\n" % options)


def test_parts_that_a_kind_lacks_are_named(folder):
    changed(playbook(folder, "make.yml"))
    (folder / "wrong.yml").write_text(READ.replace("'slot'", "'hash'"))
    result = playbook(folder, "wrong.yml")
    assert result.returncode == 2 and "NXC-SECR-0025" in result.stdout and "previous_slot" in result.stdout
