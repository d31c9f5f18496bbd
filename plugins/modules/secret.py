#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declare secrets, generate the missing ones, rotate them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret
short_description: Declare secrets, generate the missing ones, rotate them
version_added: 0.1.0
description:
  - Keeps the secrets of a site in its store, by default one encrypted file on the controller.
  - A secret is generated once. Later runs keep its value, whatever length or policy they declare.
  - A rotated secret keeps its previous value for a grace period, so that whatever uses it can go over without a gap.
    Within the period a second rotation changes nothing.
  - Values never appear in results, diffs or logs; read them with the lookup P(nextgen.cloud.secret#lookup).
  - Several writers at a time are safe, and a writer that is killed leaves the store as it was.
  - Every change is a line of the audit log C(secrets/audit.jsonl) in O(state_dir).
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
  secrets:
    description:
      - The secrets that have to exist, to be rotated with O(state=rotated), or to be gone with O(state=absent).
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Name of the secret in the store, segments joined by C(/).
        type: str
        required: true
      kind:
        description:
          - V(password) is letters and digits with at least one lower case letter, upper case letter and digit.
          - V(htpasswd) is a password that is kept together with its bcrypt hash.
          - V(fernet) is a Fernet key, 32 random bytes in URL-safe base64.
          - V(hex) is lower case hexadecimal digits.
          - V(uuid) is a random (version 4) UUID.
          - V(ssh_ed25519) is an OpenSSH private key, kept together with its public line.
          - V(x509_key) is an EC key on the curve P-256 as PKCS 8 in PEM, kept together with its public half.
        type: str
        choices: [fernet, hex, htpasswd, password, ssh_ed25519, uuid, x509_key]
        default: password
      length:
        description:
          - Characters of the value, for V(password) 12 to 256 and for V(htpasswd) 12 to 72, by default 32, for V(hex)
            16 to 1024, by default 64.
          - The other kinds have one form.
        type: int
      policy:
        description: Least counts of sorts of characters, for V(password) and V(htpasswd).
        type: dict
        suboptions:
          lower:
            description: Lower case letters.
            type: int
            default: 1
          upper:
            description: Upper case letters.
            type: int
            default: 1
          digits:
            description: Digits.
            type: int
            default: 1
          special:
            description: Characters of C(-._~), which need no quoting in URLs. Without a count there are none.
            type: int
            default: 0
      staged:
        description:
          - Also keep the value that comes next, so that consumers can know it before it is used. The lookup
            reads it with O(nextgen.cloud.secret#lookup:which=staged).
          - A staged value that there is stays, also when it is no longer declared.
        type: bool
        default: false
      owner:
        description: Who is responsible, for reports. What is stored stays when this is left out.
        type: str
      consumers:
        description: What uses the secret, for reports. What is stored stays when this is left out.
        type: list
        elements: str
  under:
    description:
      - With O(state=rotated) or O(state=absent), also every secret in these folders of the store, for example
        V(clouds/dev). Kind and length of secrets that are rotated like this stay as they are.
    type: list
    elements: str
    default: []
  state:
    description:
      - V(present), every secret exists. Previous values whose time is over are forgotten.
      - V(rotated), every secret that has no valid previous value gets a new one.
      - V(absent), the secrets are gone.
    type: str
    choices: [absent, present, rotated]
    default: present
  grace:
    description:
      - With O(state=rotated), how long the previous value stays valid, for example V(7d), V(1w2d), V(12h30m) or V(90s).
      - V(0) makes it invalid at once.
    type: str
    default: 7d
  force:
    description:
      - With O(state=rotated), also rotate secrets whose previous value is still valid; that value ends at once.
    type: bool
    default: false
seealso:
  - plugin: nextgen.cloud.secret
    plugin_type: lookup
  - module: nextgen.cloud.secret_files
"""

EXAMPLES = r"""
- name: Generate what the cloud dev needs
  nextgen.cloud.secret:
    secrets:
      - path: clouds/dev/keystone/database_password
      - path: clouds/dev/keystone/fernet_key
        kind: fernet
        staged: true
  run_once: true

- name: Rotate all secrets of a cloud
  nextgen.cloud.secret:
    under:
      - clouds/dev
    state: rotated
    grace: 12h
  run_once: true

- name: Forget the secrets of a cloud that is gone
  nextgen.cloud.secret:
    state_dir: /srv/site/.nextgen
    under:
      - clouds/dev
    state: absent
  run_once: true
"""

RETURN = r"""
created:
  description: Paths of the secrets that were generated, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [clouds/dev/keystone/database_password]
rotated:
  description: Paths of the secrets that were rotated, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: []
retired:
  description: Paths of the secrets whose previous value was forgotten because its time was over.
  returned: success
  type: list
  elements: str
  sample: []
removed:
  description: Paths of the secrets that were removed, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: []
revisions:
  description:
    - Revision of each declared secret, as the lookup gives it with C(which='revision'). It changes whenever
      a part of the secret does, and says nothing about the value.
  returned: when O(state) is not V(absent), for secrets that exist
  type: dict
  sample: {clouds/dev/keystone/database_password: 1a2b3c4d5e6f}
"""
