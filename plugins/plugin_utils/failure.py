# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller side of the rim: errors of inner code become ``AnsibleError``."""

from __future__ import annotations

from ansible.errors import AnsibleError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError


def as_ansible_error(error: CloudError) -> AnsibleError:
    """All problems, a line each, in one ``AnsibleError``."""
    return AnsibleError(str(error))
