# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixture: the certificates of a site."""

from __future__ import annotations

import pytest


@pytest.fixture
def site(tmp_path):
    # The collection can be imported once pytest has been set up, which is after this file was read.
    from pki_site import Site

    made = Site(tmp_path)
    made.authority()
    return made
