# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role certificates, run by ansible-playbook against this machine; openssl is the judge."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from edge_harness import ROOT

# A handler of the play takes the place of the role's: there is no systemd to reload here.
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - nextgen.cloud.pki_authority:
        state_dir: "{{ playbook_dir }}/state"
        site: aio
        domain: aio.test
        clouds: "{{ certificates_clouds | list }}"
- hosts: localhost
  gather_facts: false
  handlers:
    - name: Reload haproxy.service
      ansible.builtin.debug:
        msg: HAProxy would be reloaded
  roles:
    - role: nextgen.cloud.certificates
      certificates_state_dir: "{{ playbook_dir }}/state"
"""


class Site:
    """A site folder and an edge folder for one test."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.authority = folder / "state" / "pki"
        self.edge = folder / "haproxy"
        for name in ("certs", "keys"):
            (self.edge / name).mkdir(parents=True, mode=0o700)
        (folder / "play.yml").write_text(PLAY)

    def run(self, names: dict, *arguments: str, **more) -> int:
        """Run the play; the number of changed tasks."""
        given = {"certificates_clouds": names, "_certificates_dir": str(self.edge), **more}
        given["ansible_python_interpreter"] = sys.executable
        environment = {
            **os.environ,
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            "ANSIBLE_PIPELINING": "1",
        }
        environment.pop("ANSIBLE_CONFIG", None)
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        command = [program, "-i", "localhost,", "-c", "local", "play.yml", "--skip-tags", "certificates_install"]
        done = subprocess.run(
            [*command, "-e", json.dumps(given), *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        for key in self.edge.rglob("key.pem"):
            assert key.read_text().splitlines()[1] not in done.stdout + done.stderr
        self.reloaded = "HAProxy would be reloaded" in done.stdout
        return int(re.search(r"changed=(\d+)", done.stdout).group(1))

    def pem(self, cloud: str) -> Path:
        return self.edge / "certs" / (cloud + ".pem")

    def serial(self, cloud: str) -> str:
        return openssl("x509", "-in", self.pem(cloud), "-noout", "-serial")

    def verify(self, cloud: str, *names: str) -> None:
        """openssl trusts it, it has exactly these names, and the key in the file is its own."""
        for name in names:
            openssl(
                *("verify", "-x509_strict", "-CAfile", self.authority / "ca.pem", "-purpose", "sslserver"),
                *("-untrusted", self.pem(cloud), "-verify_hostname", name.replace("*", "any"), self.pem(cloud)),
            )
        text = openssl("x509", "-in", self.pem(cloud), "-noout", "-ext", "subjectAltName")
        assert sorted(re.findall(r"DNS:([^,\s]+)", text)) == sorted(names)
        public = openssl("x509", "-in", self.pem(cloud), "-noout", "-pubkey")
        assert public == openssl("pkey", "-in", self.pem(cloud), "-pubout")


def openssl(*arguments: object) -> str:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_certificates_through_their_life(site):
    names = {"dev": ["*.dev.aio.test"]}
    assert site.run(names, "--check", "--diff") > 0
    assert not site.authority.exists() and not site.pem("dev").exists()

    # What an earlier release left is replaced and taken away.
    (site.edge / "keys" / "dev").mkdir()
    site.pem("dev").write_text("old")
    assert site.run(names, "--diff", certificates_days=100) > 0 and site.reloaded
    site.verify("dev", "*.dev.aio.test")
    assert stat.S_IMODE(site.authority.stat().st_mode) == 0o700
    assert stat.S_IMODE(site.pem("dev").stat().st_mode) == 0o600 and site.pem("dev").is_symlink()
    assert not (site.edge / "keys" / "dev").exists()

    # Nothing to do: nothing done, whatever the lifetime of new certificates is now.
    serials = [site.serial("dev")]
    assert site.run(names) == 0 and not site.reloaded
    assert site.serial("dev") == serials[0]

    # Another name for dev: signed anew. A cloud that joins has a certificate of its own.
    names = {"dev": ["*.dev.aio.test", "dev.aio.test"], "qa": ["*.qa.aio.test"]}
    assert site.run(names, certificates_days=100) > 0
    site.verify("dev", "*.dev.aio.test", "dev.aio.test")
    site.verify("qa", "*.qa.aio.test")
    serials += [site.serial("dev"), site.serial("qa")]

    # A lost key of qa: it alone gets a new certificate.
    (site.edge / "pairs" / "qa" / "key.pem").unlink()
    assert site.run(names) > 0 and site.reloaded
    site.verify("qa", "*.qa.aio.test")
    serials.append(site.serial("qa"))
    assert site.serial("dev") == serials[1] and len(set(serials)) == 4

    # Another authority of the cloud: signed anew. Who is not asked for stays.
    (site.authority / "authorities.json").unlink()
    assert site.run({"dev": names["dev"]}) > 0
    site.verify("dev", "*.dev.aio.test", "dev.aio.test")
    assert site.serial("qa") == serials[-1]


def test_a_certificate_that_was_brought(site):
    command = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3"]
    key, chain = site.folder / "own.key", site.folder / "own.pem"
    openssl(*command, "-keyout", key, "-out", chain, "-subj", "/CN=own", "-addext", "subjectAltName=DNS:*.dev.aio.test")
    brought = {"dev": {"certificate": str(chain), "key": str(key)}}
    names = {"dev": ["*.dev.aio.test"]}
    assert site.run(names, certificates_brought=brought) > 0
    assert site.serial("dev") == openssl("x509", "-in", chain, "-noout", "-serial")
    assert site.pem("dev").read_text() == key.read_text() + chain.read_text()
    assert site.run(names, certificates_brought=brought) == 0 and not site.reloaded
