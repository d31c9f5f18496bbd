# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles speak one grammar."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.tests.unit.contracts.repository import ROOT, files, load, relative, roles, text

VERBS = ("preflight", "install", "configure", "service", "verify")
EACH_ROLE = pytest.mark.parametrize("role", roles(), ids=lambda role: role.name)


@EACH_ROLE
def test_defaults_and_argument_specs_name_the_same_options(role):
    specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
    defaults = set(load(role / "defaults" / "main.yml"))
    options = specs["main"].get("options") or {}
    required = {name for name, spec in options.items() if spec.get("required")}
    assert defaults | required == set(options)
    assert not defaults & required


@EACH_ROLE
def test_variables_carry_the_name_of_their_role(role):
    public = set(load(role / "defaults" / "main.yml"))
    constants = set().union(*(load(path) for path in files() if path.parent == role / "vars" and path.suffix == ".yml"))
    assert not {name for name in public if not name.startswith(role.name + "_")}
    assert not {name for name in constants if not name.startswith("_%s_" % role.name)}


@EACH_ROLE
def test_main_is_the_verbs_in_order_with_their_tags(role):
    tasks = load(role / "tasks" / "main.yml")
    seen = []
    for task in tasks:
        include = task.get("ansible.builtin.include_tasks")
        assert include, "%s: main.yml only includes" % task.get("name")
        tags = {task["tags"]} if isinstance(task.get("tags"), str) else set(task.get("tags") or ())
        verbs = [verb for verb in VERBS if "%s_%s" % (role.name, verb) in tags]
        assert role.name in tags and len(verbs) == 1, "%s: tags %s" % (task.get("name"), sorted(tags))
        assert set(include["apply"]["tags"]) == tags, "%s: the included tasks need the tags too" % task["name"]
        seen.append(verbs[0])
    assert seen == sorted(seen, key=VERBS.index)


@EACH_ROLE
def test_metadata(role):
    meta = load(role / "meta" / "main.yml")
    info = meta["galaxy_info"]
    assert meta["dependencies"] == []
    assert info["license"] == "GPL-3.0-or-later" and info["min_ansible_version"] == "2.19"
    assert info["author"] and info["description"]
    assert (role / "README.md").exists()


@EACH_ROLE
def test_handlers_say_what_they_restart(role):
    handlers = load(role / "handlers" / "main.yml") or []
    assert not [one["name"] for one in handlers if one["name"].split()[0] not in ("Restart", "Reload")]


def test_templates_for_nodes_say_who_wrote_them():
    """A template that mirrors a path of the node is a whole file; where it has comments, the first names Ansible."""
    silent = []
    for path in files():
        parts = path.relative_to(ROOT).parts
        if path.suffix != ".j2" or parts[2:3] != ("templates",) or len(parts) < 5 or path.name.endswith(".json.j2"):
            continue
        if "ansible_managed" not in "\n".join((text(path) or "").splitlines()[:6]):
            silent.append(relative(path))
    assert not silent
