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
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.kinds import (
    KINDS,
    SORTS,
    policy_flaw,
)


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


MADE_HERE = sorted(name for name, kind in KINDS.items() if kind.make)


@pytest.mark.parametrize("name", MADE_HERE)
def test_values_are_of_their_kind_for_every_length(name):
    kind = KINDS[name]
    for length in (kind.shortest, kind.default, kind.longest):
        value = kind.make(length, stream(b"x"), {})
        assert len(value) == length
        assert kind.flaw(value) == ""


@pytest.mark.parametrize("name", MADE_HERE)
def test_the_random_source_decides_alone(name):
    kind = KINDS[name]
    assert kind.make(kind.default, stream(b"a"), {}) == kind.make(kind.default, stream(b"a"), {})
    assert kind.make(kind.default, stream(b"a"), {}) != kind.make(kind.default, stream(b"b"), {})


def test_fernet_is_32_bytes_of_urlsafe_base64():
    assert KINDS["fernet"].make(44, lambda size: b"\xff" * size, {}) == base64.urlsafe_b64encode(b"\xff" * 32).decode()


def test_uuid_is_version_4():
    assert uuid.UUID(KINDS["uuid"].make(36, lambda size: b"\xff" * size, {})).version == 4
    assert uuid.UUID(KINDS["uuid"].make(36, lambda size: b"\x00" * size, {})).variant == uuid.RFC_4122


def test_hex_of_odd_length():
    assert KINDS["hex"].make(17, lambda size: b"\xab" * size, {}) == "ab" * 8 + "a"


def test_every_character_of_a_password_is_about_equally_likely():
    random_bytes = stream(b"fair")
    text = "".join(KINDS["password"].make(256, random_bytes, {}) for _each in range(100))
    tally = collections.Counter(text)
    assert set(tally) == set(SORTS["lower"] + SORTS["upper"] + SORTS["digits"])
    # 25600 characters of 62: 413 each, with a deviation of about 20.
    assert 300 < min(tally.values()) and max(tally.values()) < 530


def test_no_place_of_a_password_belongs_to_a_sort():
    random_bytes = stream(b"places")
    firsts = {KINDS["password"].make(12, random_bytes, {"digits": 6})[0] for _each in range(200)}
    assert all(firsts & set(SORTS[sort]) for sort in ("lower", "upper", "digits"))


@pytest.mark.parametrize(
    "policy",
    [{}, {"special": 4}, {"digits": 12, "lower": 0, "upper": 0}, {"lower": 3, "upper": 3, "digits": 3, "special": 3}],
)
def test_a_password_keeps_its_policy(policy):
    for seed in range(20):
        value = KINDS["password"].make(12, stream(b"%d" % seed), policy)
        for sort, least in {"lower": 1, "upper": 1, "digits": 1, **policy}.items():
            assert sum(char in SORTS[sort] for char in value) >= least
        if not policy.get("special"):
            assert not set(value) & set(SORTS["special"])


@pytest.mark.parametrize(
    ("policy", "length", "good"),
    [
        ({}, 12, True),
        ({"special": 9}, 12, True),
        ({"special": 10}, 12, False),
        ({"lower": -1}, 12, False),
        ({"emoji": 1}, 12, False),
    ],
)
def test_policies_that_cannot_be_kept(policy, length, good):
    assert (policy_flaw(policy, length) == "") is good


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ssh_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----"),
        ("x509_key", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"),
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


@pytest.mark.parametrize("value", ["it's-1Quote-in", 'double"1Quote-in', "$(reboot)1Ab-----", "hash#1Abcdefgh"])
@pytest.mark.parametrize("name", ["password", "htpasswd"])
def test_what_needs_quotes_is_not_taken_from_elsewhere_but_may_be_stored(name, value):
    flaw = KINDS[name].foreign_flaw(value)
    assert "quotes" in flaw and value not in flaw
    assert KINDS[name].flaw(value) == ""


def test_what_ansible_generates_for_others_is_taken():
    # The characters of ansible.builtin.password as they are by default.
    assert KINDS["password"].foreign_flaw("aZ09.,:-_aZ09.,:-_") == ""
