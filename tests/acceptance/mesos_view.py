# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Mesos master's own word on what runs, read with the operator's principal."""

from __future__ import annotations

import base64
import json
import urllib.request
from typing import Any

from .secret_values import stored
from .strangers import http_answer


def call(site, body: dict[str, Any], principal: str = "operator", master: str | None = None) -> dict[str, Any]:
    """POST one operator API call to the master; returns the JSON answer, {} if there is none."""
    host = master or site.address("control")
    token = base64.b64encode(("%s:%s" % (principal, stored(site)["mesos/principals/%s" % principal])).encode()).decode()
    request = urllib.request.Request(
        "http://%s:5050/api/v1" % host,
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json", "Accept": "application/json", "Authorization": "Basic " + token,
        },
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text else {}


def _flat(task: dict[str, Any]) -> dict[str, Any]:
    labels = {label["key"]: label.get("value") for label in task.get("labels", {}).get("labels", [])}
    ports = {port["name"]: port["number"] for port in task.get("discovery", {}).get("ports", {}).get("ports", [])}
    return {
        "id": task["task_id"]["value"],
        "cloud": labels.get("nextgen.cloud"),
        "service": labels.get("nextgen.name"),
        "kind": labels.get("nextgen.kind"),
        "agent": task["agent_id"]["value"],
        "ports": ports,
    }


def running_tasks(site) -> list[dict[str, Any]]:
    """id, cloud, service, kind, agent and ports by name of every running task of the site."""
    tasks = call(site, {"type": "GET_TASKS"})["get_tasks"].get("tasks", [])
    return [_flat(task) for task in tasks if task["state"] == "TASK_RUNNING"]


def frameworks(site) -> list[dict[str, Any]]:
    answer = call(site, {"type": "GET_FRAMEWORKS"})["get_frameworks"]
    return [entry["framework_info"] for key in answer for entry in answer[key]]


def mesos_paths(address: str, port: int, login: dict[str, str]) -> list[str]:
    """Every path that the daemon there says it serves, with the name of its process and without it."""
    status, text = http_answer(address, port, "/help?format=json", headers=login)
    assert status == 200
    paths = set()
    for process in json.loads(text)["processes"]:
        for endpoint in process["endpoints"]:
            name = endpoint["name"].rstrip("/")
            paths |= {"/%s%s" % (process["id"], name), name or "/%s" % process["id"]}
    return sorted(paths)
