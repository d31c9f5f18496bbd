# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests, and a cloud on a real cluster as the tests see it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from cloud_drive import drive

HEALTH = {"kind": "http", "port": "api", "path": "/health", "interval": 0.1, "timeout": 2, "grace": 10, "failures": 3}


def service(name, cloud="dev", **more):
    manifest = {
        "schema": 1,
        "kind": "service",
        "cloud": cloud,
        "name": name,
        "image": "none",
        "instances": 1,
        "user": "",
        "command": [],
        "environment": {},
        "resources": {"cpus": 0.1, "mem": 32, "disk": 8},
        "ports": {"api": 80},
        "files": [],
        "volumes": [],
        "health": HEALTH,
        "requires": [],
        "update": "recreate",
        "kill_grace": 2,
        "placement": {},
    }
    return {**manifest, **more}


def job(name, command, cloud="dev", **more):
    manifest = service(name, cloud, kind="job", command=command, timeout=20)
    for key in ("instances", "ports", "health", "update"):
        del manifest[key]
    return {**manifest, **more}


def route(name, cloud="dev"):
    return {"schema": 1, "kind": "route", "cloud": cloud, "name": name, "service": name, "port": "api"}


def top(cloud="dev", cpus=2.0, mem=1024, ports=(20000, 20199), **more):
    manifest = {"schema": 1, "kind": "cloud", "cloud": cloud, "name": cloud, "quota": {"cpus": cpus, "mem": mem}}
    return {**manifest, "weight": 1.0, "ports": list(ports), "route_ports": [ports[0], ports[0] + 99], **more}


class Site:
    """The cluster as a test sees it."""

    def __init__(self, cluster, zookeeper, directory):
        self.cluster = cluster
        self.zookeeper = zookeeper
        self.directory = directory

    def arguments(self, cloud, manifests, **more):
        arguments = {
            "cloud": cloud,
            "secret": self.cluster.principals[cloud],
            "operator_secret": self.cluster.principals["operator"],
            "masters": [self.cluster.master],
            "zookeeper": self.zookeeper,
            "run_dir": str(self.directory / cloud),
            "manifests": manifests,
            "timeout": 30.0,
        }
        return {**arguments, **more}

    def deploy(self, manifests, cloud="dev", **more):
        return drive(**self.arguments(cloud, manifests, **more))

    def settle(self, manifests, cloud="dev", **more):
        """Deploy and route, again until settled; the task ids that are routed then."""
        routed = []
        for _round in range(6):
            outcome = self.deploy(manifests, cloud, routed=routed, **more)
            routed = sorted({each["task"] for each in outcome.plan.instances})
            if outcome.settled:
                return routed
        raise AssertionError("never settled: %s" % outcome.plan.text)

    def start(self, manifests, cloud="dev", **more):
        """The same call as a process of its own."""
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("cloud_drive.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        process.stdin.write(json.dumps(self.arguments(cloud, manifests, **more)))
        process.stdin.close()
        return process

    def state(self):
        return self.cluster.api().call("GET_STATE")[1]["get_state"]

    def tasks(self, cloud="dev"):
        """Running tasks of a cloud: service name to task ids."""
        found = {}
        for task in self.state()["get_tasks"].get("tasks", []):
            if task["task_id"]["value"].startswith(cloud + ".") and task["state"] == "TASK_RUNNING":
                found.setdefault(task["name"].partition(".")[0], []).append(task["task_id"]["value"])
        return found


def alive(task):
    """Process ids of the workload of a task."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and task.encode() in (entry / "environ").read_bytes():
                if b"cloud_workload.py" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
        except OSError:
            continue
    return found
