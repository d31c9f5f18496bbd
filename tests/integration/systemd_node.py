# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One systemd node of the driver podman, entered by ssh and by ansible."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# When a play hangs; on a busy machine a good one that builds an image takes minutes.
SECONDS = 600

MACHINES = """
- hosts: localhost
  gather_facts: false
  vars: {ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  tasks:
    - ansible.builtin.include_role: {name: nextgen.cloud.node_image}
      when: state == 'present'
    - nextgen.cloud.nodes:
        site: "{{ site }}"
        state: "{{ state }}"
        state_dir: "{{ state_dir }}"
        images: "{{ {'debian-12': node_image_reference} if state == 'present' else {} }}"
        adopt: true
"""


@contextlib.contextmanager
def image_maker():
    """One process at a time looks for the node image, and makes it if it is not there."""
    with open(ROOT / ".cache" / "node-image.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class SystemdNode:
    """The node ``n1`` of a site of its own, with the address ``subnet`` + ".10" in its /24."""

    def __init__(self, scratch: Path, site: str, subnet: str):
        self.address = subnet + ".10"
        node = {"roles": ["worker"], "address": self.address, "ssh": {"user": "root", "port": 22}}
        driver = {"kind": "podman", "subnet": subnet + ".0/24", "image": "debian-12"}
        self._site = {"schema": 1, "site": site, "domain": site + ".test", "driver": driver, "nodes": {"n1": node}}
        self._scratch = scratch
        self._ssh = scratch / "state" / "ssh"
        (scratch / "ansible.cfg").touch()

    def machines(self, state):
        variables = {"site": self._site, "state": state, "state_dir": str(self._scratch / "state")}
        with image_maker() if state == "present" else contextlib.nullcontext():
            return self.play(MACHINES, variables)

    def play(self, text, variables, *options, succeed=True):
        """Output of a play; fails if the play does or does not, as it should."""
        play, values = self._scratch / "play.yml", self._scratch / "values.json"
        play.write_text(text, encoding="utf-8")
        values.write_text(json.dumps(variables), encoding="utf-8")
        done = subprocess.run(
            [
                Path(sys.executable).parent / "ansible-playbook",
                *("--inventory", self._inventory(), play, "--extra-vars", "@%s" % values),
                *options,
            ],
            env={
                **os.environ,
                "ANSIBLE_CONFIG": str(self._scratch / "ansible.cfg"),
                "ANSIBLE_HOME": str(self._scratch / "ansible"),
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
                "ANSIBLE_PIPELINING": "1",
                "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert (done.returncode == 0) == succeed, done.stdout + done.stderr
        return done.stdout

    def _inventory(self):
        path = self._scratch / "hosts.json"
        host = {
            "ansible_host": self.address,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self._ssh / "id_ed25519"),
            "ansible_ssh_common_args": shlex.join(self._ssh_options()),
            "ansible_python_interpreter": "/usr/bin/python3",
        }
        path.write_text(json.dumps({"all": {"hosts": {"n1": host}}}), encoding="utf-8")
        return path.rename(path.with_suffix(".yml"))

    def _ssh_options(self):
        options = ["UserKnownHostsFile=%s" % (self._ssh / "known_hosts"), "StrictHostKeyChecking=yes"]
        options += ["ControlMaster=auto", "ControlPath=%s" % (self._scratch / "c"), "ControlPersist=30s"]
        return [word for option in options for word in ("-o", option)]

    def argv(self, command):
        key = str(self._ssh / "id_ed25519")
        return ["ssh", "-F", "none", "-i", key, *self._ssh_options(), "root@" + self.address, command]

    def run(self, command, stdin="", check=True):
        """Run a shell command on the node; its output without the last newline."""
        done = subprocess.run(self.argv(command), input=stdin, capture_output=True, text=True, timeout=60, check=False)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout.rstrip("\n")

    def until(self, command, what, seconds=20):
        """Wait until a shell command on the node succeeds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            done = subprocess.run(self.argv(command), stdin=subprocess.DEVNULL, capture_output=True, check=False)
            if done.returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError("not in %d seconds: %s" % (seconds, what))
