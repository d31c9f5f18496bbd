# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The map from host names to backends, one file for all clouds: ``keystone.dev.aio.test dev.keystone``."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import CloudError, Problem
from .fragment import backend_name
from .model import Route

_HEAD = "# Host name and backend of every https route. Written by nextgen.cloud.edge.\n"


def parse(text: str) -> dict[str, str]:
    """Backend by host name; comments and lines that are not pairs are left out."""
    pairs = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def merge(text: str, cloud: str, routes: Iterable[Route]) -> str:
    """The map with the lines of ``cloud`` replaced by those of ``routes``. Other clouds' lines stay."""
    lines = {host: backend for host, backend in parse(text).items() if not backend.startswith(cloud + ".")}
    problems = []
    for route in routes:
        if route.protocol != "https":
            continue
        if route.host in lines:
            values = {"host": route.host, "cloud": cloud, "backend": lines[route.host]}
            problems.append(Problem("NXC-EDGE-0002", values))
        lines[route.host] = backend_name(cloud, route.name)
    if problems:
        raise CloudError(problems)
    return _HEAD + "".join("%s %s\n" % line for line in sorted(lines.items()))
