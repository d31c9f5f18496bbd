# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as a process, a site of its own, and a podman in between that kills on demand."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TREE = ROOT / ".cache" / "collections"
MODULE = "ansible_collections.nextgen.cloud.plugins.modules.nodes"
SECONDS = 120

SITE = {
    "schema": 1,
    "site": "nodetest",
    "domain": "nodetest.test",
    "driver": {"kind": "podman", "subnet": "10.91.3.0/24", "image": "debian-12"},
    "nodes": {
        "n1": {"roles": ["control", "worker"], "address": "10.91.3.10", "ssh": {"user": "root", "port": 22}},
        "n2": {"roles": ["worker"], "address": "10.91.3.11", "ssh": {"user": "root", "port": 22}},
    },
}

# Stands before the real program in PATH. KILL_CALLS matches the calls to kill the module at: "after" the call is done,
# or so many seconds into it, and then with its whole process group, as when Ansible and all its children are killed.
INTERPOSER = """#!/bin/bash
if [[ -n $KILL_CALLS && "$*" =~ $KILL_CALLS ]]; then
    if [[ $KILL_WHEN == after ]]; then
        {program} "$@" <&0
        kill -9 $PPID
    else
        {program} "$@" <&0 &
        sleep "$KILL_WHEN"
        kill -9 -- -$PPID
        wait
    fi
    exit 137
fi
exec {program} "$@"
"""


class Nodes:
    """Runs the module for one site and one state directory."""

    def __init__(self, image: str, state_dir: Path, scratch: Path):
        self.image = image
        self.state_dir = state_dir
        self._scratch = scratch
        self._programs = scratch / "bin"
        self._programs.mkdir()
        for name in ("podman", "ssh-keygen"):
            path = self._programs / name
            path.write_text(INTERPOSER.replace("{program}", shutil.which(name)))
            path.chmod(0o755)

    def __call__(self, site=None, *, check=False, kill_at=None, kill_when="after", **options):
        """The result of one run; {} when it was killed."""
        site = SITE if site is None else site
        images = {"debian-12": self.image}
        arguments = {"site": site, "state_dir": str(self.state_dir), "images": images, **options}
        arguments.update(_ansible_check_mode=check, _ansible_tmpdir=str(self._scratch), _ansible_diff=True)
        environment = {**os.environ, "PYTHONPATH": str(TREE)}
        if kill_at:
            environment.update(KILL_CALLS=kill_at, KILL_WHEN=kill_when)
            environment["PATH"] = "%s:%s" % (self._programs, environment["PATH"])
        done = subprocess.run(
            [sys.executable, "-m", MODULE],
            input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
            env=environment,
            cwd=TREE,
            start_new_session=True,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode == -9:
            return {}
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def ok(self, site=None, **options):
        result = self(site, **options)
        assert not result.get("failed"), result.get("msg")
        return result

    def refused(self, site=None, **options):
        result = self(site, **options)
        assert result.get("failed"), result
        return [problem["code"] for problem in result["problems"]]

    def ssh_args(self):
        known_hosts = self.state_dir / "ssh" / "known_hosts"
        key = self.state_dir / "ssh" / "id_ed25519"
        return [
            "-F",
            "none",
            "-i",
            str(key),
            "-o",
            "UserKnownHostsFile=%s" % known_hosts,
            "-o",
            "StrictHostKeyChecking=yes",
        ]

    def ssh(self, node, command):
        address = SITE["nodes"][node]["address"]
        argv = ["ssh", "-o", "BatchMode=yes", *self.ssh_args(), "root@" + address, command]
        return subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=True).stdout

    def podman(self, *argv, check=True):
        """The real podman, with the settings that the module wrote."""
        environment = {**os.environ, "CONTAINERS_CONF": str(self.state_dir / "podman" / "containers.conf")}
        argv = ["podman", "--log-level", "error", *argv]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def owned(self, site=SITE["site"]):
        """Names of everything that carries the site's label."""
        label = ("--filter", "label=nextgen.site=%s" % site, "--format")
        listings = (("ps", "-a", *label, "{{.Names}}"), ("volume", "ls", *label, "{{.Name}}"))
        networks = ("network", "ls", *label, "{{.Name}}")
        return sorted(line for argv in (*listings, networks) for line in self.podman(*argv).split())


def site_with(**changes):
    """The site of these tests, with other values at the top."""
    return {**copy.deepcopy(SITE), **changes}


def verbs(result):
    return [(action["verb"], action["name"]) for action in result["actions"]]


def play(tmp_path: Path, text: str, *arguments: str) -> str:
    """Run a playbook on localhost with this checkout's collection; its output."""
    book = tmp_path / "play.yml"
    book.write_text(text)
    environment = {
        **os.environ,
        "ANSIBLE_HOME": str(ROOT / ".cache" / "ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(TREE),
        "PATH": "%s:%s" % (Path(sys.executable).parent, os.environ["PATH"]),
    }
    for name in ("ANSIBLE_CONFIG", "ANSIBLE_INVENTORY"):
        environment.pop(name, None)
    argv = ["ansible-playbook", "-i", "localhost,", "-c", "local", str(book), *arguments]
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


IMAGE_PLAY = """
- hosts: localhost
  gather_facts: false
  vars: {ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  roles: [nextgen.cloud.node_image]
  post_tasks:
    - ansible.builtin.copy: {content: "{{ node_image_reference }}", dest: "{{ reference_file }}", mode: "0644"}
"""
