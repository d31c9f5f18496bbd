# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a cloud is laid on workers."""

from __future__ import annotations

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.laying import (
    certificate_rows,
    revisions,
    secret_files,
)


def test_every_part_of_a_secret_is_a_file():
    assert secret_files({"a/b": {"": "new", "previous": "old", "slot": "b"}, "c/d": {"": "x"}}) == {
        "a/b": "new",
        "a/b.previous": "old",
        "a/b.slot": "b",
        "c/d": "x",
    }


def test_certificates_are_found_among_the_manifests():
    declared = {"dns": ["mariadb.dev.s.test"], "usages": ["server"]}
    manifests = [
        {"kind": "service", "name": "mariadb"},
        {"kind": "certificate", "name": "mariadb/server", "certificate": declared},
    ]
    assert certificate_rows(manifests, "/etc/x", 90, "30d") == [
        {"name": "mariadb/server", "directory": "/etc/x", "days": 90, "renew": "30d", **declared}
    ]


def test_a_renewal_is_a_new_revision_and_a_new_worker_is_none():
    one, two = {"mariadb/server": {"epoch": 1}}, {"mariadb/server": {"epoch": 2}}
    first = revisions({"mariadb/root_password": "ab12"}, [one], "roots")
    assert first["secret:mariadb/root_password"] == "ab12"
    assert revisions({}, [one, one], "")["certificate:mariadb/server"] == first["certificate:mariadb/server"]
    renewed = [revisions({}, workers, "")["certificate:mariadb/server"] for workers in ([one, two], [two, two])]
    assert len({*renewed, first["certificate:mariadb/server"]}) == 3


def test_the_revision_of_trust_follows_the_bundle():
    assert revisions({}, [], "a")["trust"] != revisions({}, [], "b")["trust"]
