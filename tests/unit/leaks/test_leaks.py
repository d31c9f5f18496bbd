# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The search of the leak scan finds a value in every form, and nothing where there is none."""

from __future__ import annotations

import base64
import json
import os
import random
import urllib.parse

import pytest
from ansible_collections.nextgen.cloud.tests.acceptance.leaks import Search, pieces
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

PASSWORD = "k3Jd0aQmZ81xYbWc7TnVuE5rLh2PsGfO"
FERNET = "pX-3w_vTn8k2Qe1rYbZ0sUoLmCdGhJf4Aa6iWq9tRxE="
ODD = 'p/ss "w+rd" & more\\ü'
VALUES = {"clouds/dev/mariadb/root_password": PASSWORD, "clouds/dev/keystone/fernet": FERNET, "site/odd": ODD}
SEARCH = Search(VALUES)


def pem(key, form):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def found(data, search=SEARCH):
    return {path for path, _form in search.find(data)}


def base64_in(before):
    return lambda value: base64.b64encode(before + value.encode() + b":more of the text")


FORMS = {
    "plain": lambda value: b"password=" + value.encode() + b"\n",
    "url": lambda value: b"https://user:" + urllib.parse.quote(value, safe="").encode() + b"@host/",
    "url as in forms": lambda value: urllib.parse.urlencode({"password": value}).encode(),
    "json": lambda value: json.dumps({"a": {"b": value}}).encode(),
    "json with other letters as they are": lambda value: json.dumps([value], ensure_ascii=False).encode(),
    "json in json": lambda value: json.dumps({"data": json.dumps({"a": value})}).encode(),
    "hex": lambda value: value.encode().hex().encode(),
    "base64 at its start": base64_in(b""),
    "base64 after one byte": base64_in(b"u"),
    "base64 after two bytes": base64_in(b"u:"),
    "base64 after a user": base64_in(b"operator:"),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(b"a:" + value.encode()),
    "among noise": lambda value: os.urandom(50000) + value.encode() + os.urandom(50000),
    "between letters": lambda value: b"x" * 5000 + value.encode() + b"y" * 5000,
}


@pytest.mark.parametrize("path", VALUES)
@pytest.mark.parametrize("form", FORMS)
def test_a_value_is_found_in_every_form(form, path):
    assert found(FORMS[form](VALUES[path])) == {path}


def test_the_form_is_told():
    assert SEARCH.find(base64.b64encode(b"operator:" + PASSWORD.encode())) == {
        ("clouds/dev/mariadb/root_password", "base64")
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        PASSWORD[:-1].encode(),
        PASSWORD.lower().encode(),
        random.Random(3).randbytes(200000),
        b"k" * 9000,
    ],
)
def test_nothing_is_found_where_there_is_nothing(data):
    assert SEARCH.find(data) == set()


@pytest.mark.parametrize("size", [1, 2, 7, 31, 33, 4096])
def test_a_value_is_found_across_the_borders_of_chunks(size):
    data = b"a" * 100 + PASSWORD.encode() + b"\n" * 100
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    assert {path for path, _form in SEARCH.find_in(chunks)} == {"clouds/dev/mariadb/root_password"}


KINDS = {
    "EC": (lambda: ec.generate_private_key(ec.SECP256R1()), serialization.PrivateFormat.PKCS8),
    "PKCS8 Ed25519": (ed25519.Ed25519PrivateKey.generate, serialization.PrivateFormat.PKCS8),
    "OpenSSH": (ed25519.Ed25519PrivateKey.generate, serialization.PrivateFormat.OpenSSH),
}
KEYS = {kind: pem(make(), form) for kind, (make, form) in KINDS.items()}
WRAPS = {
    "as it is": lambda key: key,
    "with escaped line ends": json.dumps,
    "on one line": lambda key: "".join(key.splitlines()[1:-1]),
    "indented": lambda key: "\n".join("    " + line for line in key.splitlines()),
    "in base64": lambda key: base64.b64encode(key.encode()).decode(),
    "without its head": lambda key: "\n".join(key.splitlines()[1:]),
}


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("kind", KEYS)
def test_a_private_key_is_found_however_it_is_wrapped(kind, wrap):
    assert found(WRAPS[wrap](KEYS[kind]).encode(), Search({"pki/key": KEYS[kind]})) == {"pki/key"}


@pytest.mark.parametrize("kind", KEYS)
def test_another_key_of_the_same_kind_and_the_public_half_are_no_leak(kind):
    make, form = KINDS[kind]
    for _again in range(20):
        key, other = make(), make()
        search = Search({"pki/key": pem(key, form)})
        assert found(pem(other, form).encode(), search) == set()
        for encoding, public in (
            (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
            (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH),
        ):
            assert found(key.public_key().public_bytes(encoding, public), search) == set()


def test_long_values_are_looked_for_by_line():
    assert pieces("the first line\n  and the second\nshort\n") == ["the first line", "and the second"]


def test_what_cannot_be_looked_for_is_told():
    assert Search({"a": "short", "b": PASSWORD}).too_short == ["a"]
    assert Search({}).find(b"anything") == set()
