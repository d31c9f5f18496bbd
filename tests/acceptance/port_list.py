# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sockets against the port list of the site. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any


def allowed(socket: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether a row of the list is this socket's: protocol, port, bound address and every process that holds it."""
    first, last = row["ports"]
    return (
        socket["protocol"] == row["protocol"]
        and first <= socket["port"] <= last
        and socket["address"] in row["bound"]
        and bool(socket["processes"])
        and set(socket["processes"]) <= set(row["processes"])
    )


def strays(sockets: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sockets that are in no row."""
    rows = list(rows)
    return [socket for socket in sockets if not any(allowed(socket, row) for row in rows)]


def missing(sockets: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows that no socket is for, and that are not optional."""
    sockets = list(sockets)
    return [row for row in rows if not row["optional"] and not any(allowed(socket, row) for socket in sockets)]


def unpublished(task: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Sockets in a container's network that others could reach and that are not published."""
    published = {tuple(port) for port in task["published"]}
    return [
        socket
        for socket in task["sockets"]
        if (socket["protocol"], socket["port"]) not in published
        and not ipaddress.ip_address(socket["address"]).is_loopback
    ]


def table(rows: Iterable[Mapping[str, Any]], *columns: str) -> str:
    """The rows as lines of aligned columns, for people."""
    cells = [list(columns)]
    cells += [["%s" % (row[column],) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells]
    return "\n" + "\n".join(lines)
