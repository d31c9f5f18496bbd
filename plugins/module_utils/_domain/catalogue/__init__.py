# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every error code of the collection, one literal table per area.

An area's module defines ``ERRORS: dict[str, Entry]``. Titles and remedies are
``str.format`` templates over the values of the problem.
"""

from __future__ import annotations

from .component import ERRORS as _COMPONENT
from .edge import ERRORS as _EDGE
from .entry import Entry
from .image import ERRORS as _IMAGE
from .mesos import ERRORS as _MESOS
from .node import ERRORS as _NODE
from .pki import ERRORS as _PKI
from .plan import ERRORS as _PLAN
from .secret import ERRORS as _SECRET
from .secret_backend import ERRORS as _SECRET_BACKEND
from .secret_import import ERRORS as _SECRET_IMPORT
from .site import ERRORS as _SITE

CATALOGUE: dict[str, Entry] = {
    **_COMPONENT,
    **_EDGE,
    **_IMAGE,
    **_MESOS,
    **_NODE,
    **_PKI,
    **_PLAN,
    **_SECRET,
    **_SECRET_BACKEND,
    **_SECRET_IMPORT,
    **_SITE,
}
