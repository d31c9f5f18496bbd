# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the acceptance tests: they talk to a site that is up, and only to that one.

``NEXTGEN_SITE_FILE`` names its ``site.yml`` (default: the molecule site), ``NEXTGEN_ACCESS_DIR``
the directory with its ``clouds.yaml`` and ``ca.crt``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .site_under_test import SiteUnderTest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def site() -> SiteUnderTest:
    site_file = os.environ.get("NEXTGEN_SITE_FILE", str(ROOT / "molecule/default/inventory/site.yml"))
    access_dir = os.environ.get("NEXTGEN_ACCESS_DIR", str(ROOT / "build/molecule"))
    return SiteUnderTest(ROOT, Path(site_file), Path(access_dir))
