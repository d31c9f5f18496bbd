# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: the certificates that manifests declare."""

from __future__ import annotations

DOCUMENTATION = r"""
name: certificate_rows
short_description: The certificates that manifests declare
version_added: 0.2.0
description:
  - From the manifests of a cloud to what M(nextgen.cloud.pki_certificates) takes as
    O(nextgen.cloud.pki_certificates#module:certificates).
author:
  - the nextgen.cloud authors (!UNKNOWN)
positional: directory, days, renew
options:
  _input:
    description: Manifests, of any kind.
    type: list
    elements: dict
    required: true
  directory:
    description: Folder on the node in which the pairs are.
    type: path
    required: true
  days:
    description: Days for which a new certificate is valid.
    type: int
    required: true
  renew:
    description: When it is renewed.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Keep the certificates of cloud dev on the node
  nextgen.cloud.pki_certificates:
    authority: clouds/dev
    certificates: "{{ manifests | nextgen.cloud.certificate_rows(directory, 90, '66%') }}"
  vars:
    directory: /etc/nextgen.cloud/clouds/dev/certificates
"""

RETURN = r"""
_value:
  description: The certificates.
  type: list
  elements: dict
"""

from typing import Any, Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.laying import certificate_rows


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"certificate_rows": certificate_rows}
