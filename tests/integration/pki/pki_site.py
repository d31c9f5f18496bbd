# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site's certificates for tests: the library on the controller, the real module as the node, openssl as the judge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.authorities import parse_authorities
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.specification import parse_specifications
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.authority import Keeper, Wish
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.directory import PkiDirectory
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.issuing import Asked, Issuer
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki.store_keys import StoreKeys
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.open import open_backend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource

ROOT = Path(__file__).resolve().parents[3]
COLLECTIONS = ROOT / ".cache" / "collections"
RUNNER = ROOT / "tests" / "integration" / "edge" / "run_module.py"
DAY = 86400
NOW = 1795266000
DOMAIN = "pkitest.test"


class Site:
    """Authorities in ``folder/state``, pairs in ``folder/pairs``. ``now`` is what the tests say it is."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.now = NOW
        self.pairs = folder / "pairs"
        self.pki = folder / "state" / "pki"
        self.audit_log = AuditLog(str(folder / "state"), "tests")
        (folder / "password").write_text("of the tests\n")

    def keys(self) -> StoreKeys:
        password = PasswordSource(DataLoader(), str(self.folder / "password"))
        backend = open_backend({}, str(self.folder / "state"), password)
        return StoreKeys(backend, self.audit_log, self.now)

    def authority(self, clouds=("dev", "qa"), drop=(), **wish) -> Keeper:
        """Keep the authorities as pki_authority does."""
        directory = PkiDirectory(str(self.folder / "state"))
        with directory.locked():
            keeper = Keeper(directory.authorities(), directory.ledger(), self.keys(), self.now)
            rows = wish.pop("rows", None) or parse_authorities([], DOMAIN, clouds, ["127.0.0.1"])
            if drop:
                keeper.drop(drop, 30)
            else:
                keeper.keep(Wish("pkitest", rows, **wish))
            directory.save_ledger(keeper.ledger)
            directory.save_authorities(keeper.authorities)
        return keeper

    def issuer(self, authority: str) -> Issuer:
        return Issuer(str(self.folder / "state"), authority, self.keys, self.now)

    def row(self, name: str, **more) -> dict:
        dns = ["%s.%s" % (name, DOMAIN)]
        return {"name": name, "directory": str(self.pairs), "dns": dns, "days": 90, "renew": "66%", **more}

    def certificates(self, rows: list, authority: str = "site", check_names: bool = True, host: str = "n1") -> dict:
        """What pki_certificates does, with the module run as a process; {name: reason}."""
        issuer = self.issuer(authority)
        wanted = parse_specifications(host, rows)
        if check_names:
            issuer.check(wanted)
        common = {"bundle": issuer.bundle(), "now": self.now}
        revoked = sorted(issuer.ledger.revoked_serials())
        pairs = [one.as_dict() for one in wanted]
        looked = module(step="look", pairs=pairs, issuer=issuer.certificate(), revoked=revoked, **common)["pairs"]
        due = [one for one in wanted if looked[one.name]["reason"] or not looked[one.name]["kept"]]
        facts = {one.holder: looked[one.name]["facts"] for one in wanted}
        issuer.note({holder: seen["serial"] for holder, seen in facts.items() if seen}, [])
        if due:
            asked = [Asked(one, looked[one.name]["reason"], looked[one.name]["request"]) for one in due]
            signed = issuer.sign([one for one in asked if one.request])
            rows = [{**one.as_dict(), "certificate": signed.get(one.name, "")} for one in due]
            module(step="install", pairs=rows, chain=issuer.chain(), **common)
            issuer.note(issuer.newest([one.wanted.holder for one in asked if one.request]), [])
        issuer.note({}, [one.holder + "/ca.pem" for one in wanted])
        return {one.name: looked[one.name]["reason"] for one in due}

    def serial(self, name: str) -> str:
        return openssl("x509", "-in", self.pairs / name / "cert.pem", "-noout", "-serial").strip().partition("=")[2]

    def verify(self, name: str, roots: Path | None = None, crl: bool = False, at: int | None = None) -> str:
        """What openssl says of a pair's chain: ``OK``, or its error."""
        certificate = self.pairs / name / "cert.pem"
        options = ["-x509_strict", "-attime", at or self.now + 60, "-CAfile", roots or self.pki / "ca.pem"]
        if crl:
            lists = self.folder / "lists.pem"
            lists.write_text("".join(path.read_text() for path in sorted((self.pki / "crl").rglob("*.pem"))))
            options += ["-crl_check_all", "-CRLfile", lists]
        done = run("openssl", "verify", *options, "-untrusted", certificate, certificate)
        return "OK" if done.returncode == 0 else done.stdout + done.stderr


def audited(state: Path) -> list[dict]:
    """The lines of a site's audit log, whose chain is whole, by path."""
    log = AuditLog(str(state))
    log.verify()
    return sorted(map(json.loads, Path(log.path).read_text().splitlines()), key=lambda row: row["path"])


def module(**options) -> dict:
    """The node's module in a process of its own; its result."""
    done = finish(start(**options))
    assert not done.get("failed"), done
    return done


def start(**options) -> subprocess.Popen:
    check = options.pop("check", False)
    process = subprocess.Popen(
        [sys.executable, str(RUNNER), "pki_pairs"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
    )  # fmt: skip
    process.stdin.write(json.dumps({**options, "_ansible_check_mode": check}))
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen) -> dict:
    out, err = process.communicate(timeout=60)
    try:
        return json.loads(out)
    except ValueError:
        raise AssertionError("no result: %s %s" % (out, err)) from None


def run(*command: object) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def openssl(*arguments: object) -> str:
    done = run("openssl", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout
