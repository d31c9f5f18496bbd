# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site that the acceptance tests talk to: its inventory, nodes, playbooks and clients."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class PlayResult:
    """Outcome of a playbook: return code, output, and counts over all hosts."""

    rc: int
    output: str
    stats: dict[str, dict[str, int]]

    def total(self, counter: str) -> int:
        return sum(host[counter] for host in self.stats.values())

    def changed_tasks(self) -> list[str]:
        return [line for line in self.output.splitlines() if line.startswith("CHANGED ")]


class SiteUnderTest:
    def __init__(self, root: Path, site_file: Path, access_dir: Path):
        self.root = root
        self.site_file = site_file
        self.access_dir = access_dir

    @cached_property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ANSIBLE_CONFIG": str(self.root / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.root / ".cache/ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.root / ".cache/collections"),
            "OS_CLIENT_CONFIG_FILE": str(self.access_dir / "clouds.yaml"),
            "PATH": "%s:%s" % (BIN, os.environ["PATH"]),
        }

    @cached_property
    def inventory(self) -> dict[str, Any]:
        listed = subprocess.run(
            [BIN / "ansible-inventory", "-i", self.site_file, "--list"],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return json.loads(listed.stdout)

    def hostvars(self, host: str) -> dict[str, Any]:
        return self.inventory["_meta"]["hostvars"][host]

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The normalized site."""
        return self.hostvars(self.group("nodes")[0])["nextgen_site"]

    @property
    def spec_state_dir(self) -> Path:
        return Path(self.spec["state_dir"])

    def manifests(self, cloud: str, kind: str) -> list[dict[str, Any]]:
        """What the site has rendered for a cloud: its services, routes, secrets..."""
        folder = self.spec_state_dir / "manifests" / cloud
        return [yaml.safe_load(path.read_text()) for path in sorted(folder.glob(kind + "-*.yml"))]

    def wanted_tasks(self) -> list[tuple[str, str]]:
        """(cloud, service) of every task that should run, sorted."""
        return sorted(
            (cloud, service["name"])
            for cloud in self.spec["clouds"] for service in self.manifests(cloud, "service")
            for _instance in range(service["instances"])
        )  # fmt: skip

    def group(self, name: str) -> list[str]:
        return self.inventory[name]["hosts"]

    def address(self, group: str) -> str:
        return self.hostvars(self.group(group)[0])["ansible_host"]

    def ssh(self, host: str) -> list[str]:
        """The words that run a command, given as one more word, as root on a node."""
        facts = self.hostvars(host)
        ssh = ["ssh", "-o", "BatchMode=yes", "-p", str(facts["ansible_port"])]
        ssh += ["-i", facts["ansible_ssh_private_key_file"], *shlex.split(facts["ansible_ssh_common_args"])]
        return [*ssh, "%s@%s" % (facts.get("ansible_user", "root"), facts["ansible_host"])]

    def run(self, host: str, *command: str, check: bool = True, timeout: float = 60) -> str:
        """Run a command as root on a node, return its standard output."""
        done = subprocess.run(
            [*self.ssh(host), shlex.join(command)], capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError("%s on %s: rc %d\n%s%s" % (command, host, done.returncode, done.stdout, done.stderr))
        return done.stdout

    def run_python(self, host: str, *files: Path, call: str, timeout: float = 60) -> Any:
        """Run the text of these files as one program, root's, and then ``call``; the JSON that it prints.

        It all goes in by standard input, so what is in ``call`` is neither an argument nor a file on the node.
        """
        texts = [path.read_text().replace("from __future__ import annotations\n", "") for path in files]
        program = "\n".join(["from __future__ import annotations", *texts, "import json", call])
        done = subprocess.run(
            [*self.ssh(host), "python3 -"], input=program,
            capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
        if done.returncode:
            # The program holds secrets, so a failure tells only what the node said.
            raise AssertionError("program on %s: rc %d\n%s" % (host, done.returncode, done.stderr[-2000:]))
        return json.loads(done.stdout)

    def playbook_command(self, playbook: str, *arguments: str) -> list[str]:
        return [
            str(BIN / "ansible-playbook"), "-i", str(self.site_file), "nextgen.cloud." + playbook,
            "-e", json.dumps({"nextgen_access_dir": str(self.access_dir)}), *arguments,
        ]  # fmt: skip

    def playbook(self, name: str, *arguments: str, timeout: float = 900) -> PlayResult:
        """Run one of the collection's playbooks on this site; its results are read as JSON."""
        done = subprocess.run(
            self.playbook_command(name, *arguments),
            env={**self.environment, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=self.root,
            check=False,
        )
        start = done.stdout.find("{\n")
        report = json.loads(done.stdout[start:]) if start >= 0 else {"stats": {}, "plays": []}
        changed = [
            "CHANGED %s: %s" % (host, task["task"]["name"])
            for play in report["plays"] for task in play["tasks"]
            for host, result in task["hosts"].items() if result.get("changed")
        ]  # fmt: skip
        return PlayResult(done.returncode, "\n".join([*changed, done.stdout, done.stderr]), report["stats"])

    def openstack(self, cloud: str, *arguments: str, check: bool = True) -> Any:
        """The OpenStack client's JSON answer; with ``check=False`` its standard error on refusal."""
        done = subprocess.run(
            [BIN / "openstack", "--os-cloud", cloud, *arguments, "-f", "json"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            if check:
                raise AssertionError("openstack --os-cloud %s %s: %s" % (cloud, arguments, done.stderr))
            return done.stderr
        return json.loads(done.stdout)
