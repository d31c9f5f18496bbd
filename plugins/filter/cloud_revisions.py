# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: which value of each secret and certificate counts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cloud_revisions
short_description: Which value of each secret and certificate counts
version_added: 0.1.0
description:
  - From the revisions of a cloud's secrets to what M(nextgen.cloud.cloud) takes as
    O(nextgen.cloud.cloud#module:revisions).
author:
  - the nextgen.cloud authors (!UNKNOWN)
positional: workers, bundle
options:
  _input:
    description: By name of the secret, what P(nextgen.cloud.secret#lookup) returns with C(which='revision').
    type: dict
    required: true
  workers:
    description: Of each worker, what M(nextgen.cloud.pki_certificates) returned as C(certificates).
    type: list
    elements: dict
    required: true
  bundle:
    description: The text of the trust bundle.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show what counts
  ansible.builtin.debug:
    msg: "{{ revisions | nextgen.cloud.cloud_revisions(pairs.results | map(attribute='certificates'), bundle) }}"
"""

RETURN = r"""
_value:
  description: Revisions of secrets, certificates and trust.
  type: dict
"""

from typing import Any, Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.laying import revisions


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"cloud_revisions": revisions}
