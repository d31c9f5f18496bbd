# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Defaults, taken from the schema so that documentation, editors and behaviour agree."""

from __future__ import annotations

import copy
from typing import Any

from .schema import SCHEMA


def default(*path: str) -> Any:
    """The default of the property at ``path`` (("edge", "port")); None if it has none."""
    schema: Any = SCHEMA
    for step in path:
        schema = schema["properties"][step]
    return copy.deepcopy(schema.get("default"))


def with_defaults(value: Any, schema: Any = SCHEMA) -> Any:
    """A copy of a valid value in which every absent property that has a default is present."""
    if not isinstance(value, dict):
        return copy.deepcopy(value)
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    filled = {}
    for key, item in value.items():
        filled[key] = with_defaults(item, properties.get(key, others if isinstance(others, dict) else {}))
    for key, wanted in properties.items():
        if key not in filled and "default" in wanted:
            filled[key] = with_defaults(wanted["default"], wanted)
    return filled
