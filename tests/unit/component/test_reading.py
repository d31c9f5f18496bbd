# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Catalogues on disk: what is refused, with its place, and what is read."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.plugin_utils.component_files import SiteFile, read_catalogues

SOUND = """\
schema: 1
component: web
version: "1.0"
images:
  web: {context: images/web, version: "1.0"}
services:
  web:
    image: web
    user: "1000:1000"
    command: [serve]
    resources: {cpus: 0.1, mem: 64}
    ports: {http: 80}
    files:
      - {path: /etc/a, mode: "0444", content: "x"}
    health: {kind: tcp, port: http}
"""

# id: (text that goes, text that comes, code, line, column, part of the message)
ROWS = {
    "empty": (SOUND, "", "NXC-COMP-0002", 1, 1, "no content"),
    "a list": (SOUND, "- a\n", "NXC-COMP-0002", 1, 1, "mapping"),
    "syntax": ("command: [serve]", "command: [serve", "NXC-SITE-0004", 11, 14, "not YAML"),
    "twice": ('version: "1.0"\nimages', 'version: "1.0"\nversion: "2"\nimages', "NXC-SITE-0009", 4, 1, "twice"),
    "unknown key": ("    ports:", "    portz:", "NXC-COMP-0003", 12, 5, "Did you mean 'ports'?"),
    "unknown key at the top": ("images:", "image:", "NXC-COMP-0003", 4, 1, "Did you mean 'images'?"),
    "wrong type": ("[serve]", "serve", "NXC-COMP-0004", 10, 14, "services.web.command"),
    "wrong number": ("cpus: 0.1", "cpus: none", "NXC-COMP-0004", 11, 23, "resources.cpus: 'none' is neither a number"),
    "number with a unit": ("mem: 64", "mem: 64MiB", "NXC-COMP-0004", 11, 33, "an integer nor one expression"),
    "open expression": ("mem: 64", 'mem: "{{ a }"', "NXC-COMP-0004", 11, 33, "x }}' (Memory limit in MiB)"),
    "version is a number": ('version: "1.0"\nimages', "version: 1.0\nimages", "NXC-COMP-0004", 3, 10, "must be text"),
    "root": ('"1000:1000"', '"0:0"', "NXC-COMP-0004", 9, 11, "(uid:gid; never root)"),
    "mode is a number": ('mode: "0444"', "mode: 0444", "NXC-COMP-0004", 14, 30, "put it in quotes"),
    "two sources of a file": ('content: "x"', 'content: "x", secret: k', "NXC-COMP-0004", 14, 9, "exactly one"),
    "no source of a file": (', content: "x"', "", "NXC-COMP-0004", 14, 9, "exactly one"),
    "health without a port": ("kind: tcp, port: http", "kind: tcp", "NXC-COMP-0004", 15, 5, "have a port"),
    "kind of health": ("kind: tcp", "kind: udp", "NXC-COMP-0004", 15, 20, "udp"),
    "name": ("  web:\n    image", "  Web:\n    image", "NXC-COMP-0004", 7, 3, "'Web' is no name"),
    "missing key": ("    command: [serve]\n", "", "NXC-COMP-0005", 7, 3, "'command'"),
    "missing version": ('version: "1.0"\nimages', "images", "NXC-COMP-0005", 1, 1, "'version'"),
    "other schema": ("schema: 1", "schema: 2", "NXC-COMP-0006", 1, 1, "Schema 2"),
    "other name": ("component: web", "component: wep", "NXC-COMP-0007", 2, 12, "'wep'"),
    "recipe outside": ("images/web", "images/../../web", "NXC-COMP-0031", 5, 18, "outside"),
}


def put_component(folder, text=SOUND, name="web"):
    home = folder / name
    (home / "images" / "web").mkdir(parents=True)
    (home / "images" / "web" / "Containerfile").write_text("FROM scratch\n")
    (home / "component.yml").write_text(text)
    return home


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_refused(tmp_path, row):
    old, new, code, line, column, text = row
    assert old in SOUND
    home = put_component(tmp_path, SOUND.replace(old, new, 1))
    with pytest.raises(CloudError) as caught:
        read_catalogues([str(tmp_path)])
    shown = str(caught.value)
    assert "%s:%d:%d: %s:" % (home / "component.yml", line, column, code) in shown and text in shown, shown
    assert len(caught.value.problems) == 1, shown


def test_problems_of_all_components_come_at_once(tmp_path):
    put_component(tmp_path, SOUND.replace("ports", "portz").replace("command", "comand"))
    put_component(tmp_path, SOUND.replace("component: web", "component: two").replace("0.1", "-1"), "two")
    with pytest.raises(CloudError) as caught:
        read_catalogues([str(tmp_path)])
    assert len(caught.value.problems) >= 4


def test_no_catalogue(tmp_path):
    with pytest.raises(CloudError, match="NXC-COMP-0001"):
        read_catalogues([str(tmp_path / "nothing")])


def test_template_that_is_no_text(tmp_path):
    home = put_component(tmp_path)
    (home / "templates").mkdir()
    (home / "templates" / "x.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(CloudError, match="NXC-COMP-0001.*UTF-8"):
        read_catalogues([str(tmp_path)])


def test_one_name_in_two_catalogues(tmp_path):
    put_component(tmp_path / "a")
    put_component(tmp_path / "b")
    with pytest.raises(CloudError, match="NXC-COMP-0008"):
        read_catalogues([str(tmp_path / "a"), str(tmp_path / "b")])


def test_what_is_read(tmp_path):
    home = put_component(tmp_path)
    (home / "templates" / "deep").mkdir(parents=True)
    (home / "templates" / "deep" / "x.j2").write_text("hello")
    script = home / "images" / "web" / "run.sh"
    script.write_text("exit 0\n")
    script.chmod(0o755)
    (home / "images" / "web" / "Containerfile").chmod(0o600)
    (tmp_path / "README.md").write_text("no component")
    web = read_catalogues([str(tmp_path)])["web"]
    assert web.templates == {"deep/x.j2": "hello"}
    assert [(item.path, item.mode) for item in web.recipes["web"]] == [("Containerfile", "0644"), ("run.sh", "0755")]
    assert web.document["services"]["web"]["health"]["interval"] == 5
    assert web.document["jobs"] == {} and web.document["requires"] == []
    assert str(web.locate(["services", "web", "image"])).endswith("component.yml:8:5")


def test_places_in_the_site_file(tmp_path):
    path = tmp_path / "site.yml"
    path.write_text("clouds:\n  dev:\n    components:\n      web: {x: 1}\n")
    assert str(SiteFile(str(path)).locate(["clouds", "dev", "components", "web", "x"])) == "%s:4:13" % path
    assert str(SiteFile(str(tmp_path / "gone.yml")).locate(["clouds"])) == str(tmp_path / "gone.yml")
