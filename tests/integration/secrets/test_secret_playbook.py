# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets through real ansible-playbook runs: the lookup, and nothing in any output."""

from __future__ import annotations

import json

import pytest
from secret_harness import playbook

PLAY = """
- hosts: localhost
  gather_facts: false
  vars:
    nextgen_state_dir: "{{ playbook_dir }}/state"
  tasks:
    - name: Declare
      nextgen.cloud.secret:
        store: "{{ nextgen_state_dir }}/secrets/store.json"
        secrets:
          - path: clouds/dev/keystone/database_password
          - {path: clouds/dev/keystone/fernet_key_0, kind: fernet}
    - name: Write
      nextgen.cloud.secret_files:
        path: "{{ playbook_dir }}/files"
        secrets:
          keystone/database_password: "{{ lookup('nextgen.cloud.secret', 'clouds/dev/keystone/database_password') }}"
          keystone/fernet_key_0: >-
            {{ lookup('nextgen.cloud.secret', 'clouds/dev/keystone/fernet_key_0',
                      store=nextgen_state_dir ~ '/secrets/store.json') }}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "play.yml").write_text(PLAY)
    return tmp_path


def test_values_reach_the_files_and_no_output(folder):
    forecast = playbook(folder, "play.yml", "--check", "--diff")
    assert forecast.returncode == 0 and "changed=2" in forecast.stdout, forecast.stdout
    assert not (folder / "state").exists()
    first = playbook(folder, "play.yml", "-vvv", "--diff")
    assert first.returncode == 0 and "changed=2" in first.stdout, first.stdout + first.stderr
    rows = json.loads((folder / "state/secrets/store.json").read_text())["secrets"]
    values = {path: row["value"] for path, row in rows.items()}
    for name in ("database_password", "fernet_key_0"):
        assert (folder / "files/keystone" / name).read_text() == values["clouds/dev/keystone/" + name]
    second = playbook(folder, "play.yml", "-vvv", "--diff")
    assert "changed=0" in second.stdout, second.stdout
    for value in values.values():
        assert value not in first.stdout + first.stderr + second.stdout + second.stderr


def test_a_missing_secret_says_how_to_make_it(folder):
    (folder / "read.yml").write_text(
        """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{ lookup('nextgen.cloud.secret', 'clouds/dev/nothing', state_dir=playbook_dir) | length }}"
"""
    )
    result = playbook(folder, "read.yml")
    assert result.returncode == 2
    assert "NXC-SECR-0001" in result.stdout + result.stderr and "nextgen.cloud.secret" in result.stdout + result.stderr
    assert not (folder / "secrets").exists()


def test_without_a_site_the_lookup_says_what_it_lacks(folder):
    (folder / "read.yml").write_text(
        """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{ lookup('nextgen.cloud.secret', 'a') | length }}"
"""
    )
    result = playbook(folder, "read.yml")
    assert result.returncode == 2 and "NXC-SECR-0009" in result.stdout + result.stderr
