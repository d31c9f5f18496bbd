# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Component files that are wrong in 40 ways: refused with a code or rendered, never a traceback."""

from __future__ import annotations

import copy
import random
import shutil

import yaml
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.files import as_files
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.hydrate import hydrate
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, Place
from ansible_collections.nextgen.cloud.plugins.plugin_utils.component_files import read_catalogues
from ansible_collections.nextgen.cloud.plugins.plugin_utils.templates import JinjaRenderer
from ansible_collections.nextgen.cloud.tests.unit.component.bench import CATALOGUE, SITE, put

AIO = put(SITE, "clouds.dev.components", {"keystone": {}})
VALUES = [
    *(None, True, 0, -1, 10**30, 1.5, "", "x", [], [[]], {}, {"a": 1}, ["a", 1], {1: 2}),
    *("{{", "{{ x }}", "{{ parameters }}", "{{ secret }}", "{% for %}", "{{ range(3) }}", "@secret:a/b@", "../x"),
]


def paths(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from paths(item, (*path, key))


def bent(document, source):
    """A copy with one value removed, renamed or replaced."""
    document = copy.deepcopy(document)
    *steps, last = source.choice(list(paths(document)))
    node = document
    for step in steps:
        node = node[step]
    deed = source.randrange(10)
    if deed < 2:
        del node[last]
    elif deed == 2 and isinstance(node, dict):
        node[source.choice(["zzz", "image", 1, "co mm"])] = node.pop(last)
    else:
        node[last] = source.choice(VALUES)
    return yaml.safe_dump(document)


def test_never_a_traceback(tmp_path):
    shutil.copytree(CATALOGUE, tmp_path / "catalogue")
    file = tmp_path / "catalogue" / "keystone" / "component.yml"
    document = yaml.safe_load(file.read_text())
    refused = 0
    for seed in range(40):
        file.write_text(bent(document, random.Random(seed)))
        try:
            catalogue = read_catalogues([str(tmp_path / "catalogue")])
            as_files(hydrate(AIO, catalogue, JinjaRenderer(), lambda path: Place("site.yml")))
        except CloudError as error:
            assert str(error)
            refused += 1
    assert 25 < refused < 40
