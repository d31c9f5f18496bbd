#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give the encrypted secret store another password. Runs as an action plugin on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret_rekey
short_description: Give the encrypted secret store another password
version_added: 0.1.0
description:
  - Opens the file store of a site with its present password and closes everything with a new one, as C(ansible-vault
    rekey) does with a file. The store also gets a new id. Values stay as they are.
  - The file is replaced in one go. A run that is killed leaves the store with one of the two passwords.
  - The new password is that of the vault id C(nextgen-new) if Ansible was given one, then that of O(new_password_file).
    Without either it is generated and kept in the configuration folder of the user.
  - A new password that is typed has to be typed twice, by giving C(--vault-id nextgen-new@prompt) twice.
  - The present password is taken as everywhere else. A generated one stays in its file, for backups of the store that
    was; remove it together with them.
  - Every call changes the store, so this is for C(nextgen.cloud.rekey) and no part of a play that runs often.
author:
  - the nextgen.cloud authors (!UNKNOWN)
requirements:
  - cryptography
extends_documentation_fragment:
  - nextgen.cloud.attributes
  - nextgen.cloud.secret_store
attributes:
  check_mode:
    details: Tells whether the present password opens everything.
  diff_mode:
    support: none
    details: Nothing that may be shown is different afterwards.
options:
  new_password_file:
    description: File with the new password; an executable one is run and prints it.
    type: path
seealso:
  - module: nextgen.cloud.secret
"""

EXAMPLES = r"""
- name: Generate a new password for the store of the site
  nextgen.cloud.secret_rekey:

- name: Use one from a program
  nextgen.cloud.secret_rekey:
    new_password_file: /usr/local/bin/print-new-password
"""

RETURN = r"""
secrets:
  description: Number of secrets in the store.
  returned: success
  type: int
  sample: 31
source:
  description: Where the new password comes from. Empty in check mode.
  returned: success
  type: str
  sample: ~/.config/nextgen.cloud/passwords/2f71a1c0d3b84e55
"""
