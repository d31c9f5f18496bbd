# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built-in catalogue: sound, and its manifests for the sample site are the golden ones, byte for byte.

Write the golden files anew with ``NEXTGEN_GOLDEN=write pytest tests/unit/component`` and read the difference.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from pathlib import Path

import pytest
import yaml
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.files import as_files
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.hydrate import hydrate
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.model import RecipeFile
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import Place
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.manifests import read_manifests
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.kinds import KINDS
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.tokens import tokens_in
from ansible_collections.nextgen.cloud.plugins.plugin_utils.component_files import read_catalogues
from ansible_collections.nextgen.cloud.plugins.plugin_utils.templates import JinjaRenderer
from ansible_collections.nextgen.cloud.tests.unit.component.bench import CATALOGUE, ROOT, SITE, put

GOLDEN = Path(__file__).parent / "golden"
DEV = {**SITE["clouds"]["dev"], "components": {"keystone": {}}}
# The name of a plugin.
NOT_SECRET = {"password = nextgen"}
AIO = put(SITE, "clouds", {"dev": DEV, "qa": {**DEV, "ports": [21000, 21999]}})


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogues([str(CATALOGUE)])


def manifests_of(catalogue, site=AIO):
    return hydrate(site, catalogue, JinjaRenderer(), lambda path: Place("site.yml"))


def with_fixed_recipes(catalogue):
    """Golden files must not change with a recipe: it has tests of its own."""
    recipe = [RecipeFile("Containerfile", "0644", "FROM scratch\n")]
    return {
        name: dataclasses.replace(one, recipes={image: recipe for image in one.recipes})
        for name, one in catalogue.items()
    }


def test_golden(catalogue):
    files = as_files(manifests_of(with_fixed_recipes(catalogue)))
    if os.environ.get("NEXTGEN_GOLDEN") == "write":
        shutil.rmtree(GOLDEN, ignore_errors=True)
        for path, text in files.items():
            (GOLDEN / path).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / path).write_bytes(text.encode())
    golden = {str(path.relative_to(GOLDEN)): path.read_bytes().decode() for path in GOLDEN.rglob("*.yml")}
    assert sorted(files) == sorted(golden)
    for path, text in files.items():
        assert text == golden[path], path


def test_two_runs_are_byte_equal(catalogue):
    again = read_catalogues([str(CATALOGUE)])
    assert as_files(manifests_of(catalogue)) == as_files(manifests_of(dict(reversed(again.items()))))


def test_files_are_yaml_of_the_manifests(catalogue):
    manifests = manifests_of(catalogue)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    assert [yaml.load(text, loader) for text in as_files(manifests).values()] == manifests


def test_no_secret_value_and_every_token_declared(catalogue):
    manifests = manifests_of(catalogue)
    for cloud in ("dev", "qa"):
        mine = [one for one in manifests if one.get("cloud") == cloud]
        declared = {one["name"] for one in mine if one["kind"] == "secret"}
        text = "".join(as_files(mine).values())
        assert {token.name for token in tokens_in(text) if token.kind == "secret"} == declared
        # What follows a word for a secret is a token and nothing else.
        for line in re.findall(r"(?im)^.*(?:password\s*=|IDENTIFIED BY|PASSWORD=|://\w+:).*$", text):
            assert tokens_in(line) or line.strip() in NOT_SECRET, line


def test_secrets_are_of_kinds_there_are(catalogue):
    for component in catalogue.values():
        for declaration in component.section("secrets").values():
            kind = KINDS[declaration["kind"]]
            assert kind.shortest <= declaration.get("length", kind.default) <= kind.longest


def test_the_operator_takes_the_manifests(catalogue):
    wanted = read_manifests("dev", [one for one in manifests_of(catalogue) if one.get("cloud") == "dev"])
    order = [work.name for work in wanted.works]
    assert sorted(order) == [
        "keystone",
        "keystone-bootstrap",
        "keystone-credentials",
        "keystone-database",
        "keystone-db-sync",
        "mariadb",
        "mariadb-accounts",
        "memcached",
    ]
    assert order.index("mariadb") < order.index("keystone-database") < order.index("keystone-db-sync")
    assert order.index("keystone-db-sync") < order.index("keystone-bootstrap") < order.index("keystone")


def test_nothing_runs_as_root_and_no_secret_is_readable_by_others(catalogue):
    for one in manifests_of(catalogue):
        if one["kind"] not in ("service", "job"):
            continue
        assert not one["user"].startswith("0:")
        for file in one["files"]:
            if any(token.sensitive for token in tokens_in(file["content"])):
                assert file["mode"] in ("0400", "0440"), (one["name"], file["path"])


def test_instances_can_be_asked_for(catalogue):
    site = put(AIO, "clouds.dev.components.keystone", {"instances": 2, "memory": 320, "cpus": 0.05})
    service = next(
        one for one in manifests_of(catalogue, site) if (one["kind"], one["name"]) == ("service", "keystone")
    )
    assert service["instances"] == 2 and service["resources"]["mem"] == 320


def test_every_component_can_come_into_a_cloud(catalogue):
    cloud = {**DEV, "quota": {"cpus": 8.0, "mem": 16384}, "components": {name: {} for name in catalogue}}
    manifests = [one for one in manifests_of(catalogue, put(SITE, "clouds", {"dev": cloud})) if one.get("cloud")]
    assert {one["component"]["name"] for one in manifests if one["kind"] == "service"} == set(catalogue)
    wanted = read_manifests("dev", manifests)
    assert {work.name for work in wanted.works} >= {"rabbitmq", "rabbitmq-accounts"}


def test_example_in_the_manual_is_sound(tmp_path):
    """docs/components.md shows a whole component; a reader may copy it."""
    page = (ROOT / "docs" / "components.md").read_text()
    blocks = re.findall(r"^`(\S+)`\n\n```\w+\n(.*?)^```$", page, flags=re.M | re.S)
    assert [name for name, _text in blocks] == [
        "hello/component.yml",
        "hello/templates/index.html.j2",
        "hello/images/hello/Containerfile",
    ]
    for name, text in blocks:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    site = put(SITE, "clouds.dev.components", {"hello": {"greeting": "Hi"}})
    files = as_files(manifests_of(read_catalogues([str(tmp_path)]), site))
    assert "Hi from cloud dev" in files["dev/service-hello.yml"]
