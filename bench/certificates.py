# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates: keys, requests, signatures and files of 20 by us and by loops of community.crypto, and 500 by us."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import statistics
from pathlib import Path

from controller import LOCAL, ansible
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from measure import Row, seconds

PEM = serialization.Encoding.PEM
STAMP = "    - ansible.builtin.debug: {msg: \"STAMP {{ now(fmt='%s.%f') }}\"}\n"
PLAIN = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()


class Issue:
    """Two playbooks that have ``count`` certificates signed; both authorities exist before."""

    def __init__(self, folder: Path, count: int):
        self.folder = folder
        self.ours_at, self.theirs_at = folder / "ours", folder / "theirs"
        authority = (
            "    - nextgen.cloud.pki_authority:\n        state_dir: %s/state\n        domain: bench.test\n" % folder
        )
        rows = [
            {"name": "c%d" % number, "directory": str(self.ours_at), "dns": ["c%d.bench.test" % number]}
            for number in range(count)
        ]
        (folder / "authority.yml").write_text("%s  tasks:\n%s" % (LOCAL, authority))
        options = json.dumps({"state_dir": "%s/state" % folder, "certificates": rows})
        ours = "    - nextgen.cloud.pki_certificates: %s\n" % options
        self.key, self.authority = make_authority(folder)
        theirs = (
            "    - community.crypto.openssl_privatekey:\n"
            "        {path: '%(at)s/{{ item }}.key', type: ECC, curve: secp256r1}\n      loop: %(names)s\n"
            "    - community.crypto.openssl_csr:\n"
            "        {path: '%(at)s/{{ item }}.csr', privatekey_path: '%(at)s/{{ item }}.key',"
            " subject_alt_name: ['DNS:{{ item }}.bench.test']}\n      loop: %(names)s\n"
            "    - community.crypto.x509_certificate:\n"
            "        {path: '%(at)s/{{ item }}.pem', csr_path: '%(at)s/{{ item }}.csr', provider: ownca,"
            " ownca_path: '%(folder)s/ca.pem', ownca_privatekey_path: '%(folder)s/ca.key'}\n      loop: %(names)s\n"
            % {"at": self.theirs_at, "folder": folder, "names": json.dumps(["c%d" % number for number in range(count)])}
        )
        (folder / "ours.yml").write_text("%s  tasks:\n%s" % (LOCAL, STAMP + ours + STAMP))
        (folder / "both.yml").write_text("%s  tasks:\n%s" % (LOCAL, STAMP + ours + STAMP + theirs + STAMP))
        self.play("authority")

    def play(self, name: str) -> str:
        os.environ["XDG_CONFIG_HOME"] = str(self.folder / "config")
        play = str(self.folder / (name + ".yml"))
        return ansible(self.folder, "ansible-playbook", "-i", "localhost,", "-c", "local", play)

    def fresh(self, name: str) -> str:
        """With nothing there yet."""
        for target in (self.ours_at, self.theirs_at):
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
        return self.play(name)


def parts(output: str) -> list[float]:
    """Seconds of each part of one run, by the stamps between them."""
    stamps = [float(text) for text in re.findall(r"STAMP ([0-9.]+)", output)]
    return [after - before for before, after in zip(stamps, stamps[1:])]


def medians(rounds: list[list[float]]) -> list[float]:
    """Of each part over all rounds."""
    return [statistics.median(one) for one in zip(*rounds)]


def make_authority(folder: Path) -> tuple:
    """A root in two files, for those who need no more."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = signed("root", key.public_key(), key, authority=True)
    (folder / "ca.key").write_bytes(key.private_bytes(PEM, *PLAIN))
    (folder / "ca.pem").write_bytes(certificate.public_bytes(PEM))
    return key, certificate


def signed(name: str, public: object, key: object, authority: bool) -> x509.Certificate:
    """A certificate with little in it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, "root"))
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now)
    made = made.not_valid_after(now + datetime.timedelta(days=90))
    made = made.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("%s.bench.test" % name)]), critical=False)
    return made.sign(key, hashes.SHA256())


def raw(issue: Issue, count: int) -> None:
    """Keys, requests, certificates and synced files in this process: what the work itself costs."""
    target = issue.folder / "raw"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for number in range(count):
        name = "c%d" % number
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
        certificate = signed(name, request.public_key(), issue.key, authority=False)
        texts = {"key": key.private_bytes(PEM, *PLAIN), "pem": certificate.public_bytes(PEM)}
        texts["both"] = texts["key"] + texts["pem"]
        texts["ca"] = issue.authority.public_bytes(PEM)
        for kind, text in texts.items():
            with open(target / ("%s.%s.new" % (name, kind)), "wb") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.rename(target / ("%s.%s.new" % (name, kind)), target / ("%s.%s" % (name, kind)))


def issue_20(folder: Path) -> Row:
    """20 keys, requests and certificates by one task against three looped tasks, in the same run of a playbook."""
    issue = Issue(folder, 20)
    ours, reference = medians([parts(issue.fresh("both")) for _round in range(2)])
    return Row("certificates: issue 20", "s", ours, reference, "community.crypto, 3 loops", 0.05)


def keep_20(folder: Path) -> Row:
    """The same when there is nothing to do."""
    issue = Issue(folder, 20)
    issue.fresh("both")
    ours, reference = medians([parts(issue.play("both")) for _round in range(2)])
    return Row("certificates: 20, second run", "s", ours, reference, "community.crypto, 3 loops", 0.05)


def issue_500(folder: Path) -> Row:
    """500 in one task against the bare work; the goal is that the task takes 5 s."""
    issue = Issue(folder, 500)
    rounds = [[*parts(issue.fresh("ours")), seconds(lambda: raw(issue, 500))] for _round in range(3)]
    ours, floor = medians(rounds)
    return Row("certificates: issue 500", "s", ours, floor, "cryptography, one process", 5 / floor)


ROWS = [issue_20, keep_20, issue_500]
