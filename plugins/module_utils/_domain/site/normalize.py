# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A valid site file → the normalized site: defaults filled in, units computed, addresses given, paths absolute."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from .. import units
from .addresses import allocate, parse_subnet
from .defaults import with_defaults
from .schema_secrets import AUTH_FILES, AUTH_KEYS, FILES, KEYS

_DRIVER_KEYS = {"podman": ("kind", "subnet", "image"), "static": ("kind",)}
_SOURCE_KEYS = {
    "embedded": ("source",),
    "package": ("source", "name", "version"),
    "archive": ("source", "url", "checksum", "version"),
}


def normalize(data: Mapping[str, Any], path: str) -> dict[str, Any]:
    """``data`` has passed schema and rules; ``path`` is the absolute path of the file.

    Memory and disk are MiB (int), cpus and weight float, ports [first, last], both included.
    The options of components are as written.
    """
    raw = with_defaults(dict(data))
    directory = posixpath.dirname(path)
    nodes = {
        name: _node(node, _address(raw["driver"], node, index), directory)
        for index, (name, node) in enumerate(raw["nodes"].items())
    }
    _give_registry(nodes)
    return {
        "schema": raw["schema"],
        "site": raw["site"],
        "domain": raw["domain"],
        "path": path,
        "state_dir": _resolve(raw["state_dir"], directory),
        "driver": _only(raw["driver"], _DRIVER_KEYS[raw["driver"]["kind"]]),
        "mesos": _only(raw["mesos"], _SOURCE_KEYS[raw["mesos"]["source"]]),
        "secrets": _secrets(raw["secrets"], raw["site"], directory),
        "certificates": _certificates(raw["certificates"], directory),
        "ports": list(units.parse_ports(raw["ports"])),
        "edge": {"port": int(raw["edge"]["port"])},
        "components": [_resolve(path, directory) for path in raw["components"]],
        "nodes": nodes,
        "clouds": {name: _cloud(cloud) for name, cloud in raw["clouds"].items()},
    }


def _node(raw: dict[str, Any], address: str, directory: str) -> dict[str, Any]:
    resources = raw.get("resources")
    ssh = {**raw["ssh"], "port": int(raw["ssh"]["port"])}
    for key in ("private_key", "known_hosts"):
        if key in ssh:
            ssh[key] = _resolve(ssh[key], directory)
    return {
        "roles": list(raw["roles"]),
        "address": address,
        "resources": resources
        and {
            "cpus": float(resources["cpus"]),
            "mem": units.parse_size(resources["mem"]),
            "disk": units.parse_size(resources["disk"]),
        },
        "attributes": dict(raw["attributes"]),
        "ssh": ssh,
    }


def _cloud(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "quota": {"cpus": float(raw["quota"]["cpus"]), "mem": units.parse_size(raw["quota"]["mem"])},
        "weight": float(raw["weight"]),
        "ports": list(units.parse_ports(raw["ports"])),
        "components": {name: options or {} for name, options in raw["components"].items()},
    }


def _secrets(raw: dict[str, Any], site: str, directory: str) -> dict[str, Any]:
    """The options of the backend that was chosen, and no others; every prefix has the site's name unless given."""
    settings = _files(_only({"prefix": "nextgen/%s" % site, **raw}, KEYS[raw["backend"]]), FILES, directory)
    if "auth" in settings:
        login = _only(settings["auth"], AUTH_KEYS[settings["auth"]["method"]])
        settings["auth"] = _files(login, AUTH_FILES, directory)
    return settings


def _certificates(raw: dict[str, Any], directory: str) -> dict[str, Any]:
    """``root`` is {} unless one was brought."""

    def pair(files: dict[str, Any]) -> dict[str, Any]:
        return _files(files, ("certificate", "key"), directory)

    return {
        "days": int(raw["days"]),
        "renew": raw["renew"],
        "root": pair(raw.get("root", {})),
        "clouds": {name: pair(files) for name, files in raw["clouds"].items()},
    }


def _files(raw: dict[str, Any], keys: tuple[str, ...], directory: str) -> dict[str, Any]:
    return {key: _resolve(value, directory) if key in keys else value for key, value in raw.items()}


def _address(driver: dict[str, Any], node: dict[str, Any], index: int) -> str:
    return node.get("address") or str(allocate(parse_subnet(driver["subnet"]), index))


def _give_registry(nodes: dict[str, dict[str, Any]]) -> None:
    """If nobody has the role, the first control node gets it."""
    if not any("registry" in node["roles"] for node in nodes.values()):
        next(node for node in nodes.values() if "control" in node["roles"])["roles"].append("registry")


def _resolve(path: str, directory: str) -> str:
    """Relative to the site file; ``~/`` is left to SSH."""
    return path if path.startswith("~") else posixpath.normpath(posixpath.join(directory, path))


def _only(raw: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: raw[key] for key in keys if key in raw}
