# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventory plugin: a site file is an inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site
short_description: Uses the specification of a site, C(site.yml), as inventory
version_added: "0.1.0"
author:
  - the nextgen.cloud authors (!UNKNOWN)
description:
  - Reads and checks a site file and makes hosts, groups and variables of it. Nothing is asked of any machine.
  - If anything is wrong with the file, all problems are reported at once, a line each, with file, line and column,
    a code, what is meant perhaps, and what to do.
  - The names of site files end in C(site.yml) or C(site.yaml).
  - Their keys are described in C(docs/site-file.md), and for editors in C(docs/schema/site-1.schema.json).
  - Group C(nodes) has all machines; C(control), C(worker), C(edge), C(registry), C(logs), C(monitor) and C(ci) those
    with the role. Group C(clouds) has a host C(cloud-NAME) for each cloud, reached over the first control node, so that
    one play works on all clouds at once and C(--limit) picks some.
  - Every host has C(nextgen_site), the whole site with all defaults and units computed, and C(nextgen_state_dir);
    machines have C(nextgen_node), hosts of clouds have C(cloud_name).
notes:
  - Put C(nextgen.cloud.site) first in C(enable_plugins) of section C([inventory]) in C(ansible.cfg), and set
    C(any_unparsed_is_failed=true). Without the former, Ansible's own YAML reader reports errors of syntax; without the
    latter, Ansible goes on without hosts after a warning.
requirements:
  - jsonschema (Python library, on the controller)
options:
  plugin:
    description: Marks the file as one of this plugin.
    type: str
    required: true
    choices: [nextgen.cloud.site]
"""

EXAMPLES = r"""
# site.yml: a site on one machine with one cloud
plugin: nextgen.cloud.site
schema: 1
site: aio
domain: aio.test
driver: {kind: podman}
nodes:
  aio-1: {roles: [control, worker, edge]}
clouds:
  dev:
    quota: {cpus: 1, mem: 2GiB}
    ports: 20000-20999
    components: {keystone: {}}
"""

import re
import typing as t
from pathlib import Path

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.template import trust_as_template
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, Place, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.inventory import to_inventory
from ansible_collections.nextgen.cloud.plugins.plugin_utils.site_file import load_site

if t.TYPE_CHECKING:
    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader

# Looked for in the text, so that a file that is no YAML gets our report of what is wrong.
_START = rb"""^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?["']?"""
_OURS = re.compile(_START + rb"""plugin["']?\s*:\s*["']?nextgen\.cloud\.site\b""", re.MULTILINE)
# What a file of the right name begins some lines with if only that one is misspelt or missing.
_ALMOST = re.compile(_START + rb"""(?:plugin["']?\s*:\s*["']?nextgen|(schema|site)["']?\s*:)""", re.MULTILINE)
_NAMES = ("site.yml", "site.yaml")


# What Jinja2 could see as the start of a template.
_TEMPLATE = ("{{", "{%", "{#", "#jinja2:")


def plain(value: t.Any) -> t.Any:
    """Trusted where trust changes nothing, so that listings show plain text.

    A site file is data: what looks like a template in it stays as written, untrusted.
    """
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and not any(start in value for start in _TEMPLATE):
        return trust_as_template(value)
    return value


class InventoryModule(BaseInventoryPlugin):
    """Reads a file, adds what the file says."""

    NAME = "nextgen.cloud.site"

    def verify_file(self, path: str) -> bool:
        """Whether the file is a site file, right or wrong; so is one that is not there, by its name."""
        named = path.endswith(_NAMES) and "," not in path
        if not super().verify_file(path):
            return named and not Path(path).is_dir()
        if not path.endswith((".yml", ".yaml")):
            return False
        text = Path(path).read_bytes().replace(b"\0", b"")  # UTF-16 is refused as what it is
        if _OURS.search(text):
            return True
        almost = {match[1] for match in _ALMOST.finditer(text)}
        return named and (None in almost or len(almost) > 1)

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Add hosts, groups and variables, or raise AnsibleParserError with all problems."""
        super().parse(inventory, loader, path, cache)
        try:
            if not path.endswith(_NAMES):
                raise refuse("NXC-SITE-0014", place=Place(path, 1, 1), name=Path(path).name)
            site = load_site(path)
        except CloudError as error:
            count = len(error.problems)
            # Ansible shows a message twice, alone and as a cause, but the help only once.
            raise AnsibleParserError("%d problem%s" % (count, "s" * (count > 1)), help_text=str(error)) from None
        wanted = to_inventory(site)
        for key, value in wanted.variables.items():
            inventory.set_variable("all", key, plain(value))
        for group, hosts in wanted.groups.items():
            inventory.add_group(group)
            for host in hosts:
                inventory.add_host(host, group=group)
        for host, variables in wanted.hosts.items():
            for key, value in variables.items():
                inventory.set_variable(host, key, plain(value))
