# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canonical YAML: known texts, and that every reader gets back what was written."""

from __future__ import annotations

import random

import pytest
import yaml
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.canonical import canonical_yaml

# id: (value of the key "a", text)
ROWS = {
    "text": ("keystone", "a: keystone\n"),
    "path": ("/etc/keystone", "a: /etc/keystone\n"),
    "looks like a number": ("22.0.2", 'a: "22.0.2"\n'),
    "octal": ("0440", 'a: "0440"\n'),
    "sexagesimal": ("42425:42425", 'a: "42425:42425"\n'),
    "norway": ("no", 'a: "no"\n'),
    "empty": ("", 'a: ""\n'),
    "token": ("@secret:a/b@", 'a: "@secret:a/b@"\n'),
    "umlaut": ("größe", 'a: "gr\\u00f6\\u00dfe"\n'),
    "true": (True, "a: true\n"),
    "null": (None, "a: null\n"),
    "integer": (384, "a: 384\n"),
    "float": (0.15, "a: 0.15\n"),
    "whole float": (1.0, "a: 1.0\n"),
    "empty list": ([], "a: []\n"),
    "empty mapping": ({}, "a: {}\n"),
    "list": (["x", 1], "a:\n  - x\n  - 1\n"),
    "list of mappings": ([{"b": 2, "a": 1}], "a:\n  - a: 1\n    b: 2\n"),
    "list in a list": ([["x"], []], "a:\n  -\n    - x\n  - []\n"),
    "order": ({"b": 1, "a": 2}, "a:\n  a: 2\n  b: 1\n"),
    "block": ("one\ntwo\n", "a: |\n  one\n  two\n"),
    "block without end": ("one\ntwo", "a: |-\n  one\n  two\n"),
    "block with ends": ("one\n\n\n", "a: |+\n  one\n\n\n"),
    "block with a margin": ("  one\ntwo\n", "a: |2\n    one\n  two\n"),
    "block with an empty line": ("one\n\ntwo\n", "a: |\n  one\n\n  two\n"),
    "block in a list": ([{"c": "x\n"}], "a:\n  - c: |\n      x\n"),
    "carriage return": ("one\r\ntwo\n", 'a: "one\\r\\ntwo\\n"\n'),
    "only newlines": ("\n\n", 'a: "\\n\\n"\n'),
}


@pytest.mark.parametrize(("value", "text"), ROWS.values(), ids=list(ROWS))
def test_text(value, text):
    assert canonical_yaml({"a": value}) == text
    assert yaml.safe_load(text) == {"a": value}


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ALPHABET = "ab01 .:-#'\"\\@{}[]|>&*!%?,\t\n\r\x07\x85\xa0é\u2028\ufeff\U0001f600yesnull~="


def random_value(source, depth=0):
    kind = source.randrange(8 if depth < 3 else 5)
    if kind == 0:
        return source.choice([True, False, None, 0, -7, 10**12, 0.1, 1.5e-7, 1e22, -2.0])
    if kind < 5:
        return "".join(source.choice(ALPHABET) for _i in range(source.randrange(12)))
    if kind == 5:
        return [random_value(source, depth + 1) for _i in range(source.randrange(4))]
    return {str(random_value(source, 9)): random_value(source, depth + 1) for _i in range(source.randrange(4))}


def same(one, other):
    """Equal and of the same types: 1 is not True and not 1.0."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(sorted(one)) == list(sorted(other)) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def test_any_value_comes_back():
    for seed in range(500):
        source = random.Random(seed)
        value = {"top": random_value(source), "other": random_value(source)}
        text = canonical_yaml(value)
        read = yaml.load(text, LOADER)
        assert same(read, value), (seed, text)
        assert canonical_yaml(read) == text, (seed, text)


@pytest.mark.parametrize("value", [object(), float("nan"), float("inf"), {1: 2}, b"x"])
def test_only_plain_data(value):
    with pytest.raises(TypeError):
        canonical_yaml({"a": value})
