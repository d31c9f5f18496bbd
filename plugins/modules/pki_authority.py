#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The authorities of a site. Runs as an action plugin on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pki_authority
short_description: The certificate authorities of a site
version_added: 0.1.0
description:
  - Keeps a root, an authority C(site) for the services of the site and one for each cloud, on the controller.
  - An authority may vouch for its own domain only. A critical name constraint says so, and every client
    checks it. An authority of a cloud can vouch for no address, that of the site for the given addresses only.
  - Keys are in the secret store (C(pki/root), C(pki/site), C(pki/clouds/<cloud>)). What is public is in
    C(<state_dir>/pki) as described in the collection's C(docs/certificates.md).
  - Each authority has a list of revoked certificates, made again when it is out of date or half of its life is over.
  - Several runs at a time are safe, and what a killed run has left is completed by the next.
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes
  - nextgen.cloud.secret_store
requirements:
  - cryptography (42 or newer) on the controller
options:
  site:
    description: Name of the site, for the subjects of certificates.
    type: str
    default: site
  domain:
    description: Domain of the site. The authority C(site) is made for it.
    type: str
    default: ""
  clouds:
    description: Names of clouds. Each has the authority C(clouds/<cloud>) for C(<cloud>.<domain>).
    type: list
    elements: str
    default: []
  addresses:
    description: Addresses that the authority C(site) may vouch for.
    type: list
    elements: str
    default: []
  authorities:
    description: Authorities by themselves, instead of or beside those of O(domain) and O(clouds).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: C(site) or C(clouds/<cloud>).
        type: str
        required: true
      dns:
        description: Domains, each with all names below it.
        type: list
        elements: str
        default: []
      ip:
        description: Single addresses.
        type: list
        elements: str
        default: []
      certificate:
        description: Path on the controller of an authority's certificate that was brought, signed by the root.
        type: path
      key:
        description: Path on the controller of its key, PEM without a password. It is put into the secret store.
        type: path
  root:
    description:
      - A root that was brought, instead of one made here. Without its key authorities have to be brought as well.
      - A site that has another root takes it with O(trust=introduce).
    type: dict
    suboptions:
      certificate:
        description: Path on the controller, PEM.
        type: path
        required: true
      key:
        description: Path on the controller, PEM without a password. It is put into the secret store.
        type: path
  trust:
    description:
      - A step from one root to the next. A step that is done already changes nothing.
      - V(introduce) makes the next root, or takes O(root), and puts it into the bundle. The old one goes on signing.
      - V(reissue) has the next root sign new authorities. It is refused while known places lack the new bundle.
      - V(retire) takes the old root out of the bundle and forgets its keys. It is refused while certificates of the old
        root are in use.
    type: str
    choices: [introduce, reissue, retire]
  force:
    description: The code V(NXC-PKI-0010) overrules the refusal of that code, and cuts off the holders it named.
    type: str
    default: ""
  forget_hosts:
    description: Hosts that are gone. Their certificates are revoked, and no step waits for them.
    type: list
    elements: str
    default: []
  root_days:
    description: Days for which a root is valid.
    type: int
    default: 3650
  days:
    description: Days for which an authority is valid. It is signed anew, with the same key, when a third is left.
    type: int
    default: 1825
  crl_days:
    description: Days for which a list of revoked certificates is valid.
    type: int
    default: 30
  state:
    description:
      - With V(absent) the authorities of O(clouds) and O(authorities) are revoked and removed with their keys.
    type: str
    choices: [absent, present]
    default: present
  at:
    description:
      - Decide as if it were this moment, C(2026-11-21T13:00:00Z) or a date. The clock counts when it is empty.
      - With check mode it shows what will be due then. Without check mode what is signed is valid from that moment.
    type: str
    default: ""
seealso:
  - module: nextgen.cloud.pki_certificates
  - module: nextgen.cloud.pki_report
"""

EXAMPLES = r"""
- name: Keep the authorities of the site
  nextgen.cloud.pki_authority:
    site: aio
    domain: aio.test
    clouds: [dev, qa]
    addresses: [10.77.0.10]
  delegate_to: localhost
  run_once: true

- name: Begin with the next root
  nextgen.cloud.pki_authority:
    trust: introduce
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
authorities:
  description:
    - Authorities that were signed or removed, or would be in check mode, with the reason. One of C(missing),
      C(expired), C(window), C(constraints), C(issuer), C(key), C(brought), C(removed).
  returned: success
  type: dict
  sample: {site: missing, clouds/dev: missing}
phase:
  description: Where a change of roots stands. One of C(stable), C(introduce), C(reissue).
  returned: success
  type: str
  sample: stable
bundle:
  description: Path of the trust bundle on the controller.
  returned: success
  type: str
  sample: /srv/aio/.nextgen/pki/ca.pem
revision:
  description: Short digest of the trust bundle.
  returned: success
  type: str
  sample: 3b0c9f21aa05
unconverged:
  description: While roots change, the holders that the next step waits for.
  returned: success
  type: list
  elements: str
  sample: []
"""
