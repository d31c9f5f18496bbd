# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""component.yml against its JSON Schema: what jsonschema finds becomes our findings."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.model import Findings, listing
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.schema import EXPRESSION, SCHEMA
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.document import Document
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.suggest import did_you_mean

try:
    from jsonschema import Draft202012Validator
except ImportError as error:
    MISSING: ImportError | None = error
else:
    MISSING = None


@functools.cache
def _validator() -> Any:
    if MISSING:
        raise refuse("NXC-SITE-0901", name="jsonschema", reason=MISSING)
    return Draft202012Validator(SCHEMA)


def check_schema(document: Document, findings: Findings) -> None:
    """Add a finding for every place where the document does not obey schema 1. Raises without jsonschema."""
    data = document.data
    if isinstance(data, Mapping) and "schema" in data and data["schema"] != 1:
        findings.add("NXC-COMP-0006", place=document.key_place(("schema",)), schema=data["schema"])
        return
    errors = list(_validator().iter_errors(data))
    for error in errors:
        if not (error.validator == "oneOf" and _has_cause(error, errors)):
            _add(error, document, findings)


def _has_cause(error: Any, errors: list[Any]) -> bool:
    """Is something below the place wrong in itself? Then that the whole fits no form says nothing new."""
    path = list(error.absolute_path)
    return any(len(one.absolute_path) > len(path) and list(one.absolute_path)[: len(path)] == path for one in errors)


def _add(error: Any, document: Document, findings: Findings) -> None:
    path = tuple(error.absolute_path)
    handler = _HANDLERS.get(error.validator, _wrong)
    handler(error, path, document, findings)


def _unknown(error: Any, path: tuple, document: Document, findings: Findings) -> None:
    known = error.schema.get("properties", {})
    for key in sorted(set(error.instance) - set(known), key=str):
        findings.add(
            "NXC-COMP-0003",
            place=document.key_place((*path, key)),
            hint=did_you_mean(str(key), known),
            key=key,
            where=_spell(path),
            known=listing(known),
        )


def _missing(error: Any, path: tuple, document: Document, findings: Findings) -> None:
    # One error per missing key: jsonschema names it only in its text, and repeats the rest in order.
    for key in error.validator_value:
        if key not in error.instance and error.message.startswith(repr(key)):
            findings.add("NXC-COMP-0005", place=document.key_place(path), key=key, where=_spell(path))


def _one_of(error: Any, path: tuple, document: Document, findings: Findings) -> None:
    detail = {
        "files": "give exactly one of template, secret and content",
        "health": "kinds http and tcp have a port, kind command has a command",
    }.get(str(path[-1] if isinstance(path[-1], str) else path[-2]), "it fits none of the forms")
    findings.add("NXC-COMP-0004", place=document.key_place(path), where=_spell(path), detail=detail)


def _name(error: Any, path: tuple, document: Document, findings: Findings) -> None:
    name = error.instance if not isinstance(error.instance, Mapping) else ""
    detail = "'%s' is no name, names look like %s" % (name, error.schema.get("propertyNames", error.schema)["pattern"])
    findings.add("NXC-COMP-0004", place=document.key_place((*path, name)), where=_spell(path), detail=detail)


def _wrong(error: Any, path: tuple, document: Document, findings: Findings) -> None:
    if error.parent is not None:
        error = error.parent
    if error.validator == "pattern" and "propertyNames" in list(error.absolute_schema_path):
        _name(error, path, document, findings)
        return
    place = document.place(path) if path else document.key_place(path)
    findings.add("NXC-COMP-0004", place=place, where=_spell(path), detail=_shorten(_detail(error)))


def _detail(error: Any) -> str:
    """In words where jsonschema shows a pattern, which may be one of several forms or hard to read."""
    about = error.schema.get("description", "").rstrip(".")
    if error.validator == "pattern" and error.validator_value == EXPRESSION:
        kind = "a number" if "number" in error.schema["type"] else "an integer"
        return "%r is neither %s nor one expression such as '{{ parameters.x }}' (%s)" % (error.instance, kind, about)
    if error.validator == "pattern":
        return "%r does not have the form %s%s" % (error.instance, error.validator_value, about and " (%s)" % about)
    if error.validator == "type" and error.validator_value == "string" and isinstance(error.instance, (int, float)):
        return "%s must be text: put it in quotes" % str(error.instance).lower()
    return str(error.message)


_HANDLERS = {"additionalProperties": _unknown, "required": _missing, "oneOf": _one_of}


def _shorten(message: str) -> str:
    return message if len(message) <= 200 else message[:90] + " … " + message[-90:]


def _spell(path: tuple) -> str:
    """``services.keystone.files[0]``; the top is ``component.yml``."""
    text = "".join("[%d]" % step if isinstance(step, int) else ".%s" % step for step in path)
    return text.lstrip(".") or "component.yml"
