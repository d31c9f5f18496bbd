# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a certificate is issued, when it is renewed, and what may be asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.authorities import (
    Authority,
    Present,
    authority_reason,
    key_path,
    parse_authorities,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.moments import (
    DAY,
    iso,
    parse_length,
    parse_moment,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.reasons import REASONS, Facts, reason
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.specification import (
    Specification,
    parse_specifications,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.window import renewal_moment

WANTED = Specification("web", "n1:/p/web", "/p/web", ("a.x.test",), ("10.0.0.1",), ("server",), 100, "66%")
GOOD = Facts("ab", 0, 100 * DAY, ("a.x.test",), ("10.0.0.1",), ("server",), "aa11", True, True)
NOW = 10 * DAY

REASON_ROWS = [
    ("", {}, NOW),
    ("revoked", {"serial": "dead"}, NOW),
    ("expired", {}, 100 * DAY),
    ("expired", {"not_before": NOW + 1}, NOW),
    ("key", {"paired": False}, NOW),
    ("issuer", {"issuer": "bb22"}, NOW),
    ("issuer", {"signed": False}, NOW),
    ("san", {"dns": ("a.x.test", "b.x.test")}, NOW),
    ("san", {"dns": ()}, NOW),
    ("san", {"ip": ("10.0.0.2",)}, NOW),
    ("usage", {"usages": ("client", "server")}, NOW),
    ("profile", {"profile": "rsa_2048"}, NOW),
    ("window", {}, 67 * DAY),
    ("", {}, 60 * DAY),
]


@pytest.mark.parametrize("expected, change, now", REASON_ROWS)
def test_reason(expected, change, now):
    assert reason(WANTED, replace(GOOD, **change), "aa11", {"dead"}, now) == expected


def test_no_certificate_is_missing():
    assert reason(WANTED, None, "aa11", set(), NOW) == "missing"


def test_every_reason_has_a_row():
    assert {row[0] for row in REASON_ROWS} | {"missing"} == {"", *REASONS}


def test_order_of_names_is_no_reason():
    wanted = replace(WANTED, dns=("b", "a"), usages=("server", "client"))
    assert reason(wanted, replace(GOOD, dns=("a", "b"), usages=("client", "server")), "aa11", set(), NOW) == ""


@pytest.mark.parametrize(
    "change, now, expected",
    [({}, NOW, ""), ({"serial": "other"}, NOW, "window"), ({"serial": "other"}, 101 * DAY, "expired"),
     ({"paired": False}, NOW, "key"), ({"issuer": "bb22", "dns": ()}, NOW, "")],
)  # fmt: skip
def test_reason_of_a_certificate_that_was_brought(change, now, expected):
    assert reason(replace(WANTED, serial="ab"), replace(GOOD, **change), "aa11", set(), now) == expected


def test_facts_survive_json():
    assert Facts.from_dict(GOOD.as_dict()) == GOOD
    assert Specification.from_dict(WANTED.as_dict()) == WANTED


@pytest.mark.parametrize(
    "renew, latest, earliest",
    [("66%", 66 * DAY, 62.6 * DAY), ("30d", 70 * DAY, 67 * DAY), ("90d", 50 * DAY, 45 * DAY),
     ("48h", 98 * DAY, 97.8 * DAY)],
)  # fmt: skip
def test_renewal_is_in_its_window(renew, latest, earliest):
    moments = {renewal_moment(0, 100 * DAY, renew, "n%d:/x" % number) for number in range(200)}
    assert min(moments) >= earliest and max(moments) <= latest
    # Holders are spread over the whole of it, each always at the same moment.
    assert len(moments) > 190 and max(moments) - min(moments) > 0.9 * (latest - earliest)
    assert renewal_moment(0, 100 * DAY, renew, "n7:/x") == renewal_moment(0, 100 * DAY, renew, "n7:/x")


@pytest.mark.parametrize("text", ["", "0%", "100%", "3w", "-1d", "many"])
def test_a_window_that_is_none_is_refused(text):
    with pytest.raises(CloudError, match="NXC-PKI-0002"):
        renewal_moment(0, 100, text, "x")


def test_moments():
    assert parse_moment(iso(1795266000)) == 1795266000 == parse_moment("2026-11-21T13:00:00Z")
    assert parse_moment("2026-11-21") == 1795219200
    assert (parse_length("30d"), parse_length("12h"), parse_length("7")) == (30 * DAY, 43200, 7 * DAY)
    for wrong in ("yesterday", "2026-13-01"):
        with pytest.raises(CloudError, match="NXC-PKI-0002"):
            parse_moment(wrong)
    with pytest.raises(CloudError, match="NXC-PKI-0002"):
        parse_length("30%")


ROW = {"name": "web", "directory": "/p/", "dns": ["A.x.test"], "ip": ["10.0.0.1"], "days": 90, "renew": "30d"}


def test_a_specification_as_it_is_written():
    one = parse_specifications("n1", [{**ROW, "mode": "0640", "owner": "web", "usages": ["client", "server"]}])[0]
    assert (one.path, one.holder, one.dns, one.mode) == ("/p/web", "n1:/p/web", ("a.x.test",), 0o640)


@pytest.mark.parametrize(
    "change",
    [{"name": "../web"}, {"name": ".web"}, {"name": "a//b"}, {"directory": "p"}, {"directory": "/p/../q"},
     {"dns": ["a b"]}, {"dns": ["x.*.test"]}, {"ip": ["10.0.0"]}, {"dns": [], "ip": []}, {"days": 0}, {"days": 4000},
     {"mode": "0644"}, {"mode": "rw"}, {"usages": ["mail"]}, {"key_type": "dsa"}],
)  # fmt: skip
def test_a_specification_that_cannot_be_is_refused(change):
    with pytest.raises(CloudError, match="NXC-PKI-0003"):
        parse_specifications("n1", [{**ROW, **change}])


def test_all_faults_are_told_at_once():
    with pytest.raises(CloudError) as caught:
        parse_specifications("n1", [{**ROW, "days": 0}, {**ROW, "name": "b", "ip": ["x"]}, ROW, ROW])
    # Two rows that are wrong, and a name and a path that are there twice.
    assert len(caught.value.problems) == 4


def test_a_client_needs_no_name():
    assert parse_specifications("n1", [{**ROW, "dns": [], "ip": [], "usages": ["client"]}])[0].dns == ()


SITE = Present(0, 100 * DAY, ("x.test",), ("10.0.0.1",), True, True)
AUTHORITY_ROWS = [
    ("", {}, NOW), ("expired", {}, 100 * DAY), ("key", {"paired": False}, NOW), ("issuer", {"signed": False}, NOW),
    ("constraints", {"dns": ("y.test",)}, NOW), ("constraints", {"ip": ()}, NOW), ("window", {}, 70 * DAY),
]  # fmt: skip


@pytest.mark.parametrize("expected, change, now", AUTHORITY_ROWS)
def test_reason_of_an_authority(expected, change, now):
    wanted = Authority("site", ("x.test",), ("10.0.0.1",))
    assert authority_reason(wanted, replace(SITE, **change), now) == expected


def test_authorities_of_a_site():
    rows = parse_authorities([], "x.test", ["dev", "qa"], ["10.0.0.1"])
    assert [(one.name, one.dns, one.ip) for one in rows] == [
        ("site", ("x.test",), ("10.0.0.1",)),
        ("clouds/dev", ("dev.x.test",), ()),
        ("clouds/qa", ("qa.x.test",), ()),
    ]
    brought = {"name": "clouds/dev", "dns": ["dev.x.test"], "certificate": "/c", "key": "/k"}
    assert next(one for one in parse_authorities([brought], "x.test", ["dev"], []) if one.name == "clouds/dev").key
    assert (key_path("site", 1), key_path("clouds/dev", 3)) == ("pki/site", "pki/clouds/dev.3")


@pytest.mark.parametrize(
    "row",
    [{"name": "other", "dns": ["x"]}, {"name": "clouds/../x", "dns": ["x"]}, {"name": "site", "dns": []},
     {"name": "site", "dns": ["x"], "ip": ["y"]}, {"name": "site", "dns": ["x"], "certificate": "/c"}],
)  # fmt: skip
def test_an_authority_that_cannot_be_is_refused(row):
    with pytest.raises(CloudError, match="NXC-PKI-0004"):
        parse_authorities([row], "", [], [])


@pytest.mark.parametrize(
    "dns, ip, bad",
    [(["a.dev.x.test"], [], ""), (["*.dev.x.test", "dev.x.test"], [], ""), (["a.qa.x.test"], [], "a.qa.x.test"),
     (["adev.x.test"], [], "adev.x.test"), (["x.test"], [], "x.test"), ([], ["10.0.0.1"], "10.0.0.1")],
)  # fmt: skip
def test_what_an_authority_may_vouch_for(dns, ip, bad):
    assert Authority("clouds/dev", ("dev.x.test",)).permits(dns, ip) == bad
