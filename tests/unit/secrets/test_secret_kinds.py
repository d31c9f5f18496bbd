# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds of secrets: form, fairness, limits."""

from __future__ import annotations

import base64
import collections
import hashlib
import uuid

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.kinds import ALPHANUMERIC, KINDS


def stream(seed):
    """A random source that always gives the same bytes."""
    state = {"count": 0}

    def take(size):
        data = b""
        while len(data) < size:
            state["count"] += 1
            data += hashlib.sha256(b"%s %d" % (seed, state["count"])).digest()
        return data[:size]

    return take


@pytest.mark.parametrize("name", sorted(KINDS))
def test_values_are_of_their_kind_for_every_length(name):
    kind = KINDS[name]
    for length in (kind.shortest, kind.default, kind.longest):
        value = kind.make(length, stream(b"x"))
        assert len(value) == length
        assert kind.flaw(value) == ""


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_random_source_decides_alone(name):
    kind = KINDS[name]
    assert kind.make(kind.default, stream(b"a")) == kind.make(kind.default, stream(b"a"))
    assert kind.make(kind.default, stream(b"a")) != kind.make(kind.default, stream(b"b"))


def test_fernet_is_32_bytes_of_urlsafe_base64():
    assert KINDS["fernet"].make(44, lambda size: b"\xff" * size) == base64.urlsafe_b64encode(b"\xff" * 32).decode()


def test_uuid_is_version_4():
    assert uuid.UUID(KINDS["uuid"].make(36, lambda size: b"\xff" * size)).version == 4
    assert uuid.UUID(KINDS["uuid"].make(36, lambda size: b"\x00" * size)).variant == uuid.RFC_4122


def test_hex_of_odd_length():
    assert KINDS["hex"].make(17, lambda size: b"\xab" * size) == "ab" * 8 + "a"


def test_every_character_of_a_password_is_equally_likely():
    # All 256 byte values once: what is kept must hold each character exactly four times.
    everything = bytes(range(256))
    kept = [byte for byte in everything if byte < 248]
    tally = collections.Counter(ALPHANUMERIC[byte % 62] for byte in kept)
    assert set(tally.values()) == {4}
    # And the source is really filtered like that: bytes 248 to 255 never become a character.
    source = iter([bytes(range(244, 256)), b"\x00\x1a\x34" * 4])
    assert KINDS["password"].make(12, lambda size: next(source)) == "6789aA0aA0aA"


def test_a_password_has_all_sorts_of_characters():
    attempts = iter([b"\x00" * 12, b"\x00\x1a\x34" * 4])
    assert KINDS["password"].make(12, lambda size: next(attempts)) == "aA0" * 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "short1A"),
        ("password", "blanks in here 1A"),
        ("password", "newline1A2b3c4d5e6f\n"),
        ("fernet", "A" * 44),
        ("hex", "ABCDEF0123456789"),
        ("uuid", "12345678-1234-1234-1234-12345678901"),
    ],
)
def test_flaws_are_found_and_never_quote_the_value(name, value):
    flaw = KINDS[name].flaw(value)
    assert flaw and value not in flaw
