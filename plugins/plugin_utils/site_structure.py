# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Document × JSON Schema → coded problems with places, all of them, and the paths that are not to be trusted."""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.nextgen.cloud.plugins.module_utils._domain import naming, units
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import Problem, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site import schema_words
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.document import (
    Document,
    Path,
    describe,
    inline,
    show,
    spell,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.schema import SCHEMA
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.suggest import did_you_mean

try:
    from jsonschema import Draft202012Validator, validators
    from jsonschema.exceptions import ValidationError
except ImportError as error:
    MISSING: ImportError | None = error
else:
    MISSING = None

# What is wrong, and the path of the value that cannot be used; no path if only its name is wrong.
Finding = t.Tuple[t.Optional[Path], Problem]

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "null": "nothing",
    "boolean": "true or false",
}

# What a value that misses a pattern should have been: code, and values of its template.
_FORMS: dict[str, tuple[str, dict[str, t.Any]]] = {
    naming.DOMAIN_PATTERN: ("NXC-SITE-0202", {}),
    schema_words.ADDRESS_PATTERN: ("NXC-SITE-0301", {}),
    schema_words.SUBNET_PATTERN: ("NXC-SITE-0302", {"reason": "it is not written like one"}),
    units.PORTS_PATTERN: ("NXC-SITE-0401", {"low": 1024, "high": units.PORT_MAX}),
    units.SIZE_PATTERN: ("NXC-SITE-0106", {"expected": "a size with unit", "example": "2GiB"}),
    schema_words.WORD_PATTERN: ("NXC-SITE-0106", {"expected": "a word of letters, digits, '_', '.', '-'"}),
    schema_words.USER_PATTERN: ("NXC-SITE-0106", {"expected": "an account name"}),
    schema_words.FILE_PATTERN: ("NXC-SITE-0106", {"expected": "a path"}),
    schema_words.DIRECTORY_PATTERN: ("NXC-SITE-0106", {"expected": "a path", "example": ".nextgen"}),
    schema_words.VERSION_PATTERN: ("NXC-SITE-0106", {"expected": "a version"}),
    schema_words.URL_PATTERN: ("NXC-SITE-0106", {"expected": "a URL"}),
    schema_words.SERVER_PATTERN: ("NXC-SITE-0106", {"expected": "a URL of a server, without user and password"}),
    schema_words.SECRET_PREFIX_PATTERN: ("NXC-SITE-0106", {"expected": "words joined by '/'"}),
    schema_words.RENEW_PATTERN: ("NXC-SITE-0106", {"expected": "a share of its life or days before its end"}),
    schema_words.VISIBLE_PATTERN: ("NXC-SITE-0106", {"expected": "a name"}),
    schema_words.CHECKSUM_PATTERN: ("NXC-SITE-0106", {"expected": "'sha256:' and 64 hexadecimal digits"}),
    schema_words.ATTRIBUTE_PATTERN: (
        "NXC-SITE-0106",
        {"expected": "a name of lower-case letters, digits and '_'", "example": "zone"},
    ),
}


def structure_findings(document: Document) -> list[Finding]:
    """Everything in the document that the schema forbids, each once. Raises CloudError without jsonschema."""
    if MISSING is not None:
        raise refuse("NXC-SITE-0901", name="jsonschema", reason=MISSING)
    found: dict[str, Finding] = {}
    mistyped = set()
    for error in _validator().iter_errors(document.data):
        if error.validator == "type":
            mistyped.add(tuple(error.absolute_path))
        for path, problem in _READERS[error.validator](document, error, tuple(error.absolute_path)):
            found.setdefault("%s %s" % (path, problem), (path, problem))
    return [
        (path, problem)
        for path, problem in found.values()
        if path is None or path not in mistyped or problem.code == "NXC-SITE-0103"
    ]


@functools.lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    """Patterns are matched as a whole: ``$`` alone would let a trailing newline pass."""

    def pattern(validator: t.Any, wanted: str, instance: t.Any, schema: t.Any) -> t.Iterator[ValidationError]:
        if isinstance(instance, str) and re.fullmatch(wanted, instance) is None:
            yield ValidationError("%r does not match %r" % (instance, wanted))

    return validators.extend(Draft202012Validator, {"pattern": pattern})(SCHEMA)


def _unknown_keys(document: Document, error: ValidationError, path: Path) -> t.Iterator[Finding]:
    known = error.schema["properties"]
    allowed = [key for key in known if key not in error.instance]
    for key in error.instance:
        if key not in known:
            values = {"key": show(key), "where": spell(path), "allowed": ", ".join(known)}
            under = (*path, key)
            yield under, _problem("NXC-SITE-0101", values, document.key_place(under), did_you_mean(key, allowed))


def _missing_keys(document: Document, error: ValidationError, path: Path) -> t.Iterator[Finding]:
    for key in error.validator_value:
        if key not in error.instance:
            values = {"key": key, "where": spell(path)}
            yield (*path, key), _problem("NXC-SITE-0102", values, document.key_place(path))


def _wrong_type(document: Document, error: ValidationError, path: Path) -> t.Iterator[Finding]:
    wanted = error.validator_value
    names = [_TYPES[name] for name in ([wanted] if isinstance(wanted, str) else wanted)]
    examples = error.schema.get("examples")
    values = {
        "where": spell(path),
        "expected": " or ".join(names),
        "actual": describe(error.instance),
        "example": ", for example %s" % inline(examples[0]) if examples else "",
    }
    yield path, _problem("NXC-SITE-0103", values, document.place(path))


def _not_a_choice(document: Document, error: ValidationError, path: Path) -> t.Iterator[Finding]:
    allowed = [error.validator_value] if error.validator == "const" else error.validator_value
    values = {"where": spell(path), "value": show(error.instance), "allowed": ", ".join(map(str, allowed))}
    code = "NXC-SITE-0104"
    if path == ("schema",):
        code = "NXC-SITE-0109"
    elif "roles" in path:
        code = "NXC-SITE-0213"
    hint = did_you_mean(str(error.instance), [choice for choice in allowed if isinstance(choice, str)])
    yield path, _problem(code, values, document.place(path), hint)


_BOUNDS = {
    "minimum": "at least %s",
    "maximum": "at most %s",
    "exclusiveMinimum": "more than %s",
    "minItems": "a list of at least %s",
    "minProperties": "a mapping of at least %s",
    "maxProperties": "a mapping of at most %s",
}


def _out_of_bounds(document: Document, error: ValidationError, path: Path) -> t.Iterator[Finding]:
    value = len(error.instance) if isinstance(error.instance, (list, dict)) else error.instance
    values = {
        "where": spell(path),
        "value": "empty" if value == 0 and not isinstance(error.instance, (int, float)) else value,
        "bound": _BOUNDS[error.validator] % error.validator_value,
    }
    yield path, _problem("NXC-SITE-0105", values, document.place(path))


def _repeated(document: Document, error: ValidationError, path: Path) -> t.Iterator[Finding]:
    for index, item in enumerate(error.instance):
        if item in error.instance[:index]:
            values = {"where": spell(path), "value": show(item)}
            yield (*path, index), _problem("NXC-SITE-0107", values, document.place((*path, index)))


def _wrong_form(document: Document, error: ValidationError, path: Path) -> t.Iterator[Finding]:
    wrong: Path | None = path
    where, place = spell(path), document.place(path)
    if "propertyNames" in error.absolute_schema_path:
        where, wrong = "a key in %s" % where, None
        place = document.key_place((*path, error.instance))
    values: dict[str, t.Any] = {"where": where, "value": show(error.instance), "name": show(error.instance)}
    if error.validator_value == naming.LABEL_PATTERN:
        what = {"nodes": "a node", "clouds": "a cloud"}.get(path[0], "the site")
        yield wrong, _problem("NXC-SITE-0201", {**values, "what": what}, place)
        return
    code, more = _FORMS[error.validator_value]
    example = (error.schema.get("examples") or [""])[0]
    yield wrong, _problem(code, {"example": example, **values, **more}, place)


# The keys that decide which others have a meaning.
_CHOICES = ("kind", "source", "backend", "method")


def _choice(parent: t.Mapping[str, t.Any]) -> str:
    return next(key for key in _CHOICES if key in parent)


def _out_of_place(document: Document, error: ValidationError, path: Path) -> t.Iterator[Finding]:
    """A key that the choice beside it rules out: the schema has ``not: {}`` under ``then`` for it."""
    parent = document.data
    for step in path[:-1]:
        parent = parent[step]
    choice = _choice(parent)
    condition = "'%s: %s'" % (choice, parent[choice])
    values = {"key": path[-1], "where": spell(path[:-1]), "condition": condition}
    yield path, _problem("NXC-SITE-0108", values, document.key_place(path))


_Reader = t.Callable[[Document, "ValidationError", Path], t.Iterator[Finding]]
_READERS: dict[str, _Reader] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "type": _wrong_type,
    "enum": _not_a_choice,
    "const": _not_a_choice,
    "uniqueItems": _repeated,
    "pattern": _wrong_form,
    "not": _out_of_place,
    **dict.fromkeys(_BOUNDS, _out_of_bounds),
}


def _problem(code: str, values: dict[str, t.Any], place: t.Any, hint: str = "") -> Problem:
    return Problem(code, values, place, hint)
