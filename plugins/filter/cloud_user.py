# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: the Unix user of a cloud."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cloud_user
short_description: The Unix user of a cloud
version_added: 0.1.0
description:
  - The user that the tasks of a cloud run as on workers, at most 32 characters.
author:
  - The nextgen.cloud authors (@nextgen-cloud)
options:
  _input:
    description: Name of the cloud.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What runs of cloud dev on this worker
  ansible.builtin.command:
    argv: [ps, -u, "{{ 'dev' | nextgen.cloud.cloud_user }}"]
"""

RETURN = r"""
_value:
  description: Name of the user.
  type: str
  sample: nextgen-dev
"""

from typing import Any, Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.naming import cloud_user


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"cloud_user": cloud_user}
