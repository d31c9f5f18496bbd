# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages that come from data are as the data."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.catalogue import CATALOGUE
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.schema import SCHEMA

ROOT = Path(__file__).resolve().parents[3]


def _generator():
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "scripts" / "generate_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_published_schema_is_the_schema():
    assert json.loads((ROOT / "docs/schema/site-1.schema.json").read_text()) == SCHEMA


def test_generated_pages_are_current():
    stale = [path for path, content in _generator().pages().items() if (ROOT / path).read_text() != content]
    assert stale == [], "run scripts/generate_docs.py"


def test_every_code_is_on_a_page():
    pages = "".join(page.read_text() for page in sorted((ROOT / "docs/errors").glob("*.md")))
    assert [code for code in CATALOGUE if "## %s\n" % code not in pages] == []
