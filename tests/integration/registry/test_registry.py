# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry serves accounts over TLS and nobody else, also while its password and its pair are replaced."""

from __future__ import annotations

import pytest
from registry_node import HASHES, IMAGE, NAME, PASSWORDS, REGISTRY
from site_registry import ACCOUNT, PKI, Authority, ask, lay_pair

BASE = "https://%s" % REGISTRY
USER = "registry_a"
KEPT = "0" * 64


def test_second_run_changes_nothing(node):
    process = node.process()
    assert "changed=0" in node.services()
    assert "changed=0" in node.services(options=["--check"])
    assert node.process() == process


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "/v2/"),
        ("GET", "/v2/_catalog"),
        ("GET", "/v2/tiny/tags/list"),
        ("HEAD", "/v2/tiny/manifests/1"),
        ("GET", "/v2/tiny/manifests/1"),
        ("PUT", "/v2/tiny/manifests/2"),
        ("DELETE", "/v2/tiny/manifests/sha256:" + KEPT),
        ("GET", "/v2/tiny/blobs/sha256:" + KEPT),
        ("POST", "/v2/tiny/blobs/uploads/"),
    ],
)
@pytest.mark.parametrize(
    "account", [("", ""), (USER, "wrong"), ("nobody", PASSWORDS[USER]), ("registry_b", PASSWORDS["registry_b"])]
)
def test_who_is_no_account_gets_401(node, method, path, account):
    words = "--head" if method == "HEAD" else "--request %s" % method
    assert ask(node, BASE + path, *account, options=words)[0] == 401


def test_an_account_is_served(node):
    assert ask(node, BASE + "/v2/tiny/tags/list", USER, PASSWORDS[USER]) == (200, '{"name":"tiny","tags":["1"]}\n')


def test_what_is_not_below_v2_is_empty(node):
    assert ask(node, BASE + "/") == (200, "")
    assert ask(node, BASE + "/debug/vars")[0] == 404
    assert ask(node, BASE + "/metrics")[0] == 404


def test_nothing_is_said_in_plain_text_or_old_tls(node):
    assert ask(node, "http://%s/v2/" % REGISTRY, USER, PASSWORDS[USER])[0] == 400
    hello = "openssl s_client -connect %s -servername %s %%s < /dev/null 2>&1" % (REGISTRY, NAME)
    assert "Cipher is (NONE)" in node.run(hello % "-tls1_1 -cipher ALL@SECLEVEL=0", check=False)
    assert "Cipher is TLS" not in node.run(hello % "-tls1_2", check=False).replace("New, TLSv1.2", "")
    assert "New, TLSv1.2" in node.run(hello % "-tls1_2", check=False)
    assert "New, TLSv1.3" in node.run(hello % "-tls1_3", check=False)


def test_it_listens_on_its_address_only(node):
    assert node.run("ss -Hltn sport = 5000 | awk '{print $4}'") == "%s:5000" % node.address


def test_files_are_tight(node):
    files = [PKI + "/registry/key.pem", "/etc/docker/registry/htpasswd", ACCOUNT]
    modes = node.run("stat -c '%%a %%U' %s" % " ".join(files)).splitlines()
    assert modes == ["600 root", "400 docker-registry", "600 root"]


def test_passwords_are_told_to_nobody(node):
    node.pull()
    output = node.services(options=["-vvv", "--diff"])
    output += node.run("journalctl --no-pager --all; cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    for secret in (*PASSWORDS.values(), *HASHES.values()):
        assert secret not in output


def test_an_account_that_is_refused_is_told_by_its_name(node):
    output = node.images(USER, "a-wrong-password-of-a-test", "-vvv", succeed=False)
    assert "NXC-IMAGE-0008" in output
    assert "a-wrong-password-of-a-test" not in output
    assert "changed=0" in node.images(USER, PASSWORDS[USER])


def test_the_engine_refuses_a_registry_of_another_authority(node):
    node.run("cp %s/ca.pem /root/ca.pem" % PKI)
    node.run("cat > %s/ca.pem" % PKI, Authority().pem)
    try:
        failed = node.run("podman pull --authfile %s %s 2>&1" % (ACCOUNT, IMAGE), check=False)
        assert "certificate" in failed
    finally:
        node.run("cat /root/ca.pem > %s/ca.pem" % PKI)
    node.pull()


def test_a_changed_account_is_shown_without_its_hash(node):
    output = node.services(accounts=["registry_a", "registry_b"], options=["--check", "--diff"])
    assert "changed=1" in output
    assert not [one for one in HASHES.values() if one in output]
    assert ask(node, BASE + "/v2/", "registry_b", PASSWORDS["registry_b"])[0] == 401


def test_no_pull_fails_while_the_password_is_rotated(node):
    process = node.process()
    node.loop()
    node.services("registry_a", ["registry_a", "registry_b"])
    node.pulled()
    node.services("registry_b", ["registry_a", "registry_b"])
    node.pulled()
    assert "changed=0" in node.services("registry_b", ["registry_a", "registry_b"])
    node.services("registry_b", ["registry_b"])
    node.pulled()
    lines = node.pulls()
    assert len(lines) >= 12
    assert set(lines) == {"ok"}
    assert node.process() == process, "changed accounts need no restart"
    assert ask(node, BASE + "/v2/", "registry_a", PASSWORDS["registry_a"])[0] == 401
    node.services()


def test_a_new_pair_is_served_after_the_next_run_and_trusted_without_one(node):
    process = node.process()
    # Times are told in whole seconds.
    node.run("sleep 1.1")
    lay_pair(node, Authority(), NAME)
    assert "The pair is newer than the running registry." in node.services(options=["--check"])
    assert node.process() == process
    output = node.services()
    assert "Restart docker-registry.service" in output
    assert node.process() != process
    node.pull()
    assert "changed=0" in node.services()
