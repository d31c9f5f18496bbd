# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manifests as files: what changes, what is left alone, what is refused."""

from __future__ import annotations

import os

import pytest
from ansible.plugins.loader import lookup_loader
from ansible_collections.nextgen.cloud.plugins.action.manifests import apply
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.files import Change
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.plugin_utils.manifest_files import ManifestDirectory
from ansible_collections.nextgen.cloud.tests.unit.component.bench import SITE, put

COMPONENT = """\
schema: 1
component: web
version: "1.0"
images: {web: {context: images/web, version: "1.0"}}
secrets: {key: {kind: fernet}}
certificates: {server: {}}
services:
  web:
    {image: web, user: "1:1", command: [serve], resources: {cpus: 0.1, mem: 64}, secret_environment: {KEY: key}}
"""


@pytest.fixture
def call(tmp_path):
    home = tmp_path / "catalogue" / "web"
    (home / "images" / "web").mkdir(parents=True)
    (home / "images" / "web" / "Containerfile").write_text("FROM scratch\n")
    (home / "component.yml").write_text(COMPONENT)

    def run(site=None, check_mode=False):
        params = {"site": site or SITE, "path": str(tmp_path / "out"), "catalogues": [str(tmp_path / "catalogue")]}
        return apply(params, check_mode)

    return run


ALL = [
    "_site/image-web.yml",
    "dev/certificate-web.server.yml",
    "dev/cloud-dev.yml",
    "dev/secret-web.key.yml",
    "dev/service-web.yml",
]


def tree(folder):
    return {
        os.path.relpath(os.path.join(top, name), folder): (os.stat(os.path.join(top, name)).st_mtime_ns)
        for top, _folders, names in os.walk(folder)
        for name in names
    }


def test_first_and_second_run(tmp_path, call):
    first = call()
    assert first["changed"] and first["files"] == ALL
    assert first["clouds"] == {"_site": {"image": 1}, "dev": {"certificate": 1, "cloud": 1, "secret": 1, "service": 1}}
    assert first["secrets"] == [{"path": "clouds/dev/web/key", "kind": "fernet", "owner": "web", "consumers": ["web"]}]
    assert first["certificates"] == [
        {"cloud": "dev", "name": "web/server", "dns": ["web.dev.aio.test"], "usages": ["server"]}
    ]
    before = tree(tmp_path / "out")
    second = call()
    assert not second["changed"] and second["files"] == [] and second["diff"] == []
    assert tree(tmp_path / "out") == before and sorted(before) == ALL


def test_check_mode_tells_and_does_nothing(tmp_path, call):
    told = call(check_mode=True)
    assert told["changed"] and not (tmp_path / "out").exists()
    assert told["files"] == call()["files"]


def test_only_what_differs_is_written(tmp_path, call):
    call()
    before = tree(tmp_path / "out")
    result = call(put(SITE, "clouds.dev.weight", 2.0))
    assert result["files"] == ["dev/cloud-dev.yml"]
    assert "-weight: 1.0" not in result["diff"][0]["after"] and "weight: 2.0" in result["diff"][0]["after"]
    after = tree(tmp_path / "out")
    assert [path for path in after if after[path] != before[path]] == ["dev/cloud-dev.yml"]


def test_edits_by_hand_are_undone(tmp_path, call):
    call()
    path = tmp_path / "out" / "dev" / "service-web.yml"
    text = path.read_text()
    path.write_text("{ broken")
    assert call()["files"] == ["dev/service-web.yml"] and path.read_text() == text


def test_what_is_gone_is_removed(tmp_path, call):
    two = put(SITE, "clouds.qa", {**SITE["clouds"]["dev"], "ports": [21000, 21999]})
    call(two)
    result = call()
    assert result["files"] == [path.replace("dev", "qa") for path in ALL[1:]]
    assert result["diff"][0]["after"] == "" and result["diff"][1]["after_header"] == "qa/cloud-qa.yml (absent)"
    assert sorted(os.listdir(tmp_path / "out")) == ["_site", "dev"]


@pytest.mark.parametrize("text", ["x: 1\n", "{ broken", "schema: 1\nkind: service\nname: other\ncloud: dev\n"])
def test_files_of_others_are_refused(tmp_path, call, text):
    call()
    (tmp_path / "out" / "dev" / "mine.yml").write_text(text)
    before = tree(tmp_path / "out")
    with pytest.raises(CloudError, match="NXC-COMP-0027"):
        call(put(SITE, "clouds.dev.weight", 2.0))
    assert tree(tmp_path / "out") == before


def test_links_are_refused(tmp_path, call):
    call()
    path = tmp_path / "out" / "dev" / "service-web.yml"
    path.unlink()
    path.symlink_to(tmp_path / "catalogue" / "web" / "component.yml")
    with pytest.raises(CloudError, match="NXC-COMP-0027"):
        call()


def test_other_kinds_of_files_are_left_alone(tmp_path, call):
    for name in ("README.md", ".git/config.yml", "dev/notes.txt"):
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_text("mine")
    call()
    call(put(SITE, "clouds", {}))
    assert sorted(tree(tmp_path / "out")) == [".git/config.yml", "README.md", "dev/notes.txt"]


def test_leftovers_of_a_killed_run_go(tmp_path, call):
    call()
    (tmp_path / "out" / "dev" / ".service-web.yml.new").write_text("half")
    call(put(SITE, "clouds.dev.weight", 2.0))
    assert sorted(os.listdir(tmp_path / "out" / "dev")) == [path[4:] for path in ALL if path.startswith("dev/")]


def test_a_write_that_fails_has_a_code(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CloudError, match="NXC-COMP-0035"):
        ManifestDirectory(str(tmp_path / "out")).apply([Change("dev/a.yml", None, "x")])


def test_lookup(tmp_path, call):
    call()
    look = lookup_loader.get("nextgen.cloud.manifests")
    found = look.run([str(tmp_path / "out")], {}, cloud="dev")
    assert [one["kind"] for one in found] == ["certificate", "cloud", "secret", "service"]
    assert [one["name"] for one in look.run([str(tmp_path / "out")], {}, cloud="dev", kind="secret")] == ["web/key"]
    assert look.run([str(tmp_path / "out")], {}, cloud="_site")[0]["kind"] == "image"
    with pytest.raises(Exception, match="NXC-COMP-0034"):
        look.run([str(tmp_path / "out")], {}, cloud="prod")
