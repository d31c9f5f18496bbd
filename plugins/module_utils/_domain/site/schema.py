# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON Schema of site.yml, schema 1. ``docs/schema/site-1.schema.json`` is written from it.

The schema is also the only source of defaults (``normalize``) and of docs/site-file.md.
What it cannot say (overlaps, sums, names in combination) is in ``rules``.
"""

from __future__ import annotations

from typing import Any

from .. import naming, units
from .schema_certificates import CERTIFICATES
from .schema_machines import DRIVER, MESOS, NODE
from .schema_secrets import SECRETS
from .schema_words import CPUS, DIRECTORY_PATTERN, mapping, size, text

_EDGE = mapping(
    "Edge",
    "The one way in from outside.",
    [],
    {
        "port": {
            "type": "integer",
            "title": "Port",
            "description": "Port on which the edge serves every https route of every cloud, told apart by name.",
            "minimum": 1,
            "maximum": 65535,
            "default": 443,
            "examples": [443],
        }
    },
    default={"port": 443},
    examples=[{"port": 443}],
)

_CLOUD = mapping(
    "Cloud",
    "One isolated environment on the site.",
    ["quota", "ports"],
    {
        "quota": mapping(
            "Quota",
            "What the cloud is guaranteed and limited to, over all workers. The quotas of all clouds must fit.",
            ["cpus", "mem"],
            {"cpus": CPUS, "mem": size("Memory", "Memory of all tasks.", "2GiB")},
            examples=[{"cpus": 1, "mem": "2GiB"}],
        ),
        "weight": {
            "type": "number",
            "title": "Weight",
            "description": "Share of the cloud when clouds compete: twice the weight, twice the offers.",
            "exclusiveMinimum": 0,
            "maximum": 1000,
            "default": 1.0,
            "examples": [2.5],
        },
        "ports": text(
            "Ports",
            "The cloud's own pool: at least 200 ports, within the site's, no other cloud's. The first 100 are for TCP "
            "routes on the edge, the others for tasks.",
            units.PORTS_PATTERN,
            "20000-20999",
        ),
        "components": {
            "type": "object",
            "title": "Components",
            "description": "What runs in the cloud: name of the component and its parameters (docs/components.md). "
            "What a component requires comes with it.",
            "additionalProperties": {"type": ["object", "null"]},
            "default": {},
            "examples": [{"keystone": {}}],
        },
    },
)

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:nextgen.cloud:site:1",
    "$comment": "SPDX-License-Identifier: GPL-3.0-or-later. Written by scripts/generate_docs.py.",
    **mapping(
        "Site",
        "A site of nextgen.cloud: machines, one Mesos cluster on them, and the clouds that share it.",
        ["plugin", "schema", "site", "domain", "driver", "nodes"],
        {
            "plugin": {
                "type": "string",
                "title": "Inventory plugin",
                "description": "Makes the file an Ansible inventory.",
                "const": "nextgen.cloud.site",
                "examples": ["nextgen.cloud.site"],
            },
            "schema": {
                "type": "integer",
                "title": "Schema",
                "description": "Version of the form of this file.",
                "const": 1,
                "examples": [1],
            },
            "site": text("Site", "Name of the site.", naming.LABEL_PATTERN, "aio"),
            "domain": text(
                "Domain",
                "DNS domain of the site. Nodes are `<node>.<domain>`, services `<service>.<cloud>.<domain>`.",
                naming.DOMAIN_PATTERN,
                "aio.test",
            ),
            "state_dir": text(
                "State directory",
                "What the collection keeps on the controller for this site: keys, secrets, manifests. Relative to the "
                "site file. One site per directory.",
                DIRECTORY_PATTERN,
                ".nextgen",
                default=".nextgen",
            ),
            "driver": DRIVER,
            "mesos": MESOS,
            "secrets": SECRETS,
            "certificates": CERTIFICATES,
            "ports": text(
                "Ports",
                "Ports for tasks and TCP routes on every node; all pools of clouds lie in it.",
                units.PORTS_PATTERN,
                "20000-29999",
                default="20000-29999",
            ),
            "edge": _EDGE,
            "components": {
                "type": "array",
                "title": "Component directories",
                "description": "Directories with components of your own, one directory each, relative to the site "
                "file.",
                "items": {"type": "string", "pattern": DIRECTORY_PATTERN},
                "uniqueItems": True,
                "default": [],
                "examples": [["components"]],
            },
            "nodes": {
                "type": "object",
                "title": "Nodes",
                "description": "The machines, by name. Order matters: the first control node is the first everywhere.",
                "minProperties": 1,
                "maxProperties": 1000,
                "propertyNames": {"pattern": naming.LABEL_PATTERN},
                "additionalProperties": NODE,
                "examples": [{"aio-1": {"roles": ["control", "worker", "edge"]}}],
            },
            "clouds": {
                "type": "object",
                "title": "Clouds",
                "description": "The clouds, by name.",
                "maxProperties": 1000,
                "propertyNames": {"pattern": naming.LABEL_PATTERN},
                "additionalProperties": _CLOUD,
                "default": {},
                "examples": [{"dev": {"quota": {"cpus": 1, "mem": "2GiB"}, "ports": "20000-20999"}}],
            },
        },
    ),
}
