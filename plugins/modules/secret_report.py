#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell what there is to know about the secrets of a site, without their values."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret_report
short_description: Tell what there is to know about the secrets of a site, without their values
version_added: 0.1.0
description:
  - Tells kind, age, owner, consumers, last rotation and grace period of every secret in the store, and what is found
    about them.
  - C(old), the current value is older than O(max_age).
  - C(unused), nothing in O(wanted) names it.
  - C(weak), a password or hexadecimal value that takes less than about 70 bits of guessing, by its length, the sorts of
    its characters and how often they repeat.
  - C(duplicate), another path has the same value.
  - C(imported), the value was imported and not rotated since.
  - C(unrecorded), the audit log does not name the current version. A run was killed between writing the store and its
    log, another controller made it, and its log tells, or it is of a store from before the log.
  - C(audit), the chain of the audit log is broken; what was written from there on may have been changed.
  - Values never appear, not even as digests.
author:
  - the nextgen.cloud authors (!UNKNOWN)
requirements:
  - cryptography
extends_documentation_fragment:
  - nextgen.cloud.attributes
  - nextgen.cloud.secret_store
attributes:
  check_mode:
    details: Does not write O(report_file).
  diff_mode:
    support: none
    details: There is nothing to compare; the report is in the result.
options:
  wanted:
    description:
      - Paths that something uses, and folders of them, which end in C(/). Everything else is unused.
      - When it is left out, it is not known what is used, and nothing is unused.
    type: list
    elements: str
  max_age:
    description: Age from which a value is old, for example V(90d). V(0) means never.
    type: str
    default: "0"
  fail_on:
    description: Findings to fail on. The result is complete also then.
    type: list
    elements: str
    choices: [old, unused, weak, duplicate, imported, unrecorded, audit]
    default: []
  report_file:
    description: File on the controller to keep the report in, as JSON with mode 0600.
    type: path
seealso:
  - module: nextgen.cloud.secret
"""

EXAMPLES = r"""
- name: Look after the secrets
  nextgen.cloud.secret_report:
    max_age: 90d
    wanted: "{{ manifests.secrets | map(attribute='path') + ['mesos/principals/', 'site/', 'pki/'] }}"
    fail_on: [weak, duplicate, audit]
    report_file: "{{ nextgen_state_dir }}/secrets-report.json"
  run_once: true
"""

RETURN = r"""
rows:
  description:
    - A row for each secret, by path. C(rotated) and C(grace_until) are empty if it was never rotated, or has no valid
      previous value; C(same_as) names the others with the same value.
  returned: always
  type: list
  elements: dict
  sample:
    - path: clouds/dev/keystone/admin_password
      kind: password
      version: 2
      age_days: 12
      rotated: "2026-11-09T13:00:00Z"
      grace_until: ""
      owner: keystone
      consumers: [keystone]
      findings: []
      same_as: []
counts:
  description: How many there are of each finding.
  returned: always
  type: dict
  sample: {old: 0, unused: 1, weak: 0, duplicate: 0, imported: 0, unrecorded: 0, audit: 0}
audit:
  description: Whether the chain of the audit log is whole, and the number of its first line that is not.
  returned: always
  type: dict
  sample: {intact: true, broken_line: 0, lines: 42}
table:
  description: The same for people, line by line.
  returned: always
  type: list
  elements: str
"""
