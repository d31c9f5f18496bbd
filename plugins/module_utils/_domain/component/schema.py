# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON Schema of component.yml, schema 1. ``docs/schema/component-1.schema.json`` is written from it.

A value that may be computed takes a string that is one whole Jinja2 expression (``"{{ parameters.x }}"``).
"""

from __future__ import annotations

from typing import Any

NAME = r"^[a-z][a-z0-9-]{0,38}[a-z0-9]$"
WORD = r"^[a-z][a-z0-9_]{0,39}$"
EXPRESSION = r"^\{\{.*\}\}$"
ABSOLUTE = r"^/[^\s:]+$"


def _object(description: str, required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _named(description: str, pattern: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "default": {},
        "propertyNames": {"pattern": pattern},
        "additionalProperties": value,
    }


def _computed(kind: str, description: str, **more: Any) -> dict[str, Any]:
    return {"type": [kind, "string"], "pattern": EXPRESSION, "description": description, **more}


def _integer(description: str, minimum: int, maximum: int, **more: Any) -> dict[str, Any]:
    return {"type": "integer", "minimum": minimum, "maximum": maximum, "description": description, **more}


_LIST = {"type": "array", "uniqueItems": True, "items": {"type": "string", "pattern": NAME}}
_NAMES = {**_LIST, "default": []}
_COMMAND = {"type": "array", "minItems": 1, "items": {"type": "string"}}

_PARAMETER = _object(
    "A value that site.yml may set for each cloud.",
    ["type"],
    {
        "type": {"enum": ["string", "integer", "number", "boolean"], "description": "Type of the value."},
        "default": {
            "type": ["string", "integer", "number", "boolean"],
            "description": "Value if site.yml has none; without it the parameter must be set.",
        },
        "minimum": {"type": "number", "description": "Smallest integer or number."},
        "maximum": {"type": "number", "description": "Largest integer or number."},
        "choices": {"type": "array", "minItems": 1, "description": "The only values allowed."},
        "pattern": {"type": "string", "description": "Regular expression that the whole string must match."},
        "description": {"type": "string", "description": "What the value is for, with its unit."},
    },
)

_IMAGE = _object(
    "A container image, built from a recipe.",
    ["context", "version"],
    {
        "context": {
            "type": "string",
            "pattern": r"^[a-z0-9][a-z0-9_/.-]*$",
            "description": "Directory of the recipe in the component: a Containerfile and what it copies.",
        },
        "version": {
            "type": "string",
            "pattern": r"^[A-Za-z0-9_][A-Za-z0-9_.]{0,60}$",
            "description": "First part of the tag; the second is the digest of the recipe.",
        },
    },
)

_SECRET = _object(
    "A secret that is made once per cloud and never stands in a manifest.",
    ["kind"],
    {
        "kind": {
            "enum": ["fernet", "hex", "htpasswd", "password", "ssh_ed25519", "uuid", "x509_key"],
            "description": "What to generate.",
        },
        "length": _integer("Characters of a password or of hex digits.", 16, 256),
        "staged": {
            "type": "boolean",
            "default": False,
            "description": "Is the next value made beforehand, so that all can have it before it counts?",
        },
    },
)

_CERTIFICATE = _object(
    "A key and a certificate of the cloud's authority, for names of this component.",
    [],
    {
        "routes": {**_LIST, "description": "Routes whose names it is for; all of the component if absent."},
        "usages": {
            "type": "array",
            "uniqueItems": True,
            "minItems": 1,
            "items": {"enum": ["client", "server"]},
            "default": ["server"],
            "description": "What it is good for.",
        },
    },
)

_RESOURCES = _object(
    "What a task asks from Mesos; the executor's own share comes on top.",
    ["cpus", "mem"],
    {
        "cpus": _computed("number", "CPU share.", exclusiveMinimum=0),
        "mem": _computed("integer", "Memory limit in MiB.", minimum=16),
        "disk": _computed("integer", "Sandbox disk in MiB.", minimum=1, default=32),
    },
)

_FILE = _object(
    "A file in the container, read-only: exactly one of template, secret and content.",
    ["path", "mode"],
    {
        "path": {"type": "string", "pattern": ABSOLUTE, "description": "Path in the container."},
        "mode": {"type": "string", "pattern": r"^0[0-7]{3}$", "description": "Mode as four octal digits, quoted."},
        "template": {"type": "string", "description": "Name of a Jinja2 template below templates/."},
        "secret": {"type": "string", "pattern": WORD, "description": "The file is the value of this secret."},
        "content": {"type": "string", "description": "The file's text."},
        "which": {
            "enum": ["hash", "previous", "previous_hash", "previous_slot", "public", "slot", "staged"],
            "description": "Part of the secret; its current value if absent.",
        },
        "rotation": {
            "enum": ["ignore", "restart"],
            "default": "restart",
            "description": "Whether a new revision of secrets and certificates in this file replaces running tasks.",
        },
    },
)
_FILE["dependentRequired"] = {"which": ["secret"]}
_FILE["oneOf"] = [{"required": [kind]} for kind in ("template", "secret", "content")]

_VOLUME = _object(
    "Disk that outlives the task.",
    ["name", "path", "size"],
    {
        "name": {"type": "string", "pattern": NAME, "description": "Name within the service."},
        "path": {"type": "string", "pattern": ABSOLUTE, "description": "Path in the container."},
        "size": _computed("integer", "Size in MiB.", minimum=1),
    },
)

_HEALTH = _object(
    "How to see that an instance serves.",
    ["kind"],
    {
        "kind": {"enum": ["http", "tcp", "command"], "description": "HTTP status 200-399, open port, or exit 0."},
        "port": {"type": "string", "pattern": NAME, "description": "Port name (http, tcp)."},
        "path": {"type": "string", "pattern": r"^/\S*$", "description": "Path to get (http); / if absent."},
        "command": {**_COMMAND, "description": "Command run in the container (command)."},
        "interval": _integer("Seconds between two checks.", 1, 300, default=5),
        "timeout": _integer("Seconds a check may take.", 1, 300, default=5),
        "grace": _integer("Seconds after the start in which failures do not count.", 0, 3600, default=60),
        "failures": _integer("Failures in a row that end the instance.", 1, 100, default=3),
    },
)
_HEALTH["oneOf"] = [
    {"properties": {"kind": {"enum": ["http", "tcp"]}}, "required": ["port"], "not": {"required": ["command"]}},
    {"properties": {"kind": {"const": "command"}}, "required": ["command"], "not": {"required": ["port"]}},
]

_TASK: dict[str, Any] = {
    "image": {"type": "string", "pattern": NAME, "description": "Image of this component or of one it requires."},
    "user": {"type": "string", "pattern": r"^[1-9]\d*:[1-9]\d*$", "description": "uid:gid; never root."},
    "command": {**_COMMAND, "description": "Whole command line; strings may be templates."},
    "environment": {
        "type": "object",
        "propertyNames": {"pattern": r"^[A-Z][A-Z0-9_]*$"},
        "additionalProperties": {"type": "string"},
        "default": {},
        "description": "Environment variables; no secrets.",
    },
    "secret_environment": {
        "type": "object",
        "propertyNames": {"pattern": r"^[A-Z][A-Z0-9_]*$"},
        "additionalProperties": {"type": "string", "pattern": r"^[a-z][a-z0-9_]{0,39}(\.[a-z_]+)?$"},
        "description": "Environment variables with secrets of this component: the name of one, or name.part.",
    },
    "resources": _RESOURCES,
    "files": {"type": "array", "items": _FILE, "default": [], "description": "Files put in the container."},
    "requires": {**_NAMES, "description": "Services that must be healthy and jobs that must be done before."},
    "placement": {
        **_object(
            "Which workers may run it.",
            [],
            {
                "attributes": {
                    "type": "object",
                    "additionalProperties": {"type": "string"},
                    "description": "Mesos agent attributes and the value each must have.",
                }
            },
        ),
        "default": {},
    },
    "kill_grace": _integer("Seconds between SIGTERM and SIGKILL.", 1, 600, default=10),
}

_SERVICE = _object(
    "A long-running set of task instances.",
    ["image", "user", "command", "resources"],
    {
        **_TASK,
        "volumes": {"type": "array", "items": _VOLUME, "default": [], "description": "Persistent volumes."},
        "instances": _computed("integer", "How many.", minimum=0, maximum=100, default=1),
        "ports": {
            "type": "object",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": _integer("Port inside the container.", 1, 65535),
            "default": {},
            "description": "Port name -> port inside the container.",
        },
        "health": {**_HEALTH, "type": ["object", "null"], "default": None},
        "update": {
            "enum": ["surge", "recreate"],
            "default": "recreate",
            "description": "Start the new instance before the old one ends, or after.",
        },
    },
)

_JOB = _object(
    "A task that runs once per content of its manifest; it must be safe to run again.",
    ["image", "user", "command", "resources"],
    {**_TASK, "timeout": _integer("Seconds the job may take.", 1, 86400, default=300)},
)

_ROUTE = _object(
    "A way in through the edge.",
    ["service", "port", "kind"],
    {
        "service": {"type": "string", "pattern": NAME, "description": "Service of this component."},
        "port": {"type": "string", "pattern": NAME, "description": "Port name of the service."},
        "kind": {"enum": ["https", "tcp"], "description": "TLS by SNI on the edge's one port, or a port of its own."},
        "host": {
            "type": "string",
            "pattern": r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
            "description": "Host part of the name; the route's name if absent.",
        },
    },
)

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "component-1.schema.json",
    "title": "nextgen.cloud component.yml, schema 1",
    **_object(
        "A versioned unit that can be put into a cloud.",
        ["schema", "component", "version"],
        {
            "schema": {"const": 1, "description": "Version of this schema."},
            "component": {"type": "string", "pattern": NAME, "description": "Name; the directory has the same."},
            "version": {"type": "string", "minLength": 1, "description": "Version, quoted."},
            "description": {"type": "string", "default": "", "description": "One line for people."},
            "requires": {**_NAMES, "description": "Components that come into the cloud with this one."},
            "parameters": _named("What site.yml may set.", WORD, _PARAMETER),
            "images": _named("Images this component builds.", NAME, _IMAGE),
            "secrets": _named("Secrets of this component.", WORD, _SECRET),
            "certificates": _named("Keys and certificates of this component.", NAME, _CERTIFICATE),
            "services": _named("Long-running services.", NAME, _SERVICE),
            "jobs": _named("Run-once jobs.", NAME, _JOB),
            "routes": _named("Ways in through the edge.", NAME, _ROUTE),
        },
    ),
}


def with_defaults(value: Any, schema: dict[str, Any]) -> Any:
    """A copy of a valid document in which absent keys have the schema's defaults."""
    if isinstance(value, list):
        return [with_defaults(item, schema.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    result = {
        key: with_defaults(item, properties.get(key) or (others if isinstance(others, dict) else {}))
        for key, item in value.items()
    }
    for key, sub in properties.items():
        if key not in result and "default" in sub:
            result[key] = with_defaults(sub["default"], sub)
    return result
