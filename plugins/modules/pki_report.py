#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on certificates. Runs as an action plugin on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pki_report
short_description: What certificates a site has, and which end soon
version_added: 0.1.0
description:
  - Lists authorities and issued certificates from the controller, what a node really has, and what TLS endpoints show.
  - Finds what ends soon and what is wrong. A certificate that is revoked, missing or unknown on a node, an endpoint
    whose certificate the site's own trust bundle does not accept.
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes.info
requirements:
  - cryptography (42 or newer) on the controller
options:
  state_dir:
    description:
      - Folder on the controller with all that is kept for the site; certificates are in C(pki) below it.
      - The variable C(nextgen_state_dir), which the inventory of a site sets, when not given.
    type: path
  sources:
    description: Where to look. V(node) is the host that the task runs against.
    type: list
    elements: str
    choices: [authorities, ledger, node]
    default: [authorities, ledger]
  endpoints:
    description: TLS endpoints that the controller connects to, C(host:port), or C(name@host:port) to ask for a name.
    type: list
    elements: str
    default: []
  rows:
    description: RV(rows) of reports on other hosts, to be shown together.
    type: list
    elements: dict
    default: []
  fail_under:
    description: Fail with C(NXC-PKI-0016) if something is wrong or has less than this left, C(30d) or C(12h).
    type: str
    default: ""
  at:
    description:
      - Decide as if it were this moment, C(2026-11-21T13:00:00Z) or a date. The clock counts when it is empty.
    type: str
    default: ""
seealso:
  - module: nextgen.cloud.pki_certificates
"""

EXAMPLES = r"""
- name: Report what ends within a month
  nextgen.cloud.pki_report:
    endpoints: ["keystone.dev.aio.test@10.77.0.10:443"]
    fail_under: 30d
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
rows:
  description:
    - Each with C(source), C(holder), C(names), C(authority), C(serial), C(not_after), C(seconds_left), C(state) and
      C(problem).
  returned: always
  type: list
  elements: dict
  sample: []
table:
  description: The rows as lines for people.
  returned: always
  type: list
  elements: str
  sample: []
due:
  description: Holders of what is wrong or has less than O(fail_under) left, the most urgent first.
  returned: always
  type: list
  elements: str
  sample: []
phase:
  description: Where a change of roots stands.
  returned: always
  type: str
  sample: stable
"""
