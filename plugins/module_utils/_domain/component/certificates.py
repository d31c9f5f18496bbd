# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of a component in one cloud: for which names, and what they are good for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..naming import service_name
from .model import Component
from .routes import Route


def certificates_of(component: Component, routes: Mapping[str, Route], cloud: str, domain: str) -> list[dict[str, Any]]:
    """Manifests of kind ``certificate``, by name. One without routes is for the component's own name."""
    return [
        {
            "schema": 1,
            "kind": "certificate",
            "cloud": cloud,
            "name": "%s/%s" % (component.name, name),
            "certificate": {
                "dns": _hosts(component, routes, declaration) or [service_name(component.name, cloud, domain)],
                "usages": sorted(declaration["usages"]),
            },
        }
        for name, declaration in sorted(component.section("certificates").items())
    ]


def _hosts(component: Component, routes: Mapping[str, Route], declaration: Mapping[str, Any]) -> list[str]:
    wanted = declaration.get("routes", component.section("routes"))
    return sorted({route.host for name, route in routes.items() if name in wanted})
