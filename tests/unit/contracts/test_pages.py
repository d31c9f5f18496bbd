# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages for people: their links lead somewhere, and the table of the README names everything there is."""

from __future__ import annotations

import re

from ansible_collections.nextgen.cloud.tests.unit.contracts.repository import PLUGINS, ROOT, files, relative, text

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_links_lead_to_files():
    broken = [
        "%s: %s" % (relative(page), link)
        for page in files()
        if page.suffix == ".md"
        for link in LINK.findall(text(page) or "")
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert not broken


def test_readme_names_all_there_is():
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## What is in it")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z0-9_.]+)`", table))
    plugins = ("modules", "lookup", "filter", "inventory", "callback")
    there = {"nextgen.cloud.%s" % path.stem for kind in plugins for path in (PLUGINS / kind).glob("[!_]*.py")}
    there |= {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    there |= {path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")}
    assert there <= named
    assert {name for name in named - there if name not in ("podman", "static", "site.yml")} == set()
