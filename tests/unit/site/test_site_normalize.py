# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a valid file to the normalized site and the inventory."""

from __future__ import annotations

import copy
import itertools
import json
from pathlib import Path

import jsonschema
import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.defaults import default, with_defaults
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.inventory import to_inventory
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.listeners import listeners
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.normalize import normalize
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.schema import SCHEMA
from ansible_collections.nextgen.cloud.plugins.plugin_utils.site_file import load_site
from ansible_collections.nextgen.cloud.plugins.plugin_utils.yaml_document import parse_document, resolve

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = [ROOT / "inventories" / name / "site.yml" for name in ("aio", "lab")]

SMALL = {
    "plugin": "nextgen.cloud.site",
    "schema": 1,
    "site": "s",
    "domain": "s.test",
    "driver": {"kind": "podman"},
    "nodes": {
        "a": {"roles": ["worker"]},
        "b": {"roles": ["control"], "address": "10.77.0.99", "attributes": {"zone": "x"}},
        "c": {"roles": ["edge"], "resources": {"cpus": 1, "mem": "1.5GiB", "disk": 100}, "ssh": {"port": 2222}},
    },
    "clouds": {"dev": {"quota": {"cpus": 1, "mem": "2GiB"}, "ports": "20000-20999", "components": {"keystone": None}}},
}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_sample_is_valid_and_normalizes_to_the_same_twice(path):
    site = load_site(str(path))
    assert json.dumps(load_site(str(path))) == json.dumps(site)
    assert site["path"] == str(path)
    assert "$schema=../../docs/schema/site-1.schema.json" in path.read_text().splitlines()[0]


def test_clouds_of_the_sample_fit_on_a_small_machine():
    node = load_site(str(SAMPLES[0]))["nodes"]["aio-1"]
    assert node["resources"]["cpus"] <= 2 and node["resources"]["mem"] <= 6 * 1024


def test_normalized_site():
    assert normalize(SMALL, "/srv/s/site.yml") == {
        "schema": 1,
        "site": "s",
        "domain": "s.test",
        "path": "/srv/s/site.yml",
        "state_dir": "/srv/s/.nextgen",
        "driver": {"kind": "podman", "subnet": "10.77.0.0/24", "image": "debian-12"},
        "mesos": {"source": "embedded"},
        "secrets": {"backend": "file"},
        "certificates": {"days": 397, "renew": "66%", "root": {}, "clouds": {}},
        "ports": [20000, 29999],
        "edge": {"port": 443},
        "components": [],
        "nodes": {
            "a": {
                "roles": ["worker"],
                "address": "10.77.0.10",
                "resources": None,
                "attributes": {},
                "ssh": {"user": "root", "port": 22},
            },
            "b": {
                "roles": ["control", "registry"],
                "address": "10.77.0.99",
                "resources": None,
                "attributes": {"zone": "x"},
                "ssh": {"user": "root", "port": 22},
            },
            "c": {
                "roles": ["edge"],
                "address": "10.77.0.12",
                "resources": {"cpus": 1.0, "mem": 1536, "disk": 100},
                "attributes": {},
                "ssh": {"user": "root", "port": 2222},
            },
        },
        "clouds": {
            "dev": {
                "quota": {"cpus": 1.0, "mem": 2048},
                "weight": 1.0,
                "ports": [20000, 20999],
                "components": {"keystone": {}},
            }
        },
    }


def test_certificates_that_were_brought_are_files_beside_the_site_file():
    files = {"certificate": "ca/root.pem", "key": "/k.pem"}
    site = normalize(
        {**SMALL, "certificates": {"root": files, "clouds": {"dev": files}, "days": 90.0}}, "/srv/site.yml"
    )
    found = {"certificate": "/srv/ca/root.pem", "key": "/k.pem"}
    assert site["certificates"] == {"days": 90, "renew": "66%", "root": found, "clouds": {"dev": found}}


def test_normalizing_leaves_the_input_alone_and_shares_nothing_with_it():
    data = copy.deepcopy(SMALL)
    site = normalize(data, "/srv/site.yml")
    site["nodes"]["b"]["attributes"]["zone"] = "y"
    site["driver"]["image"] = "other"
    assert data == SMALL
    assert normalize(data, "/srv/site.yml")["driver"]["image"] == "debian-12"


@pytest.mark.parametrize(
    ("mesos", "normalized"),
    [
        ({"source": "package"}, {"source": "package", "name": "mesos"}),
        ({"source": "package", "name": "m", "version": "1"}, {"source": "package", "name": "m", "version": "1"}),
        ({"source": "archive", "url": "u", "checksum": "c"}, {"source": "archive", "url": "u", "checksum": "c"}),
    ],
)
def test_sources_of_mesos(mesos, normalized):
    assert normalize({**SMALL, "mesos": mesos}, "/site.yml")["mesos"] == normalized


@pytest.mark.parametrize(
    ("secrets", "normalized"),
    [
        ({"backend": "file"}, {"backend": "file"}),
        (
            {"backend": "kv2", "url": "https://v", "auth": {"method": "token", "token_file": "t"}},
            {
                "backend": "kv2",
                "url": "https://v",
                "mount": "secret",
                "prefix": "nextgen/s",
                "auth": {"method": "token", "token_file": "/srv/t"},
            },
        ),
        (
            {
                "backend": "kv2",
                "url": "https://v",
                "prefix": "p",
                "namespace": "n",
                "auth": {"method": "approle", "role_id": "r", "secret_id_file": "~/s"},
                "ca_file": "/ca",
            },
            {
                "backend": "kv2",
                "url": "https://v",
                "mount": "secret",
                "prefix": "p",
                "namespace": "n",
                "auth": {"method": "approle", "mount": "approle", "role_id": "r", "secret_id_file": "~/s"},
                "ca_file": "/ca",
            },
        ),
        (
            {"backend": "etcd", "endpoints": ["https://e"], "user": "u", "password_file": "p"},
            {
                "backend": "etcd",
                "endpoints": ["https://e"],
                "prefix": "nextgen/s",
                "user": "u",
                "password_file": "/srv/p",
            },
        ),
        (
            {"backend": "barbican", "cloud": "c", "clouds_file": "../clouds.yaml"},
            {"backend": "barbican", "cloud": "c", "clouds_file": "/clouds.yaml", "prefix": "nextgen/s"},
        ),
    ],
)
def test_backends_of_secrets(secrets, normalized):
    site = normalize({**SMALL, "secrets": secrets}, "/srv/site.yml")
    assert site["secrets"] == normalized
    assert to_inventory(site).variables["nextgen_secrets"] == normalized


def test_paths_are_relative_to_the_site_file():
    site = normalize({**SMALL, "state_dir": "../state", "components": ["mine", "/opt/theirs"]}, "/srv/s/site.yml")
    assert site["state_dir"] == "/srv/state"
    assert site["components"] == ["/srv/s/mine", "/opt/theirs"]


def test_registry_is_given_to_nobody_if_somebody_has_it():
    nodes = {**SMALL["nodes"], "a": {"roles": ["worker", "registry"]}}
    site = normalize({**SMALL, "nodes": nodes}, "/site.yml")
    assert [name for name, node in site["nodes"].items() if "registry" in node["roles"]] == ["a"]


def test_defaults_are_valid_and_documented():
    filled = with_defaults(SMALL)
    # Keys of other choices are filled too; what has no meaning is dropped by normalize.
    chosen = {"driver": {"kind": "podman"}, "mesos": default("mesos"), "secrets": default("secrets")}
    jsonschema.Draft202012Validator(SCHEMA).validate({**filled, **chosen})
    assert default("edge", "port") == 443


def test_every_property_has_title_description_and_examples():
    def properties(schema):
        for key, wanted in schema.get("properties", {}).items():
            yield key, wanted
            yield from properties(wanted)
            if isinstance(wanted.get("additionalProperties"), dict):
                yield from properties(wanted["additionalProperties"])

    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    found = list(properties(SCHEMA))
    assert len(found) > 35
    for key, wanted in found:
        assert wanted["title"] and wanted["description"] and wanted["examples"], key
        for example in itertools.chain(wanted["examples"], [wanted["default"]] if "default" in wanted else []):
            jsonschema.Draft202012Validator(wanted).validate(example)


@pytest.mark.parametrize(
    ("text", "value"),
    [("~", None), ("", None), ("true", True), ("no", "no"), ("on", "on"), ("12:30", "12:30"), ("1_000", "1_000"),
     ("2024-01-01", "2024-01-01"), ("010", 10), ("0x1F", 31), ("0o17", 15), ("-1", -1), ("1e3", 1000.0),
     (".5", 0.5), ("1.", 1.0), (".inf", ".inf"),
     (".nan", ".nan"), ("1e999", "1e999"), ("9" * 5000, "9" * 5000), ("20000-20999", "20000-20999")],
)  # fmt: skip
def test_plain_scalars_follow_the_core_schema(text, value):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_keys_are_text_and_aliases_are_values():
    document = parse_document(b"1: &a {no: yes}\ntrue: *a\n'x': [\"1\", '~']\n", "f")
    assert document.data == {"1": {"no": "yes"}, "true": {"no": "yes"}, "x": ["1", "~"]}
    assert document.keys[("true",)] == (2, 1)
    assert document.values[("true",)] == (2, 7)
    assert document.keys[("true", "no")] == (1, 8)


def test_inventory_of_nodes_and_clouds():
    site = normalize(SMALL, "/srv/s/site.yml")
    inventory = to_inventory(site)
    assert inventory.groups == {
        "nodes": ["a", "b", "c"],
        "control": ["b"],
        "worker": ["a"],
        "edge": ["c"],
        "registry": ["b"],
        "logs": [],
        "monitor": [],
        "ci": [],
        "clouds": ["cloud-dev"],
        "pending": [],
    }
    assert inventory.variables["nextgen_site"] == site
    assert inventory.variables["nextgen_state_dir"] == "/srv/s/.nextgen"
    assert inventory.variables["nextgen_masters"] == ["10.77.0.99:5050"]
    assert inventory.variables["nextgen_zookeeper"] == ["127.0.0.1:2181"]
    secrets = {row["path"]: row for row in inventory.variables["nextgen_site_secrets"]}
    assert {path for path in secrets if path.startswith("mesos/")} == {
        "mesos/principals/agent",
        "mesos/principals/dev",
        "mesos/principals/operator",
    }
    assert secrets["site/registry/password"]["kind"] == "htpasswd"
    assert inventory.variables["nextgen_principals"] == ["operator", "agent", "dev"]
    assert inventory.variables["nextgen_edges"] == ["10.77.0.12"]
    assert inventory.variables["nextgen_registry_address"] == "10.77.0.99"
    assert inventory.variables["nextgen_ports"] == listeners(site)
    assert inventory.hosts["c"] == {
        "ansible_host": "10.77.0.12",
        "ansible_user": "root",
        "ansible_port": 2222,
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_private_key_file": "/srv/s/.nextgen/ssh/id_ed25519",
        "ansible_ssh_common_args": "-o UserKnownHostsFile=/srv/s/.nextgen/ssh/known_hosts "
        "-o StrictHostKeyChecking=yes -o ControlMaster=auto -o ControlPersist=60s",
        "nextgen_node": {**site["nodes"]["c"], "name": "c", "fqdn": "c.s.test"},
        "nextgen_certificates": [],
    }
    pki = {"directory": "/etc/nextgen.cloud/pki", "days": 397, "renew": "66%"}
    client = {"name": "zookeeper-client", "dns": ["zookeeper-client.s.test"], "usages": ["client"], **pki}
    user = {"owner": "zookeeper", "group": "zookeeper"}
    control = {"dns": ["b.s.test"], "ip": ["10.77.0.99"]}
    assert inventory.hosts["a"]["nextgen_certificates"] == [client]
    assert inventory.hosts["b"]["nextgen_certificates"] == [
        {"name": "zookeeper", "usages": ["server", "client"], **control, **user, **pki},
        client,
        {
            "name": "registry",
            "dns": ["registry.s.test", "b.s.test"],
            "ip": ["10.77.0.99"],
            "usages": ["server"],
            **pki,
        },
    ]
    cloud = inventory.hosts["cloud-dev"]
    assert (cloud["ansible_host"], cloud["cloud_name"]) == ("10.77.0.99", "dev")
    assert "nextgen_node" not in cloud


def test_static_machines_keep_the_keys_of_their_owner():
    nodes = {name: {**node, "address": "192.0.2.%d" % n} for n, (name, node) in enumerate(SMALL["nodes"].items(), 1)}
    nodes["a"] = {**nodes["a"], "ssh": {"user": "admin", "private_key": "~/.ssh/id", "known_hosts": "hosts"}}
    inventory = to_inventory(normalize({**SMALL, "driver": {"kind": "static"}, "nodes": nodes}, "/srv/site.yml"))
    assert inventory.hosts["a"]["ansible_ssh_private_key_file"] == "~/.ssh/id"
    assert "-o UserKnownHostsFile=/srv/hosts " in inventory.hosts["a"]["ansible_ssh_common_args"]
    assert "ansible_ssh_private_key_file" not in inventory.hosts["b"]
    assert "UserKnownHostsFile" not in inventory.hosts["b"]["ansible_ssh_common_args"]
