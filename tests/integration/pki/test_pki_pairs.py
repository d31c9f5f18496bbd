# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pairs on a node: renewed in time, replaced as a whole, whoever looks and whoever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.specification import parse_specifications
from pki_site import DAY, NOW, finish, module, openssl, start

FILES = ("key.pem", "cert.pem", "combined.pem", "ca.pem")


def test_every_reason_on_a_real_node(site):
    row = site.row("web", days=90)
    assert site.certificates([row]) == {"web": "missing"} and site.certificates([row]) == {}
    assert site.certificates([{**row, "dns": [*row["dns"], "www.pkitest.test"]}]) == {"web": "san"}
    assert site.certificates([{**row, "ip": ["127.0.0.1"]}]) == {"web": "san"}
    assert site.certificates([row]) == {"web": "san"}
    assert site.certificates([{**row, "usages": ["client", "server"]}]) == {"web": "usage"}
    assert site.certificates([row]) == {"web": "usage"}
    site.pairs.joinpath("web", "key.pem").write_bytes(site.pairs.joinpath("web", "ca.pem").read_bytes())
    assert site.certificates([row]) == {"web": "key"}
    site.pairs.joinpath("web", "cert.pem").unlink()
    assert site.certificates([row]) == {"web": "missing"}
    assert site.certificates([{**row, "key_type": "ec_p384"}]) == {"web": "profile"}
    assert site.certificates([{**row, "key_type": "ec_p384"}]) == {}
    assert "secp384r1" in openssl("x509", "-in", site.pairs / "web" / "cert.pem", "-noout", "-text")
    assert site.verify("web", crl=True) == "OK"


def test_renewal_by_the_clock(site):
    row = site.row("web", days=90, renew="30d")
    site.certificates([row])
    serials = {site.serial("web")}
    for day, expected in ((50, {}), (61, {"web": "window"}), (100, {}), (61 + 95, {"web": "expired"})):
        site.now = NOW + day * DAY
        assert site.certificates([row]) == expected, day
        serials.add(site.serial("web"))
        assert site.verify("web") == "OK"
    assert len(serials) == 3
    epochs = site.issuer("site").ledger.epochs()
    assert epochs == {"n1:%s/web" % site.pairs: 3}


def test_what_stands_beside_a_certificate_is_put_right_without_a_new_one(site):
    row = site.row("web")
    site.certificates([row])
    serial = site.serial("web")
    for spoil in (
        lambda pair: pair.joinpath("combined.pem").write_text("x"),
        lambda pair: pair.joinpath("ca.pem").write_text("x"),
        lambda pair: pair.joinpath("key.pem").chmod(0o640),
    ):
        spoil(site.pairs / "web")
        assert site.certificates([row]) == {"web": ""} and site.certificates([row]) == {}
        assert site.serial("web") == serial and site.verify("web") == "OK"
    assert site.certificates([{**row, "mode": "0640", "group": "daemon"}]) == {"web": ""}
    assert os.stat(site.pairs / "web" / "key.pem").st_mode & 0o777 == 0o640
    # One version stays, and the link.
    assert len(os.listdir(site.pairs)) == 2


def test_check_mode_makes_nothing(site):
    issuer = site.issuer("site")
    pairs = [one.as_dict() for one in parse_specifications("n1", [site.row("web")])]
    options = {"pairs": pairs, "issuer": issuer.certificate(), "bundle": issuer.bundle(), "now": site.now}
    looked = module(step="look", check=True, **options)
    assert looked["pairs"]["web"]["reason"] == "missing" and not looked["changed"] and not site.pairs.exists()


def test_what_is_in_the_way_is_refused(site):
    (site.pairs / "web").mkdir(parents=True)
    done = finish(start(step="look", pairs=[parse_specifications("n1", [site.row("web")])[0].as_dict()], now=site.now))
    assert done["failed"] and "NXC-PKI-0014" in done["msg"]
    done = finish(
        start(
            step="install", now=site.now,
            pairs=[{**parse_specifications("n1", [site.row("a")])[0].as_dict(), "certificate": issue_elsewhere(site)}],
        )
    )  # fmt: skip
    assert done["failed"] and "NXC-PKI-0013" in done["msg"] and not (site.pairs / "a").exists()


def issue_elsewhere(site):
    site.certificates([site.row("b")])
    return (site.pairs / "b" / "cert.pem").read_text()


def test_a_user_that_does_not_exist_is_named(site):
    with pytest.raises(AssertionError, match="NXC-PKI-0018.*nobody-here"):
        site.certificates([site.row("web", owner="nobody-here")])


def test_pairs_are_removed_and_revoked(site):
    rows = [site.row("web"), site.row("web2"), site.row("deep/web", dns=["d.pkitest.test"])]
    site.certificates(rows)
    pairs = [one.as_dict() for one in parse_specifications("n1", [rows[0], rows[2]])]
    assert module(step="remove", pairs=pairs, now=site.now, check=True)["changed"]
    assert module(step="remove", pairs=pairs, now=site.now)["changed"]
    assert not module(step="remove", pairs=pairs, now=site.now)["changed"]
    left = [name for name in os.listdir(site.pairs) if "web2" not in name]
    assert left == ["deep"] and os.listdir(site.pairs / "deep") == [] and site.verify("web2") == "OK"
    site.issuer("site").forget([one["holder"] for one in pairs])
    revoked = site.issuer("site").ledger.revoked_serials()
    assert len(revoked) == 2 and site.verify("web2", crl=True) == "OK"


class Reader(threading.Thread):
    """Opens the pair again and again as a service does, and notes every time that it did not fit."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.wrong, self.seen, self.stop = path, [], set(), threading.Event()

    def run(self):
        while not self.stop.is_set():
            try:
                folder = os.open(self.path, os.O_RDONLY)
            except FileNotFoundError:
                self.wrong.append("no pair")
                continue
            try:
                key, certificate, combined, _bundle = (self.read(folder, name) for name in FILES)
                self.seen.add(certificate)
                if combined != key + certificate:
                    self.wrong.append("another version")
            except FileNotFoundError:
                # Replaced between opening and reading; what is open now is found at the next turn.
                pass
            finally:
                os.close(folder)
            time.sleep(0.0005)

    @staticmethod
    def read(folder, name):
        with open(name, "rb", opener=lambda path, flags: os.open(path, flags, dir_fd=folder)) as stream:
            return stream.read()


def test_a_reader_never_finds_half_a_pair_and_a_kill_leaves_a_whole_one(site):
    rows = [site.row("web")]
    site.certificates(rows)
    reader = Reader(site.pairs / "web")
    reader.start()
    for number in range(25):
        site.certificates([site.row("web", dns=["w%d.pkitest.test" % number])])
    # kill -9 a little later each time, while looking as well as while installing.
    before = len(reader.seen)
    for number in range(30):
        kill_a_run(site, [site.row("web", dns=["k%d.pkitest.test" % number])], 0.15 + number * 0.02)
        paired(site.pairs / "web")
    reader.stop.set()
    reader.join()
    assert reader.wrong == [] and before > 20
    # The next run completes it and leaves nothing behind.
    site.certificates(rows)
    assert site.certificates(rows) == {} and site.verify("web", crl=True) == "OK"
    assert len(os.listdir(site.pairs)) == 2


def kill_a_run(site, rows, seconds):
    """A whole run in processes of their own, all killed after so many seconds."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("one_run.py")), str(site.folder), str(site.now)],
        stdin=subprocess.PIPE, text=True, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    process.stdin.write(str(rows))
    process.stdin.close()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def paired(path):
    public = openssl("x509", "-in", path / "cert.pem", "-noout", "-pubkey")
    assert public == openssl("pkey", "-in", path / "key.pem", "-pubout")


def test_two_runs_at_once_agree(site):
    rows = [site.row("r%d" % number) for number in range(30)]
    failures = []

    def one():
        try:
            site.certificates(rows)
        except (CloudError, AssertionError) as error:
            # The slower one may find the key of a pair replaced: it says so, and that trying again helps.
            if "NXC-PKI-0013" not in str(error):
                failures.append(error)

    threads = [threading.Thread(target=one) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    site.certificates(rows)
    assert site.certificates(rows) == {}
    for row in rows:
        paired(site.pairs / row["name"])
    states = [one.state for one in site.issuer("site").ledger.records.values()]
    assert states.count("installed") == 30


def test_five_hundred_in_one_call(site):
    rows = [site.row("c%d" % number) for number in range(500)]
    assert len(site.certificates(rows)) == 500
    assert site.certificates(rows) == {}
    assert len({one.serial for one in site.issuer("site").ledger.records.values()}) == 500
    assert site.verify("c499", crl=True) == "OK"
