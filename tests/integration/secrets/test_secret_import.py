# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of ansible-vault, kolla and debops, as those tools write them, are taken over and reported."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from secret_harness import playbook

KOLLA = Path(__file__).parent / "fixtures" / "kolla-passwords.yml"
BIN = Path(sys.executable).parent

PLAY = """
- hosts: localhost
  gather_facts: false
  vars:
    nextgen_state_dir: "{{ playbook_dir }}/state"
  tasks:
    - name: Take over
      nextgen.cloud.secret_import: "{{ options }}"
      register: taken
    - name: Tell
      ansible.builtin.copy: {content: "{{ taken | to_json }}", dest: "{{ playbook_dir }}/result.json", mode: "0600"}
      check_mode: false
      changed_when: false
"""

READ = """
- hosts: localhost
  gather_facts: false
  vars:
    nextgen_state_dir: "{{ playbook_dir }}/state"
  tasks:
    - name: Read
      ansible.builtin.copy:
        content: "{{ dict(paths | zip(query('nextgen.cloud.secret', *paths))) | to_json }}"
        dest: "{{ playbook_dir }}/values.json"
        mode: "0600"
      no_log: true
"""

# As debops does it: the lookup keeps what it generates in secret/credentials, with the salt when it hashes. The hash
# itself needs a package that is not here, but the file is written before it is made.
DEBOPS = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Look up
      ansible.builtin.debug:
        msg: "{{ lookup('ansible.builtin.password', secret ~ '/credentials/h1/mariadb/root/password length=20') }}"
      no_log: true
    - name: Look up and hash
      ansible.builtin.debug:
        msg: "{{ lookup('ansible.builtin.password', secret ~ '/credentials/h1/ldap/admin length=24 ' ~ hash) }}"
      vars: {hash: encrypt=sha512_crypt}
      ignore_errors: true
      no_log: true
"""

REPORT = """
- hosts: localhost
  gather_facts: false
  vars:
    nextgen_state_dir: "{{ playbook_dir }}/state"
  tasks:
    - nextgen.cloud.secret_report: "{{ options }}"
      register: report
    - ansible.builtin.debug: {msg: "{{ report.table }}"}
"""


class Site:
    """A state directory, and plays on it. Everything that is printed is kept in ``output``."""

    def __init__(self, folder):
        self.folder = folder
        self.output = ""

    def take(self, kind, path, *words, succeed=True, **options):
        """The result of an import, or the output of one that is refused."""
        options["source"] = {"kind": kind, "path": str(path)}
        text = self._play(PLAY, {"options": options}, *words, succeed=succeed)
        return json.loads((self.folder / "result.json").read_text()) if succeed else " ".join(text.split())

    def values(self, *paths):
        self._play(READ, {"paths": list(paths)})
        return json.loads((self.folder / "values.json").read_text())

    def report(self, *words, succeed=True, **options):
        """(what is printed, what is in the file)."""
        options["report_file"] = str(self.folder / "report.json")
        text = self._play(REPORT, {"options": options}, *words, succeed=succeed)
        file = self.folder / "report.json"
        return text, json.loads(file.read_text()) if file.exists() else None

    def _play(self, text, variables, *words, succeed=True):
        (self.folder / "play.yml").write_text(text)
        (self.folder / "variables.json").write_text(json.dumps(variables))
        done = playbook(self.folder, "play.yml", "-e", "@variables.json", "-vvv", "--diff", *words)
        output = done.stdout + done.stderr
        assert (done.returncode == 0) == succeed, output
        self.output += output
        return output


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Site(tmp_path)


@pytest.fixture
def vault(tmp_path):
    """``vault(command, path)`` runs the real ansible-vault."""
    password = tmp_path / "vault-password"
    password.write_text("of-a-test\n")

    def run(command, *words, **options):
        program = [str(BIN / "ansible-vault"), command, "--vault-password-file", str(password), *map(str, words)]
        return subprocess.run(program, check=True, capture_output=True, text=True, **options).stdout

    return run


def key(folder, kind="ed25519"):
    path = folder / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "a test", "-f", str(path)], check=True)
    return path.read_text()


def test_kolla_comes_to_the_components_there_are(site):
    source = yaml.safe_load(KOLLA.read_text())
    forecast = site.take("kolla", KOLLA, "--check", cloud="dev", unmapped="list")
    assert forecast["changed"] and not (site.folder / "state").exists()
    first = site.take("kolla", KOLLA, cloud="dev", unmapped="list")
    assert first["secrets"] == forecast["secrets"]
    assert {row["name"] for row in first["secrets"]} == set(source), "every name has a row"
    assert first["counts"] == {"create": 5, "replace": 0, "same": 0, "keep": 0, "skip": len(source) - 5}
    assert "octavia_ca_password" in " ".join(first["warnings"])
    taken = {row["path"]: row["name"] for row in first["secrets"] if row["action"] == "create"}
    assert site.values(*taken) == {path: source[name] for path, name in taken.items()}
    second = site.take("kolla", KOLLA, cloud="dev", unmapped="skip")
    assert not second["changed"] and second["counts"]["same"] == 5
    texts = [value for value in source.values() if isinstance(value, str) and len(value) > 8]
    assert len(texts) > 80
    assert not [value for value in texts if value in site.output]


def test_kolla_names_can_be_mapped_by_hand_and_keys_come_by_their_private_half(site, vault, tmp_path):
    private = key(tmp_path)
    source = {
        "barbican_crypto_key": yaml.safe_load(KOLLA.read_text())["barbican_crypto_key"],
        "kolla_ssh_key": {"private_key": private, "public_key": "ssh-ed25519 x"},
        "database_password": "dAtabase0passw0rd",
    }
    path = tmp_path / "passwords.yml"
    path.write_text(yaml.safe_dump(source))
    vault("encrypt", path)
    assert path.read_text().startswith("$ANSIBLE_VAULT")
    mapping = {
        "barbican_crypto_key": {"path": "clouds/dev/barbican/key", "kind": "fernet"},
        "kolla_ssh_key": {"path": "clouds/dev/hosts/key", "kind": "ssh_ed25519"},
        "database_password": "clouds/dev/other/password",
    }
    password = ["--vault-password-file", "vault-password"]
    refused = site.take("kolla", path, cloud="dev", mapping=mapping, succeed=False)
    assert "NXC-SECR-0086" in refused
    site.take("kolla", path, *password, cloud="dev", mapping=mapping)
    found = site.values(*(row if isinstance(row, str) else row["path"] for row in mapping.values()))
    assert sorted(found.values()) == sorted([source["barbican_crypto_key"], private, source["database_password"]])
    assert source["database_password"] not in site.output


def test_ansible_vault_whole_and_by_value(site, vault, tmp_path):
    inline = vault("encrypt_string", "--stdin-name", "root", input="inline0Passw0rd")
    part = tmp_path / "part.yml"
    part.write_text("plain_name: not-a-secret-at-all\nmariadb:\n  %s" % inline.replace("\n", "\n  ").rstrip() + "\n")
    whole = tmp_path / "whole.yml"
    whole.write_text("users:\n  - {name: admin, password: whole0Passw0rd}\n")
    vault("encrypt", whole)
    password = ["--vault-password-file", "vault-password"]
    first = site.take("ansible_vault", part, *password, mapping={"mariadb.root": "a/root"}, unmapped="skip")
    assert [(row["name"], row["action"]) for row in first["secrets"]] == [
        ("mariadb.root", "create"),
        ("plain_name", "skip"),
    ]
    site.take("ansible_vault", whole, *password, mapping={"users.0.password": "a/admin"}, unmapped="skip")
    assert site.values("a/root", "a/admin") == {"a/root": "inline0Passw0rd", "a/admin": "whole0Passw0rd"}
    wrong = tmp_path / "wrong"
    wrong.write_text("another\n")
    for path, mapping in ((part, {"mariadb.root": "b/root"}), (whole, {"users.0.password": "b/admin"})):
        refused = site.take(
            "ansible_vault", path, "--vault-password-file", wrong, mapping=mapping, unmapped="skip", succeed=False
        )
        assert "NXC-SECR-0086" in refused
    assert not [value for value in ("inline0Passw0rd", "whole0Passw0rd") if value in site.output]


def test_a_file_that_is_no_yaml_is_refused_without_its_text(site, tmp_path):
    (tmp_path / "broken.yml").write_text('password: "b0rkenPassw0rd\nother: [b0rkenPassw0rd\n')
    refused = site.take("ansible_vault", tmp_path / "broken.yml", mapping={}, succeed=False)
    assert "NXC-SECR-0086" in refused and "b0rkenPassw0rd" not in refused
    assert "NXC-SECR-0086" in site.take("kolla", tmp_path / "none.yml", mapping={}, succeed=False)
    assert "NXC-SECR-0086" in site.take("debops", tmp_path / "none", mapping={}, succeed=False)


def test_a_debops_tree_as_its_lookups_write_it(site, tmp_path):
    secret = tmp_path / "secret"
    (tmp_path / "debops.yml").write_text(DEBOPS)
    done = playbook(tmp_path, "debops.yml", "-e", json.dumps({"secret": str(secret)}))
    assert done.returncode == 0, done.stdout + done.stderr
    folder = secret / "credentials" / "h1"
    salted = (folder / "ldap" / "admin").read_text()
    assert " salt=" in salted
    (secret / "ssh").mkdir()
    private = key(tmp_path)
    (secret / "ssh" / "id_ed25519").write_text(private)
    (secret / "pki.p12").write_bytes(b"\xff\xfe\x00")
    mapping = {
        "credentials/h1/mariadb/root/password": "clouds/dev/mariadb/root_password",
        "credentials/h1/ldap/admin": "clouds/dev/ldap/admin",
        "ssh/id_ed25519": {"path": "clouds/dev/ssh/key", "kind": "ssh_ed25519"},
    }
    result = site.take("debops", secret, mapping=mapping, unmapped="skip")
    assert {row["name"]: row["action"] for row in result["secrets"]} == {
        **dict.fromkeys(mapping, "create"),
        "pki.p12": "skip",
    }
    values = {
        "clouds/dev/mariadb/root_password": (folder / "mariadb" / "root" / "password").read_text().strip(),
        "clouds/dev/ldap/admin": salted.split()[0],
        "clouds/dev/ssh/key": private,
    }
    assert site.values(*values) == values
    assert not [value for value in values.values() if value in site.output]


def test_what_is_unfit_or_unmapped_stops_everything(site, tmp_path):
    source = tmp_path / "vars.yml"
    source.write_text(yaml.safe_dump({"good": "g00dPassw0rdOfTest", "short": "Sh0rt", "key": "no key", "left": "x"}))
    mapping = {"good": "a/good", "short": "a/short", "key": {"path": "a/key", "kind": "x509_key"}}
    refused = site.take("ansible_vault", source, mapping=mapping, succeed=False)
    assert "NXC-SECR-0083" in refused and refused.count("NXC-SECR-0084") >= 2
    assert not (site.folder / "state").exists()
    # What is too short comes on choice; what is no key of any kind never does.
    assert "'key'" in site.take("ansible_vault", source, mapping=mapping, unmapped="skip", unfit="fit", succeed=False)
    assert not (site.folder / "state").exists()
    result = site.take("ansible_vault", source, mapping=mapping, unmapped="skip", unfit="skip")
    assert result["counts"] == {"create": 1, "replace": 0, "same": 0, "keep": 0, "skip": 3}
    mapping.pop("key")
    result = site.take("ansible_vault", source, mapping=mapping, unmapped="skip", unfit="fit")
    assert result["counts"] == {"create": 1, "replace": 0, "same": 1, "keep": 0, "skip": 2}
    assert site.values("a/short") == {"a/short": "Sh0rt"}


@pytest.mark.parametrize(
    "existing, number, value", [("keep", 1, "0ldPassw0rdOfTest"), ("replace", 2, "n3wPassw0rdOfTest")]
)
def test_what_the_store_has(site, tmp_path, existing, number, value):
    source = tmp_path / "vars.yml"
    source.write_text("name: 0ldPassw0rdOfTest\n")
    site.take("ansible_vault", source, mapping={"name": "a/b"})
    source.write_text("name: n3wPassw0rdOfTest\n")
    refused = site.take("ansible_vault", source, mapping={"name": "a/b"}, existing="refuse", succeed=False)
    assert "NXC-SECR-0085" in refused
    result = site.take("ansible_vault", source, mapping={"name": "a/b"}, existing=existing)
    assert result["changed"] == (existing == "replace")
    assert site.values("a/b") == {"a/b": value}
    log = (site.folder / "state/secrets/audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["action"] for line in log] == ["imported"] * number


def test_the_report_finds_what_there_is_to_mend(site, tmp_path):
    source = tmp_path / "vars.yml"
    source.write_text(yaml.safe_dump({"a": "twice0Passw0rdT", "b": "twice0Passw0rdT", "c": "Short0"}))
    site.take("ansible_vault", source, mapping={"a": "x/a", "b": "x/b", "c": "y/c"}, unfit="fit")
    text, told = site.report(wanted=["x/"])
    findings = {row["path"]: row["findings"] for row in told["rows"]}
    assert findings == {
        "x/a": ["duplicate", "imported"],
        "x/b": ["duplicate", "imported"],
        "y/c": ["unused", "weak", "imported"],
    }
    assert told["audit"] == {"intact": True, "broken_line": 0, "lines": 3}
    assert "duplicate=x/b" in text and "audit log: intact, 3 lines" in text
    assert (site.folder / "report.json").stat().st_mode & 0o777 == 0o600
    assert "changed=0" in site.report(wanted=["x/"])[0]
    failed, _told = site.report(wanted=["x/"], fail_on=["weak", "duplicate", "old"], succeed=False)
    assert "NXC-SECR-0087" in failed and "1 weak, 2 duplicate" in failed
    assert "Passw0rd" not in site.output and "Short0" not in site.output


def test_the_report_tells_where_the_log_was_changed(site, tmp_path):
    source = tmp_path / "vars.yml"
    source.write_text("name: 0ldPassw0rdOfTest\nother: 0therPassw0rdOfTest\n")
    site.take("ansible_vault", source, mapping={"name": "a/b", "other": "a/c"})
    log = site.folder / "state/secrets/audit.jsonl"
    log.write_text(log.read_text().replace('"a/b"', '"a/x"'))
    text, told = site.report("--check", fail_on=["audit"], succeed=False)
    assert told is None, "a check writes nothing"
    assert "audit log: broken at line 2 of 2" in text or "1 audit" in text
    _text, told = site.report()
    assert told["audit"] == {"intact": False, "broken_line": 2, "lines": 2}


def test_without_a_store_the_report_is_empty(site):
    text, told = site.report()
    assert told["rows"] == []
    assert "audit log: intact, 0 lines" in text


def test_the_fixture_is_complete():
    """The recorded file has every sort of value that kolla knows."""
    source = yaml.safe_load(KOLLA.read_text())
    assert len(source) > 100
    assert {"private_key", "public_key"} == set(source["kolla_ssh_key"])
    assert shutil.which("ssh-keygen") and os.path.exists(BIN / "ansible-vault")
