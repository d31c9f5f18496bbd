# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: secrets with all their parts as files."""

from __future__ import annotations

DOCUMENTATION = r"""
name: secret_files
short_description: Secrets with all their parts as files
version_added: 0.2.0
description:
  - From parts by name of the secret to texts by path, as M(nextgen.cloud.secret_files) takes them.
author:
  - the nextgen.cloud authors (!UNKNOWN)
options:
  _input:
    description: By name of the secret, what P(nextgen.cloud.secret#lookup) returns with C(which='parts').
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Give the worker the secrets of cloud dev
  nextgen.cloud.secret_files:
    path: /etc/nextgen.cloud/clouds/dev/secrets
    secrets: "{{ dict(names | zip(parts)) | nextgen.cloud.secret_files }}"
  vars:
    parts: "{{ query('nextgen.cloud.secret', *paths, which='parts') }}"
"""

RETURN = r"""
_value:
  description: Texts by path.
  type: dict
"""

from typing import Any, Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.laying import secret_files


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"secret_files": secret_files}
