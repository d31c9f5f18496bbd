# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What needs no machines: reading a site file, the inventory, rendering manifests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.nextgen.cloud.plugins.plugin_utils.site_file import load_site
from measure import Row, compare

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
CATALOGUE = ROOT / "roles" / "hydrate" / "files" / "components"
LOCAL = """---
- name: Bench
  hosts: localhost
  gather_facts: false
  vars:
    ansible_python_interpreter: %s
""" % (BIN / "python")


def big_site(nodes: int, clouds: int) -> dict[str, Any]:
    """A site file's content with that many nodes and clouds."""
    roles = [["control", "edge", "registry"]] * 3 + [["worker"]] * (nodes - 3)
    resources = {"cpus": 16, "mem": "64GiB", "disk": "500GiB"}
    return {
        "plugin": "nextgen.cloud.site", "schema": 1, "site": "bench", "domain": "bench.test",
        "driver": {"kind": "podman", "subnet": "10.79.0.0/16"},
        "nodes": {"n%d" % index: {"roles": role, "resources": resources} for index, role in enumerate(roles)},
        "clouds": {
            "c%d" % index: {
                "quota": {"cpus": 2, "mem": "4GiB"},
                "ports": "%d-%d" % (20000 + 200 * index, 20199 + 200 * index),
                "components": {"keystone": {}},
            }
            for index in range(clouds)
        },
    }  # fmt: skip


def write_site(folder: Path, nodes: int, clouds: int) -> Path:
    path = folder / "site.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(big_site(nodes, clouds), sort_keys=False))
    return path


def ansible(folder: Path, *command: str) -> str:
    """Standard output of an Ansible command that has to succeed."""
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache/collections"),
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_INVENTORY_ENABLED": "nextgen.cloud.site,yaml,host_list",
        "ANSIBLE_STDOUT_CALLBACK": "minimal",
    }
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError("%s\n%s%s" % (" ".join(command), done.stdout, done.stderr))
    return done.stdout


def site_file(folder: Path) -> Row:
    """All checks of a site with 100 nodes and 40 clouds against parsing its YAML and nothing else."""
    path = write_site(folder, 100, 40)
    ours, reference = compare(lambda: load_site(str(path)), lambda: yaml.safe_load(path.read_text()), 5)
    return Row("site file: check 100 nodes, 40 clouds", "ms", ours * 1e3, reference * 1e3, "yaml.safe_load", 1.5)


def inventory(folder: Path) -> Row:
    """The inventory of that site against the same hosts, groups and variables in a plain YAML inventory."""
    path = write_site(folder, 100, 40)
    plain = folder / "plain.yml"
    listed = json.loads(ansible(folder, "ansible-inventory", "-i", str(path), "--list"))
    plain.write_text(yaml.safe_dump(plain_inventory(listed)))
    ours, reference = compare(
        lambda: ansible(folder, "ansible-inventory", "-i", str(path), "--graph"),
        lambda: ansible(folder, "ansible-inventory", "-i", str(plain), "--graph"),
        3,
    )
    return Row("inventory: 100 nodes, 40 clouds", "s", ours, reference, "the same as a YAML inventory", 1.0)


def plain_inventory(listed: dict[str, Any]) -> dict[str, Any]:
    """What ``ansible-inventory --list`` says as a YAML inventory; what all hosts share is written once."""
    variables = listed.pop("_meta")["hostvars"]
    first = next(iter(variables.values()))
    shared = {key: value for key, value in first.items() if all(one.get(key) == value for one in variables.values())}
    own = {
        host: {key: value for key, value in values.items() if key not in shared} for host, values in variables.items()
    }
    groups = {group: {"hosts": dict.fromkeys(value.get("hosts", []))} for group, value in listed.items()}
    groups.pop("all")
    return {"all": {"vars": shared, "hosts": own, "children": groups}}


def hydrate(folder: Path) -> Row:
    """Manifests of two clouds in one call against the same files by a loop of ansible.builtin.template."""
    site = write_site(folder, 4, 2)
    ours_at, theirs_at, sources = folder / "ours", folder / "theirs", folder / "sources"
    (folder / "ours.yml").write_text(
        LOCAL + "  tasks:\n    - nextgen.cloud.manifests:\n        site: '{{ nextgen_site }}'\n"
        "        path: %s\n        catalogues: [%s]\n" % (ours_at, CATALOGUE)
    )
    ours_once = ["ansible-playbook", "-i", str(site), str(folder / "ours.yml")]
    ansible(folder, *ours_once)
    names = sorted(str(path.relative_to(ours_at)) for path in ours_at.rglob("*.yml"))
    for name in names:
        source = sources / name
        source.parent.mkdir(parents=True, exist_ok=True)
        # The text as it ends up, with the few values that differ from cloud to cloud still to be filled in.
        text = "{% raw %}" + (ours_at / name).read_text() + "{% endraw %}"
        source.write_text(text.replace("bench.test", "{% endraw %}{{ nextgen_site.domain }}{% raw %}"))
    folders = sorted({str(Path(name).parent) for name in names})
    (folder / "theirs.yml").write_text(
        LOCAL + "  tasks:\n    - ansible.builtin.file: {path: '%s/{{ item }}', state: directory, mode: '0700'}\n"
        "      loop: %s\n"
        "    - ansible.builtin.template: {src: '%s/{{ item }}', dest: '%s/{{ item }}', mode: '0600'}\n"
        "      loop: %s\n" % (theirs_at, json.dumps(folders), sources, theirs_at, json.dumps(names))
    )
    theirs_once = ["ansible-playbook", "-i", str(site), str(folder / "theirs.yml")]

    def fresh(target: Path, command: list[str]) -> None:
        shutil.rmtree(target, ignore_errors=True)
        ansible(folder, *command)

    ours, reference = compare(lambda: fresh(ours_at, ours_once), lambda: fresh(theirs_at, theirs_once), 2)
    if any((ours_at / name).read_bytes() != (theirs_at / name).read_bytes() for name in names):
        raise RuntimeError("the two ways do not give the same files")
    reference_name = "ansible.builtin.template over %d files" % len(names)
    return Row("hydrate: two clouds", "s", ours, reference, reference_name, 0.5)


ROWS = [site_file, inventory, hydrate]
