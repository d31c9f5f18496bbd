# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The callback in real runs of ansible-playbook."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOK = """
- name: Preflight | localhost
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Say something
      ansible.builtin.debug: {msg: "a word from the playbook"}
- name: Install | first
  hosts: nodes
  gather_facts: false
  tasks:
    - name: Write a file
      ansible.builtin.copy:
        content: "content of {{ inventory_hostname }}\n"
        dest: "{{ target }}/{{ inventory_hostname }}"
        mode: "0600"
      notify: Restart it
    - name: Look only
      ansible.builtin.stat: {path: /}
  handlers:
    - name: Restart it
      ansible.builtin.command: "true"
      when: not ansible_check_mode
- name: Install | second
  hosts: nodes
  gather_facts: false
  tasks:
    - name: Not so bad
      ansible.builtin.command: "sh -c 'exit 3'"
      ignore_errors: true
      when: mishaps | default(false)
    - name: Hidden
      ansible.builtin.command: "sh -c 'echo do-not-show-me; exit 1'"
      no_log: true
      ignore_errors: true
      when: mishaps | default(false)
    - name: Bad
      ansible.builtin.fail: {msg: "the reason in full"}
      when: mishaps | default(false) and inventory_hostname == 'b'
    - name: Loop that fails
      ansible.builtin.command: "sh -c 'echo out-{{ item }} >&2; exit {{ item }}'"
      loop: [0, 4]
      when: mishaps | default(false)
- name: Verify | all
  hosts: nodes
  gather_facts: false
  tasks:
    - name: Reach it
      ansible.builtin.ping:
"""


class Run:
    """One run: its return code, standard output and error, and the timings file."""

    def __init__(self, folder: Path, *arguments: str, **environment: str):
        self.timings = folder / "timings.json"
        self.command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(folder / "hosts"), *arguments]
        self.command += [str(folder / "play.yml"), "-e", "target=%s" % (folder / "out")]
        self.environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache/collections"),
            "ANSIBLE_INVENTORY_ENABLED": "ini",
            "NEXTGEN_TIMINGS_FILE": str(self.timings),
            **environment,
        }

    def go(self) -> Run:
        done = subprocess.run(self.command, env=self.environment, capture_output=True, text=True, check=False)
        self.rc, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.lines = self.out.splitlines()
        return self

    def count(self, text: str) -> int:
        return sum(text in line for line in self.lines)


@pytest.fixture
def playbook(tmp_path):
    local = "ansible_connection=local ansible_python_interpreter=/usr/bin/python3"
    (tmp_path / "hosts").write_text("[nodes]\na %s\nb %s\n" % (local, local))
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    (tmp_path / "out").mkdir()
    return lambda *arguments, **environment: Run(tmp_path, *arguments, **environment)


def test_a_first_run_shows_what_changed_and_one_line_per_phase(playbook):
    run = playbook().go()
    assert run.rc == 0, run.out + run.err
    assert run.count("changed     [a] Write a file") == run.count("changed     [b] Write a file") == 1
    assert run.count("changed     [a] Restart it") == 1
    assert run.count("a word from the playbook") == 1
    assert run.count("Look only") == 0
    # Once when it ended, once in the recap.
    assert run.count("Install ") == 2 and run.count("4 changed") == 2
    timings = json.loads(run.timings.read_text())
    assert [(phase["name"], phase["changed"]) for phase in timings["phases"]] == [
        ("Preflight", 0), ("Install", 4), ("Verify", 0),
    ]  # fmt: skip
    assert timings["seconds"] >= sum(phase["seconds"] for phase in timings["phases"]) - 0.01


def test_a_second_run_is_one_line_per_phase_and_nothing_else(playbook):
    playbook().go()
    run = playbook(NEXTGEN_RECAP="hosts").go()
    body = run.lines[: run.lines.index("")]
    assert [line.split()[0] for line in body] == ["a", "Preflight", "Install", "Verify"]
    assert run.count("no change") == 3 and run.count("changed=0") == 3


def test_check_and_diff_show_what_would_change(playbook):
    run = playbook("--check", "--diff").go()
    assert run.rc == 0, run.out + run.err
    assert run.count("Check mode") == 1
    assert run.count("+content of a") == run.count("+content of b") == 1
    assert run.count("changed     [a] Write a file") == 1
    assert not list((run.timings.parent / "out").iterdir())


def test_failures_are_told_in_full(playbook):
    run = playbook("-e", '{"mishaps": true}').go()
    assert run.rc != 0
    assert run.count("failed      [b] Bad") == 1 and run.count("the reason in full") >= 1
    assert run.count("failed      [a] Loop that fails (item=4)") == 1 and run.count("stderr: out-4") == 1
    assert run.count("ignored     [a] Not so bad: non-zero return code") == 1
    assert "do-not-show-me" not in run.out + run.err
    figures = json.loads(run.timings.read_text())
    assert figures["failed"] == 2 and figures["hosts"]["a"]["ignored"] == 2


def test_findings_of_our_modules_are_shown_with_place_and_remedy(playbook, tmp_path):
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "refusing.py").write_text(
        "from ansible.module_utils.basic import AnsibleModule\n"
        "AnsibleModule({}).fail_json(msg='raw text', problems=[dict(code='NXC-TEST-0001', message='It is wrong.',\n"
        "    hint='', remedy='Make it right.', retryable=False, file='site.yml', line=7, column=3)])\n"
    )
    run = playbook()
    play = "- name: Preflight | x\n  hosts: a\n  gather_facts: false\n  tasks: [{refusing: }]\n"
    (tmp_path / "play.yml").write_text(play)
    run.go()
    assert run.rc != 0
    assert run.count("NXC-TEST-0001: site.yml:7:3: It is wrong.") == 1
    assert run.count("Remedy: Make it right.") == 1
    assert run.count("raw text") == 0


def test_unreachable_hosts_and_warnings_are_not_lost(playbook, tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text(hosts.read_text() + "c ansible_host=127.0.0.1 ansible_port=1\n")
    run = playbook().go()
    assert run.rc != 0
    assert run.count("unreachable [c] Write a file") == 1
    assert run.count("1 unreachable") == 2
    (tmp_path / "play.yml").write_text(
        "- name: Warn\n  hosts: a\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.debug: {msg: x}\n      vars: {ansible_python_interpreter: x}\n"
        "    - ansible.builtin.command: rm --version\n      changed_when: false\n"
        '    - ansible.builtin.set_fact: {a: \'{{ lookup("ansible.builtin.file", "/absent", errors="warn") }}\'}\n'
    )
    assert "/absent" in playbook().go().err


def test_verbose_shows_results_that_changed_nothing(playbook):
    run = playbook("-v").go()
    assert run.count("ok          [a] Look only") == 1
    assert run.count("exists: true") >= 2


def test_a_terminal_shows_the_running_task_and_is_left_clean(playbook):
    run = playbook(TERM="xterm")
    leader, follower = pty.openpty()
    process = subprocess.Popen(run.command, env=run.environment, stdout=follower, stderr=follower)
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 65536):
            shown += chunk
    except OSError:
        pass
    assert process.wait() == 0
    assert b"Install - first: Write a file\r" in shown
    assert shown.rfind(b"\x1b[K") > shown.rfind(b": Reach it")
