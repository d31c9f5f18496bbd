# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every error that can be raised is in the catalogue, and nothing in it is dead."""

from __future__ import annotations

import re
import string

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.catalogue import CATALOGUE
from ansible_collections.nextgen.cloud.tests.unit.contracts.repository import PLUGINS, ROOT, files, relative, text

CODE = re.compile(r"NXC-[A-Z]+-[0-9]{4}")
TABLES = PLUGINS / "module_utils" / "_domain" / "catalogue"


def used() -> dict[str, set[str]]:
    """Code -> files that use it, of what is shipped."""
    found: dict[str, set[str]] = {}
    for path in files():
        if path.relative_to(ROOT).parts[0] not in ("plugins", "roles", "playbooks") or TABLES in path.parents:
            continue
        for code in CODE.findall(text(path) or ""):
            found.setdefault(code, set()).add(relative(path))
    return found


def test_every_code_used_is_in_the_catalogue():
    # The first lines of _domain/errors.py show a code as an example.
    unknown = {code: names for code, names in used().items() if code not in CATALOGUE}
    assert not {code: names for code, names in unknown.items() if names - {"plugins/module_utils/_domain/errors.py"}}


def test_every_code_of_the_catalogue_is_used():
    unused = sorted(set(CATALOGUE) - set(used()))
    assert not unused


def test_entries_are_sentences_and_templates():
    for code, entry in CATALOGUE.items():
        assert CODE.fullmatch(code)
        for template in (entry.title, entry.remedy):
            assert template.strip() == template and template, code
            list(string.Formatter().parse(template))


def test_no_two_areas_share_a_code():
    rows = [code for path in TABLES.glob("*.py") for code in re.findall(r'^    "(NXC-[^"]+)"', path.read_text(), re.M)]
    assert sorted(rows) == sorted(set(rows))
    assert set(rows) == set(CATALOGUE)
