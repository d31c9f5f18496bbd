# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each kind of server refuses, and what is particular to one kind."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry, Version
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import barbican, barbican_api, etcd, kv2
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Conflict
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.open import open_backend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource
from secret_places import ServerPlace
from secret_servers import Etcd, Kv2, private

NOW = "2026-01-01T00:00:00Z"
WRONG = "wrong-8Zc1x"


def entry(value: str) -> Entry:
    return Entry("password", Version(1, value, NOW))


def refusal(settings: dict) -> CloudError:
    """What reading with these settings is refused with."""
    with pytest.raises(CloudError) as refused:
        open_backend(settings, "/nowhere", PasswordSource()).read(["a"])
    assert len(refused.value.problems) == 1 and WRONG not in str(refused.value)
    return refused.value


def code(settings: dict) -> str:
    return refusal(settings).problems[0].code


@pytest.fixture(scope="module")
def tls_servers(tmp_path_factory):
    """A KV-v2 server and an etcd with certificates that nobody trusts by default."""
    servers = {cls.kind: cls(tmp_path_factory.mktemp("%s-tls" % cls.kind), tls=True) for cls in (Kv2, Etcd)}
    try:
        yield {kind: server.start() for kind, server in servers.items()}
    finally:
        for server in servers.values():
            server.stop()


@pytest.mark.parametrize("kind", ["kv2", "etcd"])
def test_certificates_are_verified(tls_servers, kind, tmp_path):
    settings = tls_servers[kind].settings
    open_backend(settings, "/nowhere", PasswordSource()).write({"a": entry("x")}, {})
    assert set(open_backend(settings, "/nowhere", PasswordSource()).read(None)) == {"a"}
    untrusted = {key: value for key, value in settings.items() if key != "ca_file"}
    # Another prefix: what was read with trust is remembered.
    assert code({**untrusted, "prefix": settings["prefix"] + "/2"}) == "NXC-SECR-0042"
    broken = private(tmp_path / "ca.pem", "no certificate")
    assert code({**settings, "ca_file": broken, "prefix": settings["prefix"] + "/3"}) in (
        "NXC-SECR-0040",
        "NXC-SECR-0042",
    )


def test_kv2_refuses_with_codes(secret_servers, tmp_path):
    server = secret_servers("kv2")
    settings = {**server.settings, "prefix": "nextgen/refused"}
    login = settings["auth"]
    wrong = private(tmp_path / "secret-id", WRONG)
    assert code({**settings, "auth": {**login, "secret_id_file": wrong, "role_id": "other"}}) == "NXC-SECR-0041"
    assert code({**settings, "auth": {"method": "token", "token_file": wrong}}) == "NXC-SECR-0041"
    assert code({**settings, "mount": "elsewhere"}) == "NXC-SECR-0044"
    assert code({**settings, "auth": {**login, "secret_id_file": "/nowhere/x", "role_id": "2"}}) == "NXC-SECR-0046"
    assert code({**settings, "auth": {"method": "token", "token_file": "/nowhere/x"}}) == "NXC-SECR-0046"
    assert code({"backend": "kv2", "url": server.url, "prefix": "p"}) == "NXC-SECR-0051"
    server.request("PUT", "/_test/sealed")
    try:
        sealed = refusal(settings)
        assert sealed.problems[0].code == "NXC-SECR-0043" and "sealed" in str(sealed)
    finally:
        server.request("DELETE", "/_test/sealed")
    assert open_backend(settings, "/nowhere", PasswordSource()).read(None) == {}


def test_kv2_works_with_a_token(secret_servers):
    settings = {**secret_servers("kv2").token_settings, "prefix": "nextgen/by-token"}
    open_backend(settings, "/nowhere", PasswordSource()).write({"a": entry("x")}, {})
    assert set(open_backend(settings, "/nowhere", PasswordSource()).read(None)) == {"a"}


def test_kv2_destroys_the_versions_of_what_is_removed(secret_servers):
    server = secret_servers("kv2")
    settings = {**server.settings, "prefix": "nextgen/removed"}
    backend = open_backend(settings, "/nowhere", PasswordSource())
    backend.write({"a": entry("first")}, {})
    backend.write({"a": None}, backend.read(["a"]))
    rows = server.request("GET", "/v1/secret/metadata/nextgen/removed/a", headers={"X-Vault-Token": server.root_token})
    assert [row["destroyed"] for row in rows["data"]["versions"].values()] == [True, False]


def test_kv2_takes_what_was_deleted_by_other_hands_for_absent(secret_servers):
    server = secret_servers("kv2")
    settings = {**server.settings, "prefix": "nextgen/deleted"}
    backend = open_backend(settings, "/nowhere", PasswordSource())
    backend.write({"a": entry("first")}, {})
    server.request("DELETE", "/v1/secret/data/nextgen/deleted/a", headers={"X-Vault-Token": server.root_token})
    assert backend.read(None) == {}
    backend.write({"a": entry("second")}, {})
    assert backend.read(["a"])["a"].entry == entry("second")


def test_etcd_refuses_with_codes(secret_servers, tmp_path):
    server = secret_servers("etcd")
    settings = {**server.settings, "prefix": "nextgen/test/refused"}
    wrong = private(tmp_path / "password", WRONG)
    assert code({**settings, "password_file": wrong, "user": "root"}) == "NXC-SECR-0041"
    assert code({**settings, "password_file": "/nowhere/x", "user": "other"}) == "NXC-SECR-0046"
    anonymous = {key: value for key, value in settings.items() if key not in ("user", "password_file")}
    assert code(anonymous) == "NXC-SECR-0041"
    # The user has rights below its own prefix only.
    assert code({**settings, "prefix": "nextgen/other"}) == "NXC-SECR-0041"
    assert code({"backend": "etcd", "prefix": "p"}) == "NXC-SECR-0051"


def test_etcd_uses_the_endpoint_that_answers(secret_servers):
    server = secret_servers("etcd")
    settings = {**server.settings, "prefix": "nextgen/test/two", "endpoints": ["http://127.0.0.1:1", server.url]}
    open_backend(settings, "/nowhere", PasswordSource()).write({"a": entry("x")}, {})
    assert set(open_backend(settings, "/nowhere", PasswordSource()).read(None)) == {"a"}


def test_what_answers_but_is_another_server_is_told(secret_servers):
    found, other = secret_servers("kv2"), secret_servers("etcd")
    assert code({**other.settings, "endpoints": [found.url], "user": "x"}) in ("NXC-SECR-0044", "NXC-SECR-0041")
    assert code({**found.settings, "url": other.url, "prefix": "elsewhere"}) in ("NXC-SECR-0044", "NXC-SECR-0041")


def test_barbican_refuses_with_codes(secret_servers, tmp_path):
    server = secret_servers("barbican")
    settings = server.settings

    def clouds(**more):
        made = json.loads(open(server.clouds(), encoding="utf-8").read())
        made["clouds"]["production"].update(more)
        return private(tmp_path / ("%d.json" % len(list(tmp_path.iterdir()))), json.dumps(made))

    login = json.loads(open(settings["clouds_file"], encoding="utf-8").read())["clouds"]["production"]["auth"]
    assert code({**settings, "clouds_file": clouds(auth={**login, "password": WRONG})}) == "NXC-SECR-0041"
    assert code({**settings, "clouds_file": clouds(verify=False)}) == "NXC-SECR-0050"
    assert code({**settings, "clouds_file": clouds(region_name="two")}) == "NXC-SECR-0050"
    plain = clouds(key_manager_endpoint_override="http://192.0.2.1:9311")
    assert code({**settings, "clouds_file": plain}) == "NXC-SECR-0050"
    assert code({**settings, "cloud": "none"}) == "NXC-SECR-0050"
    assert code({**settings, "clouds_file": "/nowhere/clouds.yaml"}) == "NXC-SECR-0046"
    elsewhere = clouds(key_manager_endpoint_override=server.url + "/nothing")
    assert code({**settings, "clouds_file": elsewhere}) == "NXC-SECR-0044"


def test_barbican_candidate_that_was_abandoned_is_removed(secret_servers, tmp_path, monkeypatch):
    monkeypatch.setattr(barbican, "STALE", 1.5)
    place = ServerPlace(secret_servers("barbican"), tmp_path)
    place.open().write({"a": entry("first")}, {})
    seen = place.open().read(["a"])
    api = barbican_api.Barbican(place.settings)
    dead = api.announce("%s/a" % place.settings["prefix"], 2)
    # A reader does not wait for it.
    assert place.open().read(["a"])["a"].entry == entry("first")
    place.open().write({"a": entry("second")}, seen)
    assert place.open().read(["a"])["a"].entry == entry("second")
    assert not api.set_payload(dead, "a", "null")


def test_barbican_leaves_one_secret_per_entry(secret_servers, tmp_path):
    place = ServerPlace(secret_servers("barbican"), tmp_path)
    api = barbican_api.Barbican(place.settings)
    place.open().write({"a": entry("first")}, {})
    for turn in range(3):
        place.open().write({"a": entry("turn %d" % turn)}, barbican.BarbicanBackend(place.settings).read(["a"]))
    rows = api.named("%s/a" % place.settings["prefix"])
    assert [(row.generation, row.decided) for row in rows] == [(4, True)]


def test_barbican_lets_one_of_many_writers_win(secret_servers, tmp_path):
    """All have seen the same; exactly one may write."""
    place = ServerPlace(secret_servers("barbican"), tmp_path)
    backends = [barbican.BarbicanBackend(place.settings) for _number in range(5)]
    backends[0].write({"a": entry("first")}, {})
    seen = [backend.read(["a"]) for backend in backends]

    def write(number: int) -> str:
        try:
            backends[number].write({"a": entry("by %d" % number)}, seen[number])
        except Conflict:
            return ""
        return "by %d" % number

    with ThreadPoolExecutor(len(backends)) as pool:
        written = [value for value in pool.map(write, range(len(backends))) if value]
    assert written == [place.open().read(["a"])["a"].entry.current.value]


@pytest.mark.parametrize("module", [kv2, etcd, barbican_api], ids=lambda module: module.__name__.rsplit(".", 1)[1])
def test_missing_library_is_said(module, monkeypatch, secret_servers):
    monkeypatch.setattr(module, "MISSING", ImportError("No module named 'it'"))
    kind = module.__name__.rsplit(".", 1)[1].split("_")[0]
    settings = {**secret_servers(kind).settings, "prefix": "nextgen/test/missing"}
    assert code(settings) == "NXC-SECR-0047"
