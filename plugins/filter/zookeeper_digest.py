# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: how ZooKeeper keeps a user and secret."""

from __future__ import annotations

DOCUMENTATION = r"""
name: zookeeper_digest
short_description: How ZooKeeper keeps a user and secret
version_added: 0.1.0
description:
  - The digest that ZooKeeper compares with, as the user's name, a colon, and the hash of user and secret.
author:
  - The nextgen.cloud authors (@nextgen-cloud)
positional: user
options:
  _input:
    description: The secret.
    type: str
    required: true
  user:
    description: The name of the user.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: The line of the super user in zoo.cfg
  ansible.builtin.debug:
    msg: "DigestAuthenticationProvider.superDigest={{ 'admin' | nextgen.cloud.zookeeper_digest('super') }}"
"""

RETURN = r"""
_value:
  description: User and hash.
  type: str
  sample: super:xQJmxLMiHGwaqBvst5y6rkB6HQs=
"""

from typing import Any, Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.znodes import digest


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"zookeeper_digest": lambda secret, user: digest(user, secret)}
