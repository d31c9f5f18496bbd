# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module of the collection promises; a module that cannot keep one overrides its ``support``."""

from __future__ import annotations


class ModuleDocFragment:
    """Use as ``extends_documentation_fragment: [nextgen.cloud.attributes]``.

    All three attributes are ``support: full``. A module that differs writes its own
    ``attributes: {diff_mode: {support: none, details: why}}``; descriptions are kept from here.
    """

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Runs in check mode and tells what would change, without changing anything.
    support: full
  diff_mode:
    description: Shows in diff mode what changed, or in check mode what would change.
    support: full
  idempotent:
    description: When run twice in a row with nothing else acting in between, the second run changes nothing.
    support: full
"""

    # For modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Runs in check mode and tells what would change, without changing anything.
    support: full
    details: This module changes nothing.
  diff_mode:
    description: Shows in diff mode what changed, or in check mode what would change.
    support: N/A
    details: This module changes nothing.
  idempotent:
    description: When run twice in a row with nothing else acting in between, the second run changes nothing.
    support: full
    details: This module changes nothing.
"""
