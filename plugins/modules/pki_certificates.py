#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of a node. Runs as an action plugin on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pki_certificates
short_description: Certificates of a node, with keys that never leave it
version_added: 0.1.0
description:
  - Runs against a node. Keys and requests are made there in one call, signed on the controller, and installed
    in one more call if there is something to install.
  - Each certificate is a folder C(<directory>/<name>) with C(key.pem), C(cert.pem) (certificate and authority),
    C(combined.pem) (key and C(cert.pem)) and C(ca.pem) (the trust bundle), which change together.
  - The result says why each was issued. C(missing), C(expired), C(window) (it is time to renew), C(san) (other names),
    C(issuer) (another authority signs now), C(key) (the key is not its own), C(usage), C(profile) or C(revoked).
  - Names and usages come from here and never from the node.
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes
  - nextgen.cloud.secret_store
attributes:
  diff_mode:
    details: Shows names, dates and reasons, never keys.
requirements:
  - cryptography (42 or newer) on the controller
  - python3-cryptography (38 or newer) on the node
options:
  authority:
    description: The authority that signs, C(site) or C(clouds/<cloud>), made by M(nextgen.cloud.pki_authority).
    type: str
    default: site
  certificates:
    description: The certificates.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the pair, and of its folder in O(certificates[].directory). May have segments, C(a/b).
        type: str
        required: true
      directory:
        description: Absolute path of the folder on the node in which the pair is.
        type: path
        required: true
      dns:
        description: DNS names, which the authority has to be allowed to vouch for.
        type: list
        elements: str
        default: []
      ip:
        description: Addresses, likewise.
        type: list
        elements: str
        default: []
      usages:
        description: What the certificate is for.
        type: list
        elements: str
        choices: [client, server]
        default: [server]
      owner:
        description: User who owns the files; the user that Ansible works as when not given.
        type: str
      group:
        description: Group of the files, likewise.
        type: str
      mode:
        description: Mode of C(key.pem) and C(combined.pem). Nothing for others is accepted.
        type: str
        default: "0600"
      days:
        description: Days for which a new certificate is valid. It ends with its authority at the latest.
        type: int
        default: 397
      renew:
        description:
          - When it is renewed, as the share of its life that is over (C(66%)) or a length before its end (C(30d)).
          - A node renews up to a tenth of what is left then earlier, each at its own time, so that not all do at once.
        type: str
        default: "66%"
      key_type:
        description: Kind of the key.
        type: str
        choices: [ec_p256, ec_p384, rsa_3072]
        default: ec_p256
      certificate:
        description:
          - Path on the controller of a certificate that was brought, followed by its chain. Nothing is signed then.
          - It is checked against its key, its chain, O(certificates[].dns), O(certificates[].ip) and the date.
        type: path
      key:
        description: Path on the controller of its key, PEM without a password.
        type: path
  trust:
    description: Paths on the node at which the trust bundle is kept by itself.
    type: list
    elements: path
    default: []
  exclusive:
    description:
      - Folder on the node. Pairs below it that were issued here and are not in O(certificates) are removed, and their
        certificates revoked. With nothing given, other pairs are left alone.
    type: path
    default: ""
  state:
    description:
      - With V(revoked) what the node has under these names is revoked and the list of revoked certificates made again.
        The next run with V(present) makes new keys and certificates. The node is not asked.
      - With V(absent) the pairs are removed, and their certificates revoked.
    type: str
    choices: [absent, present, revoked]
    default: present
  crl_days:
    description: Days for which a list of revoked certificates is valid.
    type: int
    default: 30
  at:
    description:
      - Decide as if it were this moment, C(2026-11-21T13:00:00Z) or a date. The clock counts when it is empty.
      - With check mode it shows what will be due then. Without check mode what is signed is valid from that moment.
    type: str
    default: ""
seealso:
  - module: nextgen.cloud.pki_authority
  - module: nextgen.cloud.pki_report
"""

EXAMPLES = r"""
- name: Keep the certificates of a control node
  nextgen.cloud.pki_certificates:
    authority: site
    certificates:
      - name: zookeeper
        directory: /etc/nextgen.cloud/pki
        dns: [aio-1.aio.test]
        ip: [10.77.0.10]
        usages: [client, server]
        owner: zookeeper
        group: zookeeper
    trust: [/etc/nextgen.cloud/pki/ca.pem]

- name: See what will be renewed until the first of June
  nextgen.cloud.pki_certificates:
    certificates: "{{ site_certificates }}"
    at: "2027-06-01"
  check_mode: true
"""

RETURN = r"""
certificates:
  description:
    - By name C(reason) (empty if none was issued), C(changed), C(not_after), C(serial), and C(epoch), a number that
      grows with each certificate that replaces another one.
  returned: with O(state=present)
  type: dict
  sample:
    zookeeper:
      reason: missing
      changed: true
      not_after: "2027-12-23T13:00:00Z"
      serial: 5d1f0a
      epoch: 1
revoked:
  description: Serial numbers that were revoked.
  returned: with O(state=revoked)
  type: list
  elements: str
  sample: []
"""
