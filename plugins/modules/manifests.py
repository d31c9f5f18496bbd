#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Render the components of a site's clouds to manifests."""

from __future__ import annotations

DOCUMENTATION = r"""
module: manifests
short_description: Render the components of a site's clouds to manifests
version_added: 0.1.0
description:
  - Renders all clouds of a site to manifests, one YAML file for each service, job, route, secret, image and cloud.
  - The files are final and canonical. The same site and components always give the same bytes, and files that are
    right already are not touched. No file holds the value of a secret.
  - Everything is checked before anything is written, and all problems are reported at once.
  - Runs on the controller, inside of Ansible; the host it is called for does not matter.
author:
  - the nextgen.cloud authors (!UNKNOWN)
requirements:
  - jinja2
  - jsonschema
  - PyYAML
extends_documentation_fragment:
  - nextgen.cloud.attributes
options:
  site:
    description: The site as the inventory plugin P(nextgen.cloud.site#inventory) gives it in C(nextgen_site).
    type: dict
    required: true
  path:
    description:
      - Directory of the manifests. Each cloud has a directory in it, and C(_site) holds what belongs to no cloud.
      - Only C(*.yml) files in these directories are written and removed. A file that is no manifest is refused.
    type: path
    required: true
  catalogues:
    description: Directories that hold one directory per component.
    type: list
    elements: path
    required: true
seealso:
  - plugin: nextgen.cloud.manifests
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Render the manifests of all clouds
  nextgen.cloud.manifests:
    site: "{{ nextgen_site }}"
    path: "{{ nextgen_state_dir }}/manifests"
    catalogues: "{{ ['/srv/catalogue'] + nextgen_site.components }}"
  run_once: true
"""

RETURN = r"""
files:
  description: Files that were written or removed, or would be in check mode, relative to O(path).
  returned: success
  type: list
  elements: str
  sample: [dev/service-keystone.yml]
clouds:
  description: How many manifests of each kind every cloud has; C(_site) counts what belongs to no cloud.
  returned: success
  type: dict
  sample: {dev: {cloud: 1, job: 3, route: 3, secret: 8, service: 3}, _site: {image: 3}}
secrets:
  description: Declarations of all secrets the manifests name, as M(nextgen.cloud.secret) takes them. No values.
  returned: success
  type: list
  elements: dict
  sample:
    - path: clouds/dev/keystone/database_password
      kind: password
      length: 32
      owner: keystone
      consumers: [keystone, keystone-db-sync]
certificates:
  description: Certificates that the clouds want from their authorities.
  returned: success
  type: list
  elements: dict
  sample: [{cloud: dev, name: mariadb/server, dns: [mariadb.dev.aio.test], usages: [server]}]
"""
