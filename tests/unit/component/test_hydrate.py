# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What hydrate makes of sound components."""

from __future__ import annotations

import json

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.files import secret_declarations
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.model import RecipeFile
from ansible_collections.nextgen.cloud.tests.unit.component.bench import SITE, STORE, WEB, put


def test_service_is_rendered_whole(bench):
    service = bench.one("service", "web")
    assert service["command"] == ["serve", "--name", "dev"]
    assert service["resources"] == {"cpus": 0.1, "mem": 64, "disk": 32}
    assert service["instances"] == 1 and service["update"] == "surge" and service["kill_grace"] == 10
    assert service["health"] == {
        "kind": "http",
        "port": "http",
        "path": "/",
        "interval": 5,
        "timeout": 5,
        "grace": 60,
        "failures": 3,
    }
    assert service["image"].startswith("registry.aio.test:5000/web:1.0-")
    assert service["component"] == {"name": "web", "version": "1.0"}
    assert service["volumes"] == [] and service["environment"] == {} and service["placement"] == {}
    assert service["requires"] == ["store", "fill"]


def test_files_hold_tokens_and_names(bench):
    config, key = bench.one("service", "web")["files"]
    port = bench.one("route", "store")["listen"]
    assert config["content"] == (
        "[web]\nurl = tcp://store.dev.aio.test:%d\npublic = https://web.dev.aio.test\n"
        "password = @secret:store/password@\n" % port
    )
    assert key == {"path": "/etc/key", "mode": "0400", "content": "@secret:web/key@"}


def test_parts_of_secrets_and_certificates_are_tokens(bench):
    bench.web = put(bench.web, "secrets", {"key": {"kind": "fernet", "staged": True}, "user": {"kind": "htpasswd"}})
    bench.web = put(bench.web, "certificates", {"server": {}})
    bench.template = (
        '{{ secret("key", "staged") }} {{ secret("user", "hash") }} '
        '{{ component("store").secret("password", "previous_slot") }} '
        '{% set pair = certificate("server") %}'
        "{{ pair.cert }} {{ pair.key }} {{ pair.ca }} {{ pair.combined }} {{ trust() }}"
    )
    bench.web = put(bench.web, "services.web.files.1.which", "previous")
    config, key = bench.one("service", "web")["files"]
    assert config["content"] == (
        "@secret:web/key.staged@ @secret:web/user.hash@ @secret:store/password.previous_slot@ "
        "@certificate:web/server/cert@ @certificate:web/server/key@ @certificate:web/server/ca@ "
        "@certificate:web/server/combined@ @trust@"
    )
    assert key["content"] == "@secret:web/key.previous@"
    assert bench.one("secret", "web/key")["secret"] == {"kind": "fernet", "staged": True}
    assert bench.one("secret", "web/user")["secret"] == {"kind": "htpasswd"}


def test_certificates_are_for_routes_of_their_component(bench):
    bench.web = put(bench.web, "routes.api", {"service": "web", "port": "http", "kind": "https", "host": "a-p-i"})
    server = {"routes": ["api"], "usages": ["server", "client"]}
    bench.web = put(bench.web, "certificates", {"all": {}, "one": server, "none": {"routes": []}})
    manifest = bench.one("certificate", "web/all")
    assert manifest == {
        "schema": 1,
        "kind": "certificate",
        "cloud": "dev",
        "name": "web/all",
        "certificate": {"dns": ["a-p-i.dev.aio.test", "web.dev.aio.test"], "usages": ["server"]},
    }
    one, none = (bench.one("certificate", "web/" + name)["certificate"] for name in ("one", "none"))
    assert one == {"dns": ["a-p-i.dev.aio.test"], "usages": ["client", "server"]}
    assert none["dns"] == ["web.dev.aio.test"]


def test_rotation_is_in_the_manifest_where_it_is_not_the_usual(bench):
    bench.web = put(WEB, "services.web.files.0.rotation", "ignore")
    bench.web = put(bench.web, "services.web.files.1.rotation", "restart")
    config, key = bench.one("service", "web")["files"]
    assert config["rotation"] == "ignore" and "rotation" not in key


def test_an_environment_has_tokens_only_where_it_may(bench):
    bench.web = put(WEB, "services.web.secret_environment", {"KEY": "key", "OLD_KEY": "key.previous"})
    service = bench.one("service", "web")
    assert service["secret_environment"] == {"KEY": "@secret:web/key@", "OLD_KEY": "@secret:web/key.previous@"}
    assert service["environment"] == {} and "secret_environment" not in bench.one("job", "fill")


def test_a_secret_has_its_consumers(bench):
    bench.web = put(WEB, "jobs.fill.secret_environment", {"KEY": "key.slot"})
    told = {item["path"]: item for item in secret_declarations(bench.manifests())}
    assert told["clouds/dev/web/key"]["consumers"] == ["fill", "web"]
    password = told["clouds/dev/store/password"]
    assert (password["owner"], password["consumers"], password["length"]) == ("store", ["web"], 24)


def test_jobs_have_no_keys_of_services(bench):
    job = bench.one("job", "fill")
    assert job["timeout"] == 300
    assert not {"instances", "ports", "health", "update", "volumes"} & set(job)


def test_routes(bench):
    assert bench.one("route", "web") == {
        "schema": 1,
        "kind": "route",
        "cloud": "dev",
        "name": "web",
        "service": "web",
        "port": "http",
        "protocol": "https",
        "host": "web.dev.aio.test",
        "listen": 443,
        "container_port": 8080,
    }
    store = bench.one("route", "store")
    assert store["protocol"] == "tcp" and 20000 <= store["listen"] <= 20099 and store["container_port"] == 3306


def test_edge_port_is_in_urls(bench):
    bench.site = put(SITE, "edge.port", 8443)
    assert "public = https://web.dev.aio.test:8443\n" in bench.one("service", "web")["files"][0]["content"]
    assert bench.one("route", "web")["listen"] == 8443


def test_cloud_secret_and_image(bench):
    assert bench.one("cloud", "dev") == {
        "schema": 1,
        "kind": "cloud",
        "cloud": "dev",
        "name": "dev",
        "quota": {"cpus": 1.0, "mem": 2048},
        "weight": 1.0,
        "ports": [20000, 20999],
        "route_ports": [20000, 20099],
    }
    assert bench.one("secret", "store/password")["secret"] == {"kind": "password", "length": 24}
    image = bench.one("image", "web")
    assert "cloud" not in image and bench.one("service", "web")["image"].endswith("/web:" + image["tag"])
    assert image["files"] == [{"path": "Containerfile", "mode": "0644", "content": "FROM scratch\n"}]


def test_two_clouds_differ_only_where_they_must(bench):
    bench.site = put(SITE, "clouds.qa", {**SITE["clouds"]["dev"], "ports": [21000, 21999]})
    manifests = bench.manifests()
    dev, qa = ([item for item in manifests if item.get("cloud") == cloud] for cloud in ("dev", "qa"))
    renamed = (
        json.dumps(dev).replace(".dev.", ".qa.").replace('"dev"', '"qa"').replace("200", "210").replace("209", "219")
    )
    assert json.loads(renamed) == json.loads(json.dumps(qa))
    assert [item["name"] for item in manifests if item["kind"] == "image"] == ["store", "web"]


def test_parameters_of_the_site_win(bench):
    bench.site = put(SITE, "clouds.dev.components.web", {"instances": 3})
    assert bench.one("service", "web")["instances"] == 3


def test_tag_follows_the_recipe(bench):
    before = bench.one("image", "web")["tag"]
    bench.recipes = {"web": [RecipeFile("Containerfile", "0644", "FROM scratch\n"), RecipeFile("extra", "0644", "x")]}
    after = bench.one("image", "web")["tag"]
    assert before != after and before.startswith("1.0-") and len(after) == len("1.0-") + 12


def test_a_new_route_moves_no_port(bench):
    before = bench.one("route", "store")["listen"]
    bench.store = put(STORE, "routes.another", {"service": "store", "port": "sql", "kind": "tcp"})
    assert bench.one("route", "store")["listen"] == before
    assert bench.one("route", "another")["listen"] != before


def test_order_of_input_does_not_matter(bench):
    first = bench.manifests()
    bench.web = dict(reversed(WEB.items()))
    bench.store = dict(reversed(STORE.items()))
    assert bench.manifests() == first


def test_a_number_in_a_command_is_text(bench):
    bench.web = put(WEB, "services.web.command", ["{{ parameters.instances }}"])
    bench.web = put(bench.web, "services.web.environment", {"LOUD": "{{ parameters.loud }}"})
    service = bench.one("service", "web")
    assert service["command"] == ["1"] and service["environment"] == {"LOUD": "False"}
