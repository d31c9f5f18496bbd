# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Units and names."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain import naming, units


@pytest.mark.parametrize(
    ("text", "mib"),
    [("512MiB", 512), ("2GiB", 2048), ("1.5GiB", 1536), ("2 GiB", 2048), ("1TiB", 1048576), ("0MiB", 0), (384, 384),
     (384.0, 384), ("0.5GiB", 512)],
)  # fmt: skip
def test_size_is_mib(text, mib):
    assert units.parse_size(text) == mib
    assert units.parse_size(units.format_size(mib)) == mib


@pytest.mark.parametrize(
    "text", ["", "2", "2GB", "2G", "GiB", "-1GiB", "1.001GiB", "2GiB\n", "1e3MiB", "٣GiB", 0.5, -1]
)
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError):
        units.parse_size(text)


def test_size_is_written_in_the_largest_whole_unit():
    assert [units.format_size(mib) for mib in (0, 1536, 2048, 1048576)] == ["0MiB", "1536MiB", "2GiB", "1TiB"]


@pytest.mark.parametrize(
    ("text", "ports"), [("20000-20999", (20000, 20999)), ("1 - 65535", (1, 65535)), ("80-80", (80, 80))]
)
def test_ports_are_first_and_last(text, ports):
    assert units.parse_ports(text) == ports
    assert units.parse_ports(units.format_ports(ports)) == ports


@pytest.mark.parametrize("text", ["", "80", "80-", "81-80", "0-80", "1-65536", "1-2-3", "a-b", "1-2\n", "1--2"])
def test_what_is_no_range_of_ports_is_refused(text):
    with pytest.raises(ValueError):
        units.parse_ports(text)


@pytest.mark.parametrize("name", ["a", "dev", "aio-1", "a" * 63])
def test_label(name):
    assert naming.is_label(name)


@pytest.mark.parametrize("name", ["", "1a", "-a", "a-", "A", "a_b", "a.b", "a" * 64, "a\n", "ä"])
def test_what_dns_does_not_bear_is_no_label(name):
    assert not naming.is_label(name)


@pytest.mark.parametrize("name", ["test", "aio.test", "1.example.com", ".".join(["a" * 50] * 4)])
def test_domain(name):
    assert naming.is_domain(name)


@pytest.mark.parametrize(
    "name", ["", ".", "a.", ".a", "a..b", "10.0.0.1", "a.1", "A.b", ".".join(["a" * 60] * 5), "a.b\n"]
)
def test_what_is_no_domain(name):
    assert not naming.is_domain(name)


def test_names_of_a_site():
    assert naming.node_fqdn("aio-1", "aio.test") == "aio-1.aio.test"
    assert naming.service_name("keystone", "dev", "aio.test") == "keystone.dev.aio.test"
    assert naming.wildcard("dev", "aio.test") == "*.dev.aio.test"
    assert naming.registry_address("aio.test") == "registry.aio.test:5000"
    assert naming.cloud_host("dev") == "cloud-dev"
    assert naming.framework_name("dev") == naming.mesos_role("dev") == naming.principal("dev") == "dev"


def test_a_cloud_has_a_user_of_its_own():
    assert naming.cloud_user("dev") == "nextgen-dev"
    long = ["a" * 24, "a" * 25, "a" * 63, "a" * 62 + "b", "a" * 15 + "-" + "0" * 8]
    users = [naming.cloud_user(cloud) for cloud in long]
    assert len(set(users)) == len(long)
    assert users[0] == "nextgen-" + "a" * 24
    assert all(len(user) <= 32 for user in users)
    assert [("_" in user) for user in users] == [False, True, True, True, False]
