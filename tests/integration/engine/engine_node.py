# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One systemd node with registry, images and engine, and tasks on it without Mesos."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from site_registry import PASSWORD, USER, hashed
from systemd_node import SystemdNode

ROOT = Path(__file__).resolve().parents[3]
RECIPE = ROOT / "roles" / "hydrate" / "files" / "components" / "memcached" / "images" / "memcached" / "Containerfile"
SITE = os.environ.get("NEXTGEN_ENGINE_SITE", "enginetest")
SUBNET = os.environ.get("NEXTGEN_ENGINE_SUBNET", "10.91.16")
ADDRESS = SUBNET + ".10"
REGISTRY = "registry.enginetest.test:5000"
IMAGE = REGISTRY + "/memcached:1-test"
PROGRAM = "/usr/libexec/nextgen.cloud/container-task"
DOOR = "/usr/libexec/nextgen.cloud/container-door"
WORK_DIR = "/var/lib/mesos/agent"

SERVICES = """
- hosts: n1
  gather_facts: false
  tasks:
    - name: Know the registry
      ansible.builtin.lineinfile: {path: /etc/hosts, line: "{{ ansible_host }} registry.enginetest.test n1"}
- hosts: n1
  gather_facts: false
  roles:
    - role: nextgen.cloud.registry
      registry_address: "{{ ansible_host }}"
      registry_accounts: "{{ {user: hash} }}"
    - role: nextgen.cloud.images
      images_registry: "{{ registry }}"
      images_registry_user: "{{ user }}"
      images_registry_password: "{{ password }}"
      images_manifests: "{{ manifests }}"
    - role: nextgen.cloud.engine
      engine_site: "{{ site_name }}"
      engine_clouds: {dev: [20100, 20199], qa: [20200, 20299], dev2: [20300, 20399]}
      engine_registry: "{{ registry }}"
      engine_registry_user: "{{ user }}"
      engine_registry_password: "{{ password }}"
      engine_dns_servers: ["{{ ansible_host }}"]
"""

IMAGES = """
- hosts: n1
  gather_facts: false
  tasks:
    - nextgen.cloud.images:
        registry: "{{ registry }}"
        registry_user: "{{ user }}"
        registry_password: "{{ password }}"
        manifests: "{{ manifests }}"
"""


def recipe(name="memcached", tag="1-test", content=None):
    """An image manifest; by default the shipped recipe of memcached."""
    text = RECIPE.read_text(encoding="utf-8") if content is None else content
    files = [{"path": "Containerfile", "mode": "0644", "content": text}]
    return {"schema": 1, "kind": "image", "name": name, "tag": tag, "files": files}


class Node(SystemdNode):
    """The node with what a worker needs."""

    def __init__(self, scratch: Path):
        super().__init__(scratch, SITE, SUBNET)
        self._account = {"site_name": SITE}
        self._account |= {"registry": REGISTRY, "user": USER, "password": PASSWORD, "hash": hashed(PASSWORD)}

    def services(self):
        return self.play(SERVICES, {**self._account, "manifests": [recipe()]})

    def images(self, *manifests, check=False, succeed=True):
        variables = {**self._account, "manifests": list(manifests)}
        return self.play(IMAGES, variables, *(["--check"] if check else []), "--diff", succeed=succeed)

    def containers(self):
        """Names of all containers, running or not."""
        return self.run("podman ps --all --format '{{.Names}}' --sort names").split()

    def left(self):
        """What tasks may have left behind."""
        return self.containers() + self.run("ls /run/nextgen.cloud/tasks 2>/dev/null || true").split()

    def secret(self, cloud, path, value):
        target = "/etc/nextgen.cloud/clouds/%s/secrets/%s" % (cloud, path)
        self.run("umask 077; mkdir -p %s; cat > %s" % (os.path.dirname(target), target), value)


class Task:
    """A task as the executor would start it: a process of the cloud's user in a sandbox as Mesos makes it, with the
    description in its environment. ``tamper`` changes the description after all that is made for it."""

    number = 0

    def __init__(self, node, cloud="dev", command=("sleep", "60"), tamper=None, task=None, sandbox=None, **changes):
        Task.number += 1
        self.node = node
        self.id = task or "%s.mc.%d" % (cloud, Task.number)
        self.user = "nextgen-" + cloud
        run = "slaves/S0/frameworks/%s-00000000/executors/%s/runs/%d" % (cloud, self.id, Task.number)
        self.sandbox = "%s/%s" % (WORK_DIR, run)
        spec = {
            **{"schema": 1, "site": SITE, "cloud": cloud, "name": "mc", "kind": "service", "task": self.id},
            **{"image": IMAGE, "command": list(command), "user": "42457:42457", "stop_grace": 5},
            **{"resources": {"cpus": 0.1, "mem": 128}},
            **changes,
        }
        make = ["mkdir -p %s && cat > %s/spec && chmod 750 %s" % (self.sandbox, self.sandbox, self.sandbox)]
        for volume in spec.get("volumes", ()):
            place = "%s/volumes/roles/%s/%s.%s" % (WORK_DIR, cloud, self.id, volume["name"])
            make.append("mkdir -p %s && chown %s: %s" % (place, self.user, place))
            make.append("ln -s %s %s/%s" % (place, self.sandbox, volume["source"]))
        make += ["chmod 700 %s/volumes" % WORK_DIR] if len(make) > 1 else []
        node.run(" && ".join([*make, "chown -R %s: %s" % (self.user, self.sandbox)]), json.dumps(spec | (tamper or {})))
        environment = 'MESOS_SANDBOX=%s NEXTGEN_CONTAINER="$(cat spec)" UNRELATED=1' % (sandbox or "$PWD")
        become = "setpriv --reuid=%s --regid=%s --init-groups" % (self.user, self.user)
        start = "cd %s && export %s && exec %s %s %s > stdout 2> stderr < /dev/null"
        command = node.argv(start % (self.sandbox, environment, become, PROGRAM, self.id))
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def running(self):
        """Wait for the container and return self."""
        self.node.until("podman ps --format '{{.Names}}' | grep -qxF %s" % self.id, "%s runs" % self.id)
        return self

    def code(self):
        """Wait for the end; the exit code."""
        return self._process.wait(60)

    def output(self, name="stdout"):
        return self.node.run("cat %s/%s" % (self.sandbox, name))

    def pid(self, of):
        """The number of one of the processes that make up the task."""
        leader = "pgrep -fx '[^ ]*python3 %s %s'" % (PROGRAM, re.escape(self.id))
        return {
            "asking": "pgrep -fx '[^ ]*python3 -IS %s %s'" % (DOOR, re.escape(self.id)),
            "leader": leader,
            "podman": "pgrep -P $(%s) podman" % leader,
            "conmon": "podman inspect --format '{{.State.ConmonPid}}' %s" % self.id,
            "container": "podman inspect --format '{{.State.Pid}}' %s" % self.id,
        }[of]

    def kill(self, of, name):
        self.node.run("kill -%s $(%s)" % (name, self.pid(of)))
