# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read manifests of a cloud."""

from __future__ import annotations

DOCUMENTATION = r"""
name: manifests
short_description: Read the manifests of a cloud
version_added: 0.1.0
description:
  - Returns the manifests that the module M(nextgen.cloud.manifests) has written, as dictionaries in order of their
    file names. It never writes.
author:
  - the nextgen.cloud authors (!UNKNOWN)
options:
  _terms:
    description: Directories of manifests, usually one.
    type: list
    elements: path
    required: true
  cloud:
    description: Name of the cloud, or V(_site) for what belongs to no cloud.
    type: str
    required: true
  kind:
    description: Only manifests of this kind.
    type: str
    choices: [cloud, image, job, route, secret, service]
seealso:
  - module: nextgen.cloud.manifests
"""

EXAMPLES = r"""
- name: Show where the routes of a cloud are
  ansible.builtin.debug:
    msg: "{{ item.host }}:{{ item.listen }}"
  loop: "{{ query('nextgen.cloud.manifests', nextgen_state_dir ~ '/manifests', cloud='dev', kind='route') }}"
"""

RETURN = r"""
_raw:
  description: The manifests.
  type: list
  elements: dict
"""

import typing as t

from ansible.plugins.lookup import LookupBase
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.plugin_utils.failure import as_ansible_error
from ansible_collections.nextgen.cloud.plugins.plugin_utils.manifest_files import ManifestDirectory


class LookupModule(LookupBase):
    """One read of a cloud's directory."""

    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[t.Any]:
        """The manifests of one cloud in all directories given."""
        self.set_options(var_options=variables, direct=kwargs)
        cloud, kind = str(self.get_option("cloud")), self.get_option("kind")
        try:
            found = [manifest for term in terms for manifest in _objects(str(term), cloud)]
        except CloudError as error:
            raise as_ansible_error(error) from error
        return [manifest for manifest in found if kind is None or manifest["kind"] == kind]


def _objects(path: str, cloud: str) -> list[dict[str, t.Any]]:
    objects = ManifestDirectory(path).objects(cloud)
    if not objects:
        raise refuse("NXC-COMP-0034", cloud=cloud, path=path)
    broken = [one for one in objects if not isinstance(one, dict) or "kind" not in one]
    if broken:
        raise refuse("NXC-COMP-0027", path="A file of cloud '%s' in %s" % (cloud, path))
    return objects
