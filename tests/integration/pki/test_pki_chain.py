# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the authorities sign, judged by openssl: constraints, lists of the revoked, and a change of roots."""

from __future__ import annotations

import re
import shutil
import ssl
import stat
import time

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.authorities import Authority
from ansible_collections.nextgen.cloud.plugins.plugin_utils.pki import signing
from pki_site import DAY, DOMAIN, NOW, audited, openssl

DEV = ["*.dev." + DOMAIN]


def test_an_authority_vouches_for_its_own_names_only(site):
    assert site.certificates([site.row("dev", dns=DEV)], "clouds/dev") == {"dev": "missing"}
    assert site.verify("dev", crl=True) == "OK"
    # The plug-in refuses before anybody signs.
    for dns, ip in ((["a.qa." + DOMAIN], []), ([DOMAIN], []), (DEV, ["127.0.0.1"])):
        with pytest.raises(CloudError, match="NXC-PKI-0005"):
            site.certificates([site.row("bad", dns=dns, ip=ip)], "clouds/dev")
    # Were it signed nevertheless, no client would believe it.
    for number, (dns, ip) in enumerate(((["a.qa." + DOMAIN], []), (DEV, ["127.0.0.1"]), (["x.dev.other"], []))):
        name = "forged%d" % number
        site.certificates([site.row(name, dns=dns, ip=ip)], "clouds/dev", check_names=False)
        assert re.search("(permitted|excluded) subtree violation", site.verify(name))
    # The site's authority has its domain and its addresses.
    site.certificates([site.row("registry", ip=["127.0.0.1"], usages=["client", "server"])])
    assert site.verify("registry", crl=True) == "OK"
    site.certificates([site.row("far", ip=["127.0.0.2"])], check_names=False)
    assert "permitted subtree violation" in site.verify("far")


def test_what_is_in_the_certificates(site):
    site.certificates([site.row("dev", dns=DEV)], "clouds/dev")
    text = openssl("x509", "-in", site.pki / "clouds" / "dev.pem", "-noout", "-text")
    assert "CA:TRUE, pathlen:0" in text and "X509v3 Name Constraints: critical" in text
    assert "DNS:dev." + DOMAIN in text and "IP:0.0.0.0/0.0.0.0" in text and "email:invalid" in text
    leaf = openssl("x509", "-in", site.pairs / "dev" / "cert.pem", "-noout", "-text")
    assert "CA:FALSE" in leaf and "TLS Web Server Authentication" in leaf and "TLS Web Client" not in leaf
    assert "ASN1 OID: prime256v1" in leaf
    # The key is on the node only, and for its owner only.
    key = (site.pairs / "dev" / "key.pem").read_text()
    for name in ("key.pem", "combined.pem"):
        assert stat.S_IMODE((site.pairs / "dev" / name).stat().st_mode) == 0o600
    assert not [path for path in site.pki.rglob("*") if path.is_file() and key.splitlines()[1] in path.read_text()]
    assert not [path for path in site.pki.rglob("*") if path.is_file() and "PRIVATE KEY" in path.read_text()]


def test_nothing_is_taken_from_a_request_but_its_key(site):
    key, request = site.folder / "k", site.folder / "r"
    subject = ["-subj", "/CN=evil", "-addext", "subjectAltName=DNS:evil.test", "-addext", "basicConstraints=CA:TRUE"]
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, *subject)
    public = signing.requested_key("web", request.read_text())
    assert (
        openssl("pkey", "-in", key, "-pubout")
        == public.public_bytes(
            signing.serialization.Encoding.PEM, signing.serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()
    )
    # A bit of the signature is another one: whoever sent it may not have the key.
    body = ssl.PEM_cert_to_DER_cert(request.read_text().replace("CERTIFICATE REQUEST", "CERTIFICATE"))
    broken = ssl.DER_cert_to_PEM_cert(body[:-1] + bytes([body[-1] ^ 1])).replace("CERTIFICATE", "CERTIFICATE REQUEST")
    for wrong in (broken, "nothing"):
        with pytest.raises(CloudError, match="NXC-PKI-0012"):
            signing.requested_key("web", wrong)


def test_a_revoked_certificate_is_listed_and_replaced(site):
    rows = [site.row("web"), site.row("other")]
    site.certificates(rows)
    assert site.verify("web", crl=True) == "OK"
    before = site.serial("web")
    kept = (site.pairs / "web" / "cert.pem").read_text()
    assert [one.serial.upper() for one in site.issuer("site").revoke(["n1:%s/web" % site.pairs], 30, False)]
    assert "certificate revoked" in site.verify("web", crl=True) and site.verify("other", crl=True) == "OK"
    old_key = (site.pairs / "web" / "key.pem").read_text()
    assert site.certificates(rows) == {"web": "revoked"}
    assert site.serial("web") != before and (site.pairs / "web" / "key.pem").read_text() != old_key
    assert site.verify("web", crl=True) == "OK" and kept != (site.pairs / "web" / "cert.pem").read_text()
    assert site.certificates(rows) == {}


def test_lists_are_made_again_only_when_something_asks_for_it(site):
    lists = site.pki / "crl" / "site.pem"
    first = lists.read_text()
    site.now += 14 * DAY
    assert site.authority().outcome.notes == [] and lists.read_text() == first
    site.now += 2 * DAY
    assert site.authority().outcome.notes and lists.read_text() != first
    assert openssl("crl", "-in", lists, "-noout", "-nextupdate")


def test_an_authority_that_goes_is_on_the_list_of_the_root(site):
    site.certificates([site.row("qa", dns=["*.qa." + DOMAIN])], "clouds/qa")
    saved = site.folder / "qa-authority.pem"
    shutil.copy(site.pki / "clouds" / "qa.pem", saved)
    site.authority(drop=["clouds/qa"])
    assert not (site.pki / "clouds" / "qa.pem").exists() and not (site.pki / "crl" / "clouds" / "qa.pem").exists()
    assert site.keys().read(["pki/clouds/qa"]) == {}
    told = [row["action"] for row in audited(site.folder / "state") if row["path"] == "pki/clouds/qa"]
    assert told == ["created", "removed"]
    serial = openssl("x509", "-in", saved, "-noout", "-serial").strip().partition("=")[2]
    assert serial in openssl("crl", "-in", site.pki / "crl" / "root.pem", "-noout", "-text").replace("\n", " ")


def test_a_change_of_roots_breaks_no_trust(site):
    rows = [site.row("web"), site.row("zk", usages=["client", "server"])]
    site.certificates(rows)
    old, both, new = (site.folder / name for name in ("old.pem", "both.pem", "new.pem"))
    shutil.copy(site.pki / "ca.pem", old)

    site.authority(trust="introduce")
    shutil.copy(site.pki / "ca.pem", both)
    new.write_text(both.read_text().replace(old.read_text(), ""))
    # Nobody has the new bundle yet, so the next step is refused; the certificates are as they were.
    with pytest.raises(CloudError, match="NXC-PKI-0010"):
        site.authority(trust="reissue")
    serials = [site.serial("web"), site.serial("zk")]
    assert site.certificates(rows) == {"web": "", "zk": ""}
    assert serials == [site.serial("web"), site.serial("zk")]
    assert (site.pairs / "web" / "ca.pem").read_text() == both.read_text()
    for roots in (old, both):
        assert site.verify("web", roots) == "OK"

    # In the middle of reissue: web has followed, zk has not. Clients of every age accept both.
    site.authority(trust="reissue")
    assert site.certificates(rows[:1]) == {"web": "issuer"}
    for roots in (old, both, new):
        assert site.verify("web", roots) == "OK"
    for roots in (old, both):
        assert site.verify("zk", roots) == "OK"
    with pytest.raises(CloudError, match="NXC-PKI-0010.*n1:.*zk"):
        site.authority(trust="retire")
    assert site.certificates(rows) == {"zk": "issuer"}
    assert site.verify("web", crl=True) == "OK"

    site.authority(trust="retire")
    assert (site.pki / "ca.pem").read_text() == new.read_text()
    assert site.certificates(rows) == {"web": "", "zk": ""} and site.certificates(rows) == {}
    assert site.verify("web", new, crl=True) == "OK"
    assert site.keys().read(["pki/root", "pki/site", "pki/clouds/dev"]) == {}
    assert set(site.keys().read(["pki/root.2", "pki/site.2"])) == {"pki/root.2", "pki/site.2"}
    # And once more, from the second root to a third.
    for step in ("introduce", "reissue", "retire"):
        site.authority(trust=step)
        site.certificates(rows)
    assert site.verify("web", crl=True) == "OK" and site.verify("web", new) != "OK"


def test_a_step_is_forced_by_its_code_and_waits_for_no_host_that_is_gone(site):
    site.certificates([site.row("web")])
    site.certificates([site.row("lost", directory=str(site.folder / "n2"))], host="n2")
    site.authority(trust="introduce")
    site.certificates([site.row("web")])
    with pytest.raises(CloudError, match="n2:"):
        site.authority(trust="reissue")
    keeper = site.authority(trust="reissue", forget_hosts=("n2",))
    assert keeper.authorities.phase == "reissue"
    assert site.authority(trust="retire", force="NXC-PKI-0010").authorities.phase == "stable"
    assert site.certificates([site.row("web")]) == {"web": "issuer"} and site.verify("web") == "OK"


def brought_root(site, *extensions):
    key, certificate = site.folder / "own-root.key", site.folder / "own-root.pem"
    openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-nodes", "-days", "3650"),
        *("-keyout", key, "-out", certificate, "-subj", "/CN=Own Root", *extensions),
    )
    return certificate.read_text(), key.read_text()


def test_a_root_that_was_brought_is_used_and_checked(site, tmp_path_factory):
    fresh = type(site)(tmp_path_factory.mktemp("brought"))
    fresh.now = int(time.time())
    root, key = brought_root(fresh, "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    fresh.authority(root_certificate=root, root_key=key)
    assert (fresh.pki / "ca.pem").read_text() == root
    fresh.certificates([fresh.row("web")])
    assert fresh.verify("web", crl=True) == "OK"
    fresh.authority(root_certificate=root, root_key=key)
    with pytest.raises(CloudError, match="NXC-PKI-0004.*introduce"):
        site.authority(root_certificate=root, root_key=key)
    # The old site takes it in three steps.
    site.now = fresh.now
    site.authority(trust="introduce", root_certificate=root, root_key=key)
    assert root in (site.pki / "ca.pem").read_text()

    other = type(site)(tmp_path_factory.mktemp("other"))
    other.now = fresh.now
    for wrong, wrong_key in ((root, signing.new_key()), ("nothing", key), (root, "nothing")):
        with pytest.raises(CloudError, match="NXC-PKI-0011"):
            other.authority(root_certificate=wrong, root_key=wrong_key)
    other.now += 4000 * DAY
    with pytest.raises(CloudError, match="NXC-PKI-0011.*not valid"):
        other.authority(root_certificate=root, root_key=key)


def test_an_authority_that_was_brought_leaves_the_root_offline(site, tmp_path_factory):
    source = type(site)(tmp_path_factory.mktemp("source"))
    source.authority()
    certificate = (source.pki / "site.pem").read_text()
    key = source.keys().read(["pki/site"])["pki/site"]
    mine = type(site)(tmp_path_factory.mktemp("mine"))
    rows = [Authority("site", (DOMAIN,), ("127.0.0.1",), certificate, key)]
    mine.authority(rows=rows, root_certificate=(source.pki / "root.pem").read_text())
    mine.certificates([mine.row("web")])
    assert mine.verify("web") == "OK" and mine.keys().read(["pki/root"]) == {}
    with pytest.raises(CloudError, match="NXC-PKI-0011.*root did not sign"):
        site.authority(rows=rows)


def test_an_authority_whose_key_is_lost_is_not_made_anew_in_silence(site):
    site.keys().remove(["pki/site"])
    with pytest.raises(CloudError, match="NXC-PKI-0015"):
        site.authority()
    with pytest.raises(CloudError, match="NXC-PKI-0015"):
        site.certificates([site.row("web")])


def test_authorities_follow_what_is_wished_and_are_left_alone_otherwise(site):
    before = {path: path.read_text() for path in site.pki.rglob("*") if path.is_file()}
    assert site.authority().outcome.reasons == {}
    assert before == {path: path.read_text() for path in site.pki.rglob("*") if path.is_file()}
    site.certificates([site.row("web")])
    rows = [Authority("site", (DOMAIN,), ("127.0.0.1", "127.0.0.2"))]
    assert site.authority(rows=rows).outcome.reasons == {"site": "constraints"}
    # The same key signs, so what it signed before is as good as before.
    assert site.certificates([site.row("web")]) == {} and site.verify("web", crl=True) == "OK"
    assert site.certificates([site.row("two", ip=["127.0.0.2"])]) == {"two": "missing"}
    site.now = NOW + 1250 * DAY
    assert site.authority(rows=rows).outcome.reasons == dict.fromkeys(["site", "clouds/dev", "clouds/qa"], "window")


def test_a_root_that_has_ended_is_followed_by_the_next(site):
    rows = [site.row("web")]
    site.certificates(rows)
    site.now += 3651 * DAY
    assert site.authority().outcome.reasons == {}
    with pytest.raises(CloudError, match="NXC-PKI-0020"):
        site.certificates(rows)
    for step in ("introduce", "reissue"):
        site.authority(trust=step, force="NXC-PKI-0010")
    assert site.certificates(rows) == {"web": "expired"} and site.verify("web") == "OK"
    site.authority(trust="retire")
    site.certificates(rows)
    assert site.certificates(rows) == {} and site.verify("web", crl=True) == "OK"


def test_files_of_an_earlier_release_are_in_nobodys_way(tmp_path):
    from pki_site import Site

    (tmp_path / "state" / "pki").mkdir(parents=True)
    (tmp_path / "state" / "pki" / "ca.pem").write_text("old\n")
    (tmp_path / "state" / "pki" / "ca.key").write_text("old key\n")
    made = Site(tmp_path)
    made.authority()
    assert "BEGIN CERTIFICATE" in (made.pki / "ca.pem").read_text()
    assert (made.pki / "ca.key").read_text() == "old key\n"
