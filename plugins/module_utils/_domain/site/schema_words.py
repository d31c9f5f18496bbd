# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words that the JSON Schema of site.yml is written in: patterns and small builders."""

from __future__ import annotations

from typing import Any

from .. import units

ROLES = ("control", "worker", "edge", "registry", "logs", "monitor", "ci")
DRIVERS = ("podman", "static")
SOURCES = ("embedded", "package", "archive")

ADDRESS_PATTERN = r"^([0-9]{1,3}\.){3}[0-9]{1,3}$"
SUBNET_PATTERN = r"^([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}$"
WORD_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"
ATTRIBUTE_PATTERN = "^[a-z][a-z0-9_]{0,62}$"
USER_PATTERN = "^[a-z_][a-z0-9_.-]{0,31}$"
FILE_PATTERN = r"^[^\x00-\x1f\x22\x7f]{1,512}$"
DIRECTORY_PATTERN = r"^[^~\x00-\x1f\x22\x7f][^\x00-\x1f\x22\x7f]{0,511}$"
VERSION_PATTERN = "^[0-9A-Za-z][0-9A-Za-z.+:~_-]{0,63}$"
URL_PATTERN = r"^(https?|file)://[^\s]{1,1024}$"
CHECKSUM_PATTERN = "^sha256:[0-9a-f]{64}$"
# Without user and password: what is written here is read by many.
SERVER_PATTERN = (
    r"^https?://(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(:[0-9]{1,5})?(/[A-Za-z0-9._~-]{1,64}){0,8}/?$"
)
SECRET_PREFIX_PATTERN = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}){0,7}$"
RENEW_PATTERN = "^([1-9][0-9]?%|[1-9][0-9]{0,3}d)$"
VISIBLE_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_.@+:-]{0,127}$"


def mapping(title: str, description: str, required: list[str], properties: dict[str, Any], **more: Any) -> dict:
    return {
        "type": "object",
        "title": title,
        "description": description,
        "additionalProperties": False,
        "required": required,
        "properties": properties,
        **more,
    }


def text(title: str, description: str, pattern: str, *examples: str, **more: Any) -> dict:
    return {
        "type": "string",
        "title": title,
        "description": description,
        "pattern": pattern,
        "examples": list(examples),
        **more,
    }


def without(key: str, value: str, *absent: str, required: tuple[str, ...] = ()) -> dict:
    """If ``key`` is ``value``, the keys ``absent`` have no meaning and ``required`` must be there."""
    then: dict[str, Any] = {"properties": {name: {"not": {}} for name in absent}}
    if required:
        then["required"] = list(required)
    return {"if": {"required": [key], "properties": {key: {"const": value}}}, "then": then}


CPUS = {
    "type": "number",
    "title": "CPUs",
    "description": "Processor cores; fractions are possible.",
    "minimum": 0,
    "maximum": 65536,
    "examples": [2, 0.5],
}


def size(title: str, description: str, *examples: str) -> dict:
    return {
        "type": ["string", "integer"],
        "title": title,
        "description": description + " A size with unit (MiB, GiB, TiB), or a bare number of MiB.",
        "pattern": units.SIZE_PATTERN,
        "minimum": 0,
        "maximum": 2**40,
        "examples": list(examples),
    }
