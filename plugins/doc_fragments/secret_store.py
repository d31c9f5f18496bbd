# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of everything that reads or writes the secrets of a site."""

from __future__ import annotations


class ModuleDocFragment:
    """Use as ``extends_documentation_fragment: [nextgen.cloud.secret_store]`` in modules; lookups take ``PLUGIN``."""

    DOCUMENTATION = r"""
options:
  state_dir:
    description:
      - Folder with all that is kept on the controller for the site.
      - By default the variable C(nextgen_state_dir), which a site inventory sets.
    type: path
  backend:
    description:
      - Where the secrets are, with a key C(backend) and the options of that backend.
      - By default the variable C(nextgen_secrets), and without it the encrypted file C(secrets/store.json) in
        O(state_dir).
    type: dict
  password_file:
    description:
      - File with the password of the encrypted file store; an executable one is run and prints it.
      - By default the variable C(nextgen_secrets_password_file), then the environment variable
        E(NEXTGEN_SECRETS_PASSWORD_FILE).
      - A password that Ansible got for the vault id C(nextgen) comes first. Without any of these the password is
        generated with the store and kept in the configuration folder of the user.
    type: path
"""

    PLUGIN = r"""
options:
  state_dir:
    description: Folder with all that is kept on the controller for the site.
    type: path
    vars:
      - name: nextgen_state_dir
  backend:
    description:
      - Where the secrets are, with a key C(backend) and the options of that backend.
      - By default the encrypted file C(secrets/store.json) in O(state_dir).
    type: dict
    vars:
      - name: nextgen_secrets
  password_file:
    description:
      - File with the password of the encrypted file store; an executable one is run and prints it.
      - A password that Ansible got for the vault id C(nextgen) comes first. Without any of these the password is
        the one that was generated with the store and is kept in the configuration folder of the user.
    type: path
    vars:
      - name: nextgen_secrets_password_file
    env:
      - name: NEXTGEN_SECRETS_PASSWORD_FILE
"""
