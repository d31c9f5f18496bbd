#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take over secrets that another tool keeps."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret_import
short_description: Take over secrets that another tool keeps
version_added: 0.1.0
description:
  - Reads the secrets of ansible-vault files, of kolla's C(passwords.yml) or of debops' secret directory, and puts those
    that are mapped to a path into the store of the site. The source is left as it is.
  - Nothing is lost silently. Every name of the source has a row in the result, and without other choices a name without
    a path, or a value that does not fit, is refused before anything is written.
  - All secrets are written, or none. A second run changes nothing.
  - In check mode it tells what would come where.
  - Values never appear in results, diffs or logs.
  - Runs on the controller, inside of Ansible; the host it is called for does not matter.
author:
  - the nextgen.cloud authors (!UNKNOWN)
requirements:
  - cryptography
  - bcrypt (for secrets of kind C(htpasswd))
extends_documentation_fragment:
  - nextgen.cloud.attributes
  - nextgen.cloud.secret_store
attributes:
  diff_mode:
    details: Shows digests under a key of the run in place of values.
options:
  source:
    description: What to read.
    type: dict
    required: true
    suboptions:
      kind:
        description:
          - V(ansible_vault) is a YAML file of variables, encrypted as a whole or value by value, or not at all. The
            names of nested variables are joined by dots. Passwords come from Ansible (C(--vault-id)).
          - V(kolla) is C(passwords.yml), plain or encrypted with ansible-vault. Key pairs count by their private key.
          - V(debops) is a folder with a secret per file; names are the paths of files in it.
        type: str
        choices: [ansible_vault, debops, kolla]
        required: true
      path:
        description: File, or with V(debops) folder, on the controller.
        type: path
        required: true
  mapping:
    description:
      - Where names of the source come to in the store. A value is a path, or a mapping with C(path) and C(kind) (see
        O(nextgen.cloud.secret#module:secrets[].kind)), which is V(password) when it is left out.
      - For a secret that a component declares, take the kind that the component declares.
    type: dict
    default: {}
  cloud:
    description:
      - With O(source.kind=kolla), the cloud that the secrets are for. Then the names that kolla has for the components
        there are (C(database_password), C(keystone_admin_password), C(keystone_database_password),
        C(memcache_secret_key), C(rabbitmq_password)) are mapped without being in O(mapping), which goes before.
    type: str
  unmapped:
    description:
      - What to do with names that have no path. V(refuse) fails, V(list) leaves them out with a warning, V(skip)
        leaves them out and only tells them in the result.
    type: str
    choices: [list, refuse, skip]
    default: refuse
  unfit:
    description:
      - What to do with values that are shorter than their kind allows, or have another form.
      - V(refuse) fails, V(skip) leaves them out, so that a later run generates new ones.
      - V(fit) takes the first kind that the value fits, and a value that is only too short as it is. It is refused
        when no kind fits.
    type: str
    choices: [fit, refuse, skip]
    default: refuse
  existing:
    description:
      - What to do when the store has another value at the path. V(keep) leaves it, V(refuse) fails, and V(replace)
        makes the imported value the current one at once, without a grace period.
    type: str
    choices: [keep, refuse, replace]
    default: keep
seealso:
  - module: nextgen.cloud.secret
  - module: nextgen.cloud.secret_report
"""

EXAMPLES = r"""
- name: Take over the passwords of a kolla deployment
  nextgen.cloud.secret_import:
    source:
      kind: kolla
      path: /etc/kolla/passwords.yml
    cloud: dev
    mapping:
      keystone_federation_openid_crypto_password: clouds/dev/keystone/openid_crypto_password
    unmapped: list
  run_once: true

- name: Take over what a playbook kept with ansible-vault
  nextgen.cloud.secret_import:
    source:
      kind: ansible_vault
      path: group_vars/all/vault.yml
    mapping:
      mariadb.root: clouds/dev/mariadb/root_password
      fernet: {path: clouds/dev/keystone/fernet_key, kind: fernet}
    existing: replace
  run_once: true
"""

RETURN = r"""
secrets:
  description:
    - A row for each name of the source. C(action) is C(create), C(replace), C(same), C(keep) or C(skip), and C(reason)
      says why the last three, or why another kind was taken.
  returned: success
  type: list
  elements: dict
  sample:
    - name: keystone_admin_password
      action: create
      path: clouds/dev/keystone/admin_password
      kind: password
      reason: ""
counts:
  description: How many rows there are of each action.
  returned: success
  type: dict
  sample: {create: 5, replace: 0, same: 0, keep: 0, skip: 115}
"""
