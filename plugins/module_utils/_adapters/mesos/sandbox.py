# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of what a task wrote, read from its agent."""

from __future__ import annotations

import base64
import json
from typing import Any

from .http import Credential, headers_for, post

_TAIL = 2000


def tail(host: str, credential: Credential, framework: str, task: str, name: str = "stderr") -> str:
    """The last 2000 bytes of ``name`` in the sandbox of a command task; "" where they cannot be had."""
    path = "/frameworks/%s/executors/%s/runs/latest/%s" % (framework, task, name)
    size = _read(host, credential, path, 0, 1).get("size", 0)
    if not size:
        return ""
    start = max(0, int(size) - _TAIL)
    data = _read(host, credential, path, start, _TAIL).get("data", "")
    return base64.b64decode(data).decode("utf-8", "replace").strip()


def _read(host: str, credential: Credential, path: str, offset: int, length: int) -> dict[str, Any]:
    body = {"type": "READ_FILE", "read_file": {"path": path, "offset": offset, "length": length}}
    answer = post(host, "/api/v1", body, headers_for(credential), timeout=5.0)
    if answer.status != 200:
        return {}
    return json.loads(answer.body).get("read_file") or {}
