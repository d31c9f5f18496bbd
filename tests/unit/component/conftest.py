# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the tests of components."""

from __future__ import annotations

import pytest


@pytest.fixture
def bench():
    # Imported here: pytest loads this file before the root conftest has made the collection importable.
    from ansible_collections.nextgen.cloud.tests.unit.component.bench import Bench

    return Bench()
