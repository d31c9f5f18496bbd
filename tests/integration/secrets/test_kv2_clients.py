# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The KV-v2 server of these tests is judged by clients that others wrote: hvac and the collection
community.hashi_vault. What they accept is what our own client is tested against."""

from __future__ import annotations

import json

import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest, VaultDown
from secret_harness import playbook

PLAY = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    community.hashi_vault.vault_kv2_write: &server
      url: "{{ url }}"
      auth_method: "{{ auth_method }}"
      role_id: "{{ role_id }}"
      secret_id: "{{ secret_id }}"
    community.hashi_vault.vault_kv2_get: *server
    community.hashi_vault.vault_kv2_delete: *server
  tasks:
    - community.hashi_vault.vault_kv2_write: {path: by/ansible, data: {a: one}, cas: 0}
      register: written
    - community.hashi_vault.vault_kv2_write: {path: by/ansible, data: {a: two}, read_before_write: true}
      register: rewritten
    - community.hashi_vault.vault_kv2_write: {path: by/ansible, data: {a: two}, read_before_write: true}
      register: same
    - community.hashi_vault.vault_kv2_write: {path: by/ansible, data: {a: three}, cas: 1}
      register: late
      ignore_errors: true
    - community.hashi_vault.vault_kv2_get: {path: by/ansible}
      register: got
    - community.hashi_vault.vault_kv2_get: {path: by/ansible, version: 1}
      register: older
    - community.hashi_vault.vault_kv2_get: {path: by/nobody}
      register: absent
      ignore_errors: true
    - community.hashi_vault.vault_kv2_delete: {path: by/ansible, versions: [1]}
    - ansible.builtin.assert:
        that:
          - written is changed and rewritten is changed and same is not changed
          - late is failed and 'InvalidRequest' in late.msg
          - got.secret.a == 'two' and got.metadata.version == 2 and older.secret.a == 'one'
          - absent is failed and 'Invalid or missing path' in absent.msg
          - lookup('community.hashi_vault.vault_kv2_get', 'by/ansible').secret.a == 'two'
          - lookup('community.hashi_vault.hashi_vault', 'secret=secret/data/by/ansible:a') == 'two'
          - lookup('community.hashi_vault.vault_list', 'secret/metadata/by').data['keys'] == ['ansible']
"""


@pytest.fixture
def server(secret_servers):
    return secret_servers("kv2")


@pytest.fixture
def client(server):
    made = hvac.Client(url=server.url)
    made.auth.approle.login(role_id=server.role_id, secret_id=server.secret_id)
    assert made.is_authenticated()
    return made


def test_hvac_writes_reads_and_compares(client):
    engine = client.secrets.kv.v2
    assert engine.create_or_update_secret("h/a", {"x": "1"}, cas=0)["data"]["version"] == 1
    assert engine.create_or_update_secret("h/a", {"x": "2"}, cas=1)["data"]["version"] == 2
    for stale in (0, 1, 3):
        with pytest.raises(InvalidRequest, match="check-and-set"):
            engine.create_or_update_secret("h/a", {"x": "3"}, cas=stale)
    found = engine.read_secret_version("h/a", raise_on_deleted_version=True)["data"]
    assert found["data"] == {"x": "2"} and found["metadata"]["version"] == 2
    older = engine.read_secret_version("h/a", version=1, raise_on_deleted_version=True)["data"]
    assert older["data"] == {"x": "1"}
    with pytest.raises(InvalidPath):
        engine.read_secret_version("h/none", raise_on_deleted_version=True)


def test_hvac_lists_folders_and_names(client):
    engine = client.secrets.kv.v2
    for path in ("l/a", "l/b/c", "l/b/d"):
        engine.create_or_update_secret(path, {"x": "1"})
    assert engine.list_secrets("l")["data"]["keys"] == ["a", "b/"]
    assert engine.list_secrets("l/b")["data"]["keys"] == ["c", "d"]
    with pytest.raises(InvalidPath):
        engine.list_secrets("l/none")


def test_hvac_deletes_undeletes_destroys_and_forgets(client):
    engine = client.secrets.kv.v2
    for number in (1, 2, 3):
        engine.create_or_update_secret("d/a", {"x": str(number)})
    engine.delete_latest_version_of_secret("d/a")
    with pytest.raises(InvalidPath):
        engine.read_secret_version("d/a", raise_on_deleted_version=True)
    # A deleted version still counts for check-and-set.
    with pytest.raises(InvalidRequest, match="check-and-set"):
        engine.create_or_update_secret("d/a", {"x": "4"}, cas=0)
    engine.undelete_secret_versions("d/a", [3])
    assert engine.read_secret_version("d/a", raise_on_deleted_version=True)["data"]["data"] == {"x": "3"}
    engine.destroy_secret_versions("d/a", [1, 2])
    rows = engine.read_secret_metadata("d/a")["data"]["versions"]
    assert {number: row["destroyed"] for number, row in rows.items()} == {"1": True, "2": True, "3": False}
    engine.delete_metadata_and_all_versions("d/a")
    with pytest.raises(InvalidPath):
        engine.read_secret_metadata("d/a")
    assert engine.create_or_update_secret("d/a", {"x": "1"}, cas=0)["data"]["version"] == 1


def test_hvac_can_make_check_and_set_a_must(client):
    engine = client.secrets.kv.v2
    engine.update_metadata("m/a", cas_required=True, max_versions=2)
    with pytest.raises(InvalidRequest, match="check-and-set parameter required"):
        engine.create_or_update_secret("m/a", {"x": "1"})
    for number in range(4):
        engine.create_or_update_secret("m/a", {"x": "1"}, cas=number)
    assert sorted(engine.read_secret_metadata("m/a")["data"]["versions"]) == ["3", "4"]


def test_hvac_is_refused_with_its_own_errors(client, server):
    with pytest.raises(InvalidPath, match="no handler for route"):
        client.secrets.kv.v2.read_secret_version("a", mount_point="kv", raise_on_deleted_version=True)
    with pytest.raises(InvalidRequest, match="invalid role or secret"):
        hvac.Client(url=server.url).auth.approle.login(role_id="nextgen", secret_id="wrong")
    stranger = hvac.Client(url=server.url, token="wrong")
    assert not stranger.is_authenticated()
    with pytest.raises(Forbidden):
        stranger.secrets.kv.v2.list_secrets("l")
    server.request("PUT", "/_test/sealed")
    try:
        assert client.seal_status["sealed"]
        with pytest.raises(VaultDown):
            client.secrets.kv.v2.read_secret_version("l/a", raise_on_deleted_version=True)
    finally:
        server.request("DELETE", "/_test/sealed")
    client.logout(revoke_token=True)
    assert not client.is_authenticated()


def test_community_hashi_vault_is_content(server, tmp_path):
    (tmp_path / "play.yml").write_text(PLAY)
    login = {"url": server.url, "auth_method": "approle", "role_id": server.role_id, "secret_id": server.secret_id}
    # The modules get the login as options, the lookups from their own variables.
    given = {**login, **{"ansible_hashi_vault_%s" % key: value for key, value in login.items()}}
    result = playbook(tmp_path, "play.yml", "-e", json.dumps(given))
    assert result.returncode == 0, result.stdout + result.stderr
