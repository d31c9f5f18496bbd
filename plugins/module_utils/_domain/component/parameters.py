# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parameters: what site.yml gives, checked against what the component declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..site.suggest import did_you_mean
from .model import Component, Findings, Locate, listing

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def wanted(declaration: Mapping[str, Any]) -> str:
    """The declaration in words, for error texts: ``an integer from 1 to 9``."""
    kind = declaration["type"]
    text = "%s %s" % ("an" if kind == "integer" else "a", kind)
    if "minimum" in declaration:
        text += " from %s" % declaration["minimum"]
    if "maximum" in declaration:
        text += " up to %s" % declaration["maximum"]
    if "choices" in declaration:
        text += " out of %s" % ", ".join(map(str, declaration["choices"]))
    if "pattern" in declaration:
        text += " like %s" % declaration["pattern"]
    return text


def fits(value: Any, declaration: Mapping[str, Any]) -> bool:
    """Does the value obey the declaration? ``true`` is no integer."""
    kind = declaration["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    if kind in ("integer", "number") and not (
        declaration.get("minimum", value) <= value <= declaration.get("maximum", value)
    ):
        return False
    if "choices" in declaration and value not in declaration["choices"]:
        return False
    if isinstance(value, str) and "pattern" in declaration:
        return re.fullmatch(declaration["pattern"], value) is not None
    return True


def check_declarations(component: Component, findings: Findings) -> None:
    """A pattern that is none, or a default that its own declaration refuses, is the component's mistake."""
    for name, declaration in sorted(component.section("parameters").items()):
        try:
            re.compile(declaration.get("pattern", ""))
        except re.error as error:
            where = "parameters.%s.pattern" % name
            place = component.locate(["parameters", name, "pattern"])
            findings.add("NXC-COMP-0004", place=place, where=where, detail="no regular expression: %s" % error)
            continue
        if "default" in declaration and not fits(declaration["default"], declaration):
            findings.add(
                "NXC-COMP-0033",
                place=component.locate(["parameters", name, "default"]),
                parameter=name,
                component=component.name,
                value=repr(declaration["default"]),
                wanted=wanted(declaration),
            )


def parameters_of(
    component: Component, given: Mapping[str, Any], cloud: str, findings: Findings, locate_site: Locate
) -> dict[str, Any]:
    """Name -> value for every declared parameter of the component in one cloud."""
    declared = component.section("parameters")
    base = ["clouds", cloud, "components", component.name]
    for name in sorted(set(given) - set(declared)):
        findings.add(
            "NXC-COMP-0011",
            place=locate_site([*base, name]),
            hint=did_you_mean(name, declared),
            component=component.name,
            cloud=cloud,
            parameter=name,
            known=listing(declared),
        )
    values = {}
    for name, declaration in sorted(declared.items()):
        if name in given and not fits(given[name], declaration):
            findings.add(
                "NXC-COMP-0012",
                place=locate_site([*base, name]),
                parameter=name,
                component=component.name,
                value=repr(given[name]),
                wanted=wanted(declaration),
            )
        elif name not in given and "default" not in declaration:
            place = locate_site(base)
            findings.add("NXC-COMP-0013", place=place, component=component.name, cloud=cloud, parameter=name)
        values[name] = given.get(name, declaration.get("default"))
    return values
