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
  handlers:
    - name: Reload haproxy.service
      ansible.builtin.debug:
        msg: HAProxy would be reloaded
  roles:
    - role: nextgen.cloud.certificates
      certificates_site: aio
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
        for key in [*self.edge.rglob("key.pem"), *self.authority.glob("ca.key")]:
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
                *("-verify_hostname", name.replace("*", "any"), self.pem(cloud)),
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

    assert site.run(names, "--diff", certificates_days=100) > 0 and site.reloaded
    site.verify("dev", "*.dev.aio.test")
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [site.authority, site.authority / "ca.key"]}
    assert list(modes.values()) == [0o700, 0o600]
    assert stat.S_IMODE(site.pem("dev").stat().st_mode) == 0o600

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

    # A lost key of qa, and dev has fewer days left than wanted: each gets a new certificate that fits.
    (site.edge / "keys" / "qa" / "key.pem").unlink()
    assert site.run(names, certificates_renew_days=120) > 0
    site.verify("dev", "*.dev.aio.test", "dev.aio.test")
    site.verify("qa", "*.qa.aio.test")
    serials += [site.serial("dev"), site.serial("qa")]
    assert len(set(serials)) == 5

    # A new authority signs anew; who is not asked for stays.
    (site.authority / "ca.key").unlink()
    assert site.run({"dev": names["dev"]}, certificates_renew_days=120) > 0
    site.verify("dev", "*.dev.aio.test", "dev.aio.test")
    assert site.serial("qa") == serials[-1]
