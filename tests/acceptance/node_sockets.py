# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on a node: every listening socket of the machine, and of the networks of its task containers."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any, Dict, List

_PROCESS = re.compile(r'\("([^"]+)",pid=\d+')


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sockets(text: str) -> List[Dict[str, Any]]:
    """The lines of ``ss -Hltunp`` → protocol, address, port, processes. An interface after ``%`` is left out."""
    found = []
    for line in text.splitlines():
        words = line.split()
        address, _colon, port = words[4].rpartition(":")
        address = address.split("%")[0].strip("[]")
        # Java names an IPv4 address in its IPv6 form, and ``*`` is both kinds of any address.
        address = {"*": "::"}.get(address, address.replace("::ffff:", ""))
        found.append({
            "protocol": words[0],
            "address": address,
            "port": int(port),
            "processes": sorted(set(_PROCESS.findall(line))),
        })  # fmt: skip
    return found


def observe() -> Dict[str, Any]:
    """``machine``: sockets; ``tasks``: name, published container ports and sockets of each running container."""
    tasks = []
    containers = json.loads(subprocess.run(
        "command -v podman >/dev/null && podman ps --format json || echo []",
        shell=True, capture_output=True, text=True, check=True,
    ).stdout or "[]")  # fmt: skip
    for container in containers:
        ports = [[port["protocol"], port["container_port"]] for port in container["Ports"] or []]
        seen = output("nsenter", "--net=/proc/%d/ns/net" % container["Pid"], "ss", "-Hltunp")
        tasks.append({"name": container["Names"][0], "published": ports, "sockets": sockets(seen)})
    return {"machine": sockets(output("ss", "-Hltunp")), "tasks": tasks}
