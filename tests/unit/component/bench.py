# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site and components to bend in tests."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.hydrate import hydrate
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.model import Component, RecipeFile
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.schema import SCHEMA, with_defaults
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, Place
from ansible_collections.nextgen.cloud.plugins.plugin_utils.templates import JinjaRenderer

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = ROOT / "roles" / "hydrate" / "files" / "components"

SITE = {
    "schema": 1,
    "site": "aio",
    "domain": "aio.test",
    "edge": {"port": 443},
    "clouds": {
        "dev": {
            "quota": {"cpus": 1.0, "mem": 2048},
            "weight": 1.0,
            "ports": [20000, 20999],
            "components": {"web": {}},
        }
    },
}

WEB = {
    "schema": 1,
    "component": "web",
    "version": "1.0",
    "requires": ["store"],
    "parameters": {
        "instances": {"type": "integer", "default": 1, "minimum": 0, "maximum": 9},
        "colour": {"type": "string", "default": "red", "choices": ["red", "green"]},
        "label": {"type": "string", "default": "a", "pattern": "[a-z]+"},
        "loud": {"type": "boolean", "default": False},
        "share": {"type": "number", "default": 0.1},
    },
    "images": {"web": {"context": "images/web", "version": "1.0"}},
    "secrets": {"key": {"kind": "fernet"}},
    "services": {
        "web": {
            "image": "web",
            "user": "1000:1000",
            "command": ["serve", "--name", "{{ cloud.name }}"],
            "instances": "{{ parameters.instances }}",
            "resources": {"cpus": "{{ parameters.share }}", "mem": 64},
            "ports": {"http": 8080},
            "files": [
                {"path": "/etc/web.conf", "mode": "0440", "template": "web.conf.j2"},
                {"path": "/etc/key", "mode": "0400", "secret": "key"},
            ],
            "health": {"kind": "http", "port": "http"},
            "requires": ["store", "fill"],
            "update": "surge",
        }
    },
    "jobs": {
        "fill": {
            "image": "store",
            "user": "1000:1000",
            "command": ["fill"],
            "resources": {"cpus": 0.1, "mem": 64},
            "requires": ["store"],
        }
    },
    "routes": {"web": {"service": "web", "port": "http", "kind": "https"}},
}

STORE = {
    "schema": 1,
    "component": "store",
    "version": "2.0",
    "images": {"store": {"context": "images/store", "version": "2.0"}},
    "secrets": {"password": {"kind": "password", "length": 24}},
    "services": {
        "store": {
            "image": "store",
            "user": "1000:1000",
            "command": ["store"],
            "resources": {"cpus": 0.1, "mem": 128},
            "ports": {"sql": 3306},
            "volumes": [{"name": "data", "path": "/data", "size": 100}],
        }
    },
    "routes": {"store": {"service": "store", "port": "sql", "kind": "tcp"}},
}

WEB_CONF = """[web]
url = {{ route("store").url }}
public = {{ route("web").url }}
password = {{ component("store").secret("password") }}
"""


def put(tree, path, value):
    """A copy of ``tree`` with ``value`` at a dotted path; ``None`` removes what is there."""
    tree = copy.deepcopy(tree)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    node = tree
    for step in steps:
        node = node[step] if isinstance(node, list) else node.setdefault(step, {})
    if value is None:
        del node[last]
    else:
        node[last] = value
    return tree


def make_component(document, templates=None, recipes=None):
    """A component as the reader would give it; its places have line 1 and the path for a file."""
    name = document["component"]
    recipe = [RecipeFile("Containerfile", "0644", "FROM scratch\n")]
    return Component(
        name=name,
        directory="/catalogue/%s" % name,
        document=with_defaults(copy.deepcopy(document), SCHEMA),
        templates=templates or {},
        recipes={image: recipe for image in document.get("images", {})} if recipes is None else recipes,
        locate=lambda path: Place("%s/component.yml:%s" % (name, ".".join(map(str, path)))),
    )


class Bench:
    """Documents to change, and hydrate over them."""

    def __init__(self):
        self.site, self.web, self.store = SITE, WEB, STORE
        self.template, self.recipes, self.more = WEB_CONF, None, []

    def manifests(self):
        components = [
            make_component(self.web, {"web.conf.j2": self.template}, self.recipes),
            make_component(self.store),
            *map(make_component, self.more),
        ]
        catalogue = {component.name: component for component in components}

        def locate(path):
            return Place("site.yml:%s" % ".".join(map(str, path)))

        return hydrate(self.site, catalogue, JinjaRenderer(), locate)

    def one(self, kind, name):
        return next(item for item in self.manifests() if (item["kind"], item["name"]) == (kind, name))

    def problems(self):
        with pytest.raises(CloudError) as caught:
            self.manifests()
        return list(caught.value.problems)
