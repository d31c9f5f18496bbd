# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plugins and playbooks, run by ansible-playbook: check mode, second runs, reports, and a roll-over by its steps."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pki_site import audited

ROOT = Path(__file__).resolve().parents[3]
PORT = 15790

SITE_PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - nextgen.cloud.pki_authority:
        site: pkitest
        domain: pkitest.test
        clouds: [dev]
        addresses: [127.0.0.1]
    - nextgen.cloud.pki_certificates:
        certificates: "{{ rows }}"
        trust: ["{{ playbook_dir }}/node/ca.pem"]
        exclusive: "{{ exclusive | default('') }}"
        state: "{{ wanted | default('present') }}"
        at: "{{ at | default('') }}"
      register: done
    - ansible.builtin.debug:
        msg: "RESULT {{ done.certificates | default({}) | to_json }}"
"""


class Playbooks:
    """Runs plays on this machine with the variables of a site."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.node = folder / "node"
        names = ("web", "other")
        self.rows = [
            {"name": name, "directory": str(self.node), "dns": ["%s.pkitest.test" % name], "ip": ["127.0.0.1"]}
            for name in names
        ]
        (folder / "site.yml").write_text(SITE_PLAY)
        variables = {
            "ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable,
            "nextgen_state_dir": str(folder / "state"), "nextgen_site": {"site": "pkitest"}, "rows": self.rows,
        }  # fmt: skip
        inventory = {"all": {"vars": variables, "children": {"nodes": {"hosts": {"localhost": {}}}, "pending": {}}}}
        (folder / "hosts.yml").write_text(json.dumps(inventory))

    def run(self, play: str, *options: str, succeed: bool = True, **variables) -> str:
        environment = {
            **os.environ,
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
        }
        environment.pop("ANSIBLE_CONFIG", None)
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "hosts.yml", play, *options]
            + ["-e", json.dumps(variables)],
            cwd=self.folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode == 0) == succeed, done.stdout + done.stderr
        for key in self.node.rglob("key.pem"):
            assert key.read_text().splitlines()[1] not in done.stdout + done.stderr
        found = re.search(r"RESULT (\{.*\})\"", done.stdout.replace("\\", ""))
        self.result = json.loads(found.group(1)) if found else {}
        return done.stdout + done.stderr

    def changed(self, *options: str, **variables) -> int:
        return int(re.search(r"changed=(\d+)", self.run("site.yml", *options, **variables)).group(1))


@pytest.fixture
def books(tmp_path):
    return Playbooks(tmp_path)


def test_certificates_by_playbook(books):
    assert books.changed("--check", "--diff") == 2
    assert not books.node.exists() and not (books.folder / "state").exists()
    told = books.run("site.yml", "--diff", "-vvv")
    assert "web.pkitest.test 127.0.0.1 until" in told and "(missing)" in told and "PRIVATE KEY" not in told
    assert {name: row["reason"] for name, row in books.result.items()} == {"web": "missing", "other": "missing"}
    first = books.result
    made = audited(books.folder / "state")
    assert [(row["path"], row["action"]) for row in made] == [
        (path, "created") for path in ("pki/clouds/dev", "pki/root", "pki/site")
    ]
    assert all("/ nextgen.cloud.pki_authority (%s/site.yml:" % books.folder in row["task"] for row in made)
    assert books.changed("--diff") == 0 and audited(books.folder / "state") == made
    assert {name: (row["serial"], row["epoch"], row["not_after"]) for name, row in books.result.items()} == {
        name: (row["serial"], 1, row["not_after"]) for name, row in first.items()
    }
    # What will be due in a year, and that check mode did nothing about it.
    assert books.changed("--check", at="2028-01-01") == 1
    assert {row["reason"] for row in books.result.values()} == {"expired"}
    assert books.changed() == 0
    # Revoked: the next run replaces it, and it alone.
    assert books.changed(wanted="revoked", rows=books.rows[:1]) == 1
    assert books.changed(wanted="revoked", rows=books.rows[:1]) == 0
    assert books.changed() == 1
    assert (books.result["web"]["reason"], books.result["web"]["epoch"]) == ("revoked", 2)
    assert (books.result["other"]["reason"], books.result["other"]["epoch"]) == ("", 1)
    assert books.changed("--check", wanted="absent") == 1 and (books.node / "web").exists()
    assert books.changed(wanted="absent") == 1 and books.changed(wanted="absent") == 0
    assert not (books.node / "web").exists()
    refused = books.run("site.yml", succeed=False, rows=[{**books.rows[0], "dns": ["x.other.test"]}])
    assert "NXC-PKI-0005" in refused


def test_other_pairs_of_a_folder_go_when_that_is_asked_for(books):
    books.run("site.yml")
    assert books.changed(rows=books.rows[:1]) == 0 and (books.node / "other").exists()
    alone = {"rows": books.rows[:1], "exclusive": str(books.node)}
    assert books.changed("--check", **alone) == 1 and (books.node / "other").exists()
    told = books.run("site.yml", "--diff", **alone)
    assert "-%s/other" % books.node in told and "web" not in told.partition("RESULT")[0].partition("---")[2]
    assert (books.node / "web" / "key.pem").exists() and not (books.node / "other").exists()
    assert books.changed(**alone) == 0
    # Its certificate is revoked, and nothing waits for it when the root changes.
    ledger = json.loads((books.folder / "state" / "pki" / "ledger.json").read_text())
    states = {row["holder"].rpartition("/")[2]: row["state"] for row in ledger["certificates"]}
    assert states == {"web": "installed", "other": "revoked"}
    assert [place for place in ledger["bundles"] if "/other/" in place] == []
    # A folder whose name only begins the same is another one.
    assert books.changed(rows=[], exclusive=str(books.node)[:-1]) == 0 and (books.node / "web").exists()
    # One that was revoked before goes too, once.
    assert books.changed(wanted="revoked", rows=books.rows[:1]) == 1
    assert books.changed(rows=[], exclusive=str(books.node)) == 1 and not (books.node / "web").exists()
    assert books.changed(rows=[], exclusive=str(books.node)) == 0


def test_reports_and_a_roll_over_by_playbook(books):
    books.run("site.yml")
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", "127.0.0.1:%d" % PORT, "-quiet", "-cert", str(books.node / "web/cert.pem")]
        + ["-key", str(books.node / "web" / "key.pem"), "-CAfile", str(books.node / "web" / "cert.pem")],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        time.sleep(0.5)
        endpoints = ["web.pkitest.test@127.0.0.1:%d" % PORT]
        told = books.run("nextgen.cloud.pki_report", pki_report_endpoints=endpoints)
        assert re.search(r"endpoint +web.pkitest.test@127.0.0.1:%d .*shown" % PORT, told)
        assert re.search(r"node +localhost:\S+/node/web .*present", told) and "ledger " in told and "root 1" in told
        bad = books.run("nextgen.cloud.pki_report", succeed=False, pki_report_endpoints=["x@127.0.0.1:%d" % PORT])
        assert "NXC-PKI-0016" in bad and "not trusted" in bad
    finally:
        server.kill()
        server.wait()
    late = books.run("nextgen.cloud.pki_report", succeed=False, pki_report_fail_under="398d")
    assert "NXC-PKI-0016" in late and "node/other" in late
    (books.node / "other").unlink()
    assert "missing" in books.run("nextgen.cloud.pki_report", succeed=False)
    books.run("site.yml")

    assert "NXC-PKI-0009" in books.run("nextgen.cloud.trust", trust_step="reissue", succeed=False)
    told = books.run("nextgen.cloud.trust", trust_step="introduce")
    assert "phase introduce; 3 place(s)" in told
    assert "NXC-PKI-0010" in books.run("nextgen.cloud.trust", trust_step="reissue", succeed=False)
    assert books.changed() == 1
    for step, reason in (("reissue", "issuer"), ("retire", "")):
        told = books.run("nextgen.cloud.trust", trust_step=step)
        assert books.changed() == 1
        assert {row["reason"] for row in books.result.values()} == {reason}
        assert books.changed() == 0
    assert "phase stable" in told
