# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin in the hands of the real Ansible, and its SSH options in those of the real ssh."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent

SITE = """\
plugin: nextgen.cloud.site
schema: 1
site: small
domain: small.test
driver: {kind: podman}
nodes:
  one: {roles: [control, worker, edge]}
  two: {roles: [worker], ssh: {port: 2222}}
clouds:
  dev:
    quota: {cpus: 1, mem: 2GiB}
    ports: 20000-20999
    components: {keystone: {instances: 2}}
"""

PLAY = """\
- hosts: one
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        content: "{{ nextgen_site.clouds.dev.components | to_json }}"
        dest: "%(seen)s"
        mode: "0600"
      delegate_to: localhost
      vars:
        ansible_connection: local
        ansible_python_interpreter: "%(python)s"
"""

ENVIRONMENT = {
    **os.environ,
    "ANSIBLE_HOME": str(ROOT / ".cache" / "ansible"),
    "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
    "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
    "ANSIBLE_NOCOLOR": "1",
    "COLUMNS": "2000",
}


def run(*command, cwd, plugins="nextgen.cloud.site, auto, yaml, ini"):
    """A command of Ansible, in a directory without ansible.cfg."""
    environment = {**ENVIRONMENT, "ANSIBLE_INVENTORY_ENABLED": plugins}
    environment.pop("ANSIBLE_CONFIG", None)
    command = [BIN / command[0], *command[1:]]
    return subprocess.run(command, cwd=cwd, env=environment, check=False, capture_output=True, text=True)


def listing(path, cwd="/", **more):
    done = run("ansible-inventory", "-i", path, "--list", cwd=cwd, **more)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.yml"
    path.write_text(SITE)
    return path


@pytest.mark.parametrize(
    ("sample", "control", "clouds"), [("aio", 1, ["dev", "qa"]), ("lab", 3, ["production", "staging", "testing"])]
)
def test_samples_are_inventories(sample, control, clouds):
    found = listing(ROOT / "inventories" / sample / "site.yml")
    assert len(found["control"]["hosts"]) == control
    assert [found["_meta"]["hostvars"][host]["cloud_name"] for host in found["clouds"]["hosts"]] == clouds


def test_hosts_groups_and_variables(site):
    found = listing(site)
    variables = found["_meta"]["hostvars"]
    assert found["nodes"]["hosts"] == ["one", "two"]
    assert found["worker"]["hosts"] == ["one", "two"]
    assert found["registry"]["hosts"] == ["one"]
    assert found["clouds"]["hosts"] == ["cloud-dev"]
    assert {"logs", "monitor", "ci"} <= set(found["all"]["children"])
    assert variables["two"]["ansible_host"] == "10.77.0.11"
    assert variables["two"]["ansible_port"] == 2222
    assert variables["two"]["nextgen_node"]["fqdn"] == "two.small.test"
    assert variables["cloud-dev"]["ansible_host"] == "10.77.0.10"
    assert variables["cloud-dev"]["cloud_name"] == "dev"
    for host in ("one", "two", "cloud-dev"):
        assert variables[host]["nextgen_state_dir"] == str(site.parent / ".nextgen")
        assert variables[host]["nextgen_site"]["clouds"]["dev"]["ports"] == [20000, 20999]
    assert not (site.parent / ".nextgen").exists()


@pytest.mark.parametrize("form", ["relative", "other name", "auto"])
def test_the_site_file_may_be_given_by_any_path(site, form):
    path, more = site, {}
    if form == "relative":
        path, more = "site.yml", {"cwd": site.parent}
    elif form == "other name":
        path = site.rename(site.parent / "my-site.yaml")
    else:
        more = {"plugins": "auto"}
    found = listing(path, **more)
    state_dir = found["_meta"]["hostvars"]["one"]["nextgen_state_dir"]
    assert state_dir == str(site.parent / ".nextgen")


def test_all_problems_are_shown_a_line_each(site):
    site.write_text(SITE.replace("edge]}", "egde]}").replace("keystone", "keystoen") + "driver: {kind: static}\n")
    done = run("ansible-inventory", "-i", site, "--list", cwd=site.parent, plugins="nextgen.cloud.site, host_list")
    assert done.returncode != 0
    assert "3 problems" in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("%s:" % site)]
    assert [line.split(": ")[:2] for line in lines] == [
        ["%s:7:34" % site, "NXC-SITE-0213"],
        ["%s:13:18" % site, "NXC-SITE-0503"],
        ["%s:14:1" % site, "NXC-SITE-0009"],
    ]
    assert "Did you mean 'edge'? Remedy: " in lines[0]
    assert "Did you mean 'keystone'? Remedy: " in lines[1]
    assert "Traceback" not in done.stderr


def test_what_is_no_yaml_gets_our_report(site):
    site.write_text(SITE.replace("  one:", "\tone:"))
    done = run("ansible-inventory", "-i", site, "--list", cwd=site.parent)
    assert done.returncode != 0
    assert "%s:7:1: NXC-SITE-0005: " % site in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("cloud.site", "cloud.sites", "NXC-SITE-0104"),
        ("plugin: nextgen.cloud.site", "plugin: nextgen.clod.site", "NXC-SITE-0104"),
        ("plugin: nextgen.cloud.site\n", "", "NXC-SITE-0102"),
        ("plugin:", "plugni:", "NXC-SITE-0101"),
    ],
)
def test_a_site_file_with_a_wrong_first_line_gets_our_report(site, old, new, code):
    site.write_text(SITE.replace(old, new, 1))
    done = run("ansible-inventory", "-i", site, "--list", cwd=site.parent, plugins="nextgen.cloud.site")
    assert done.returncode != 0
    assert "%s:1:" % site in done.stderr and code in done.stderr


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_other_encodings_get_our_report(site, encoding):
    site.write_text(SITE, encoding=encoding)
    done = run("ansible-inventory", "-i", site, "--list", cwd=site.parent, plugins="nextgen.cloud.site")
    assert done.returncode != 0
    assert "%s:1:" % site in done.stderr and "NXC-SITE-000" in done.stderr


def test_a_site_file_that_is_not_there_gets_our_report(tmp_path):
    done = run("ansible-inventory", "-i", tmp_path / "site.yml", "--list", cwd=tmp_path, plugins="nextgen.cloud.site")
    assert done.returncode != 0
    assert "%s:1:1: NXC-SITE-0001: " % (tmp_path / "site.yml") in done.stderr


@pytest.mark.parametrize("plugins", ["nextgen.cloud.site", "auto"])
def test_a_site_file_of_another_name_gets_our_report(site, plugins):
    other = site.rename(site.parent / "my.yml")
    done = run("ansible-inventory", "-i", other, "--list", cwd=site.parent, plugins=plugins)
    assert done.returncode != 0
    assert "%s:1:1: NXC-SITE-0014: " % other in done.stderr


def test_without_a_site_file_preflight_says_so(tmp_path):
    done = run("ansible-playbook", "-i", "localhost,", "nextgen.cloud.preflight", cwd=tmp_path, plugins="host_list")
    assert done.returncode != 0
    assert "NXC-SITE-0902" in done.stdout and "undefined" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "all: {hosts: {somebody: {note: 'plugin: nextgen.cloud.site'}}}\n",
        "site:\n  hosts: {somebody: {schema: 1}}\n",
    ],
)
def test_files_of_others_are_left_to_others(tmp_path, text):
    other = tmp_path / "site.yml"
    other.write_text(text)
    assert listing(other)["_meta"]["hostvars"].keys() == {"somebody"}


def test_what_looks_like_a_template_stays_as_written(site):
    site.write_text(SITE.replace("{instances: 2}", "{note: \"{{ lookup('env', 'HOME') }}\"}"))
    play = site.parent / "play.yml"
    play.write_text(PLAY % {"seen": site.parent / "seen", "python": sys.executable})
    done = run("ansible-playbook", "-i", site, play, cwd=site.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((site.parent / "seen").read_text()) == {"keystone": {"note": "{{ lookup('env', 'HOME') }}"}}


@pytest.mark.parametrize("name", ["plain", "with space", "50%", "a=b#c", "it's"])
def test_ssh_reads_its_options_as_meant(tmp_path, name):
    directory = tmp_path / name
    directory.mkdir()
    (directory / "site.yml").write_text(SITE)
    variables = listing(directory / "site.yml")["_meta"]["hostvars"]["one"]
    options = shlex.split(variables["ansible_ssh_common_args"])
    shown = subprocess.run(
        ["ssh", "-F", "none", "-G", *options, variables["ansible_host"]], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    known_hosts = next(line for line in shown if line.startswith("userknownhostsfile "))
    assert known_hosts.replace("%%", "%").split(" ", 1)[1] == str(directory / ".nextgen" / "ssh" / "known_hosts")
    assert "stricthostkeychecking true" in shown or "stricthostkeychecking yes" in shown


def test_documentation_is_shown():
    done = run("ansible-doc", "-t", "inventory", "nextgen.cloud.site", cwd="/")
    assert done.returncode == 0, done.stderr
    assert "docs/site-file.md" in done.stdout
