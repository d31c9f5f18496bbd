# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for endpoints that the operator of the site brought, as files on the controller."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.specification import Specification

from .reading import brought_leaf, serial
from .signing import moment


@dataclass(frozen=True)
class Brought:
    """A certificate with its chain, and its key, as PEM."""

    chain: str
    key: str
    serial: str
    not_after: int

    def __repr__(self) -> str:
        return "Brought(serial=%r)" % self.serial


def read_brought(wanted: Iterable[Specification], rows: Iterable[Mapping[str, t.Any]], now: int) -> dict[str, Brought]:
    """By name, all checked: chain, key, names, dates."""
    by_name = {one.name: one for one in wanted}
    found = {}
    for row in rows:
        if not row.get("certificate") and not row.get("key"):
            continue
        one = by_name[row["name"]]
        what = "The certificate '%s'" % one.name
        if not row.get("certificate") or not row.get("key"):
            raise refuse("NXC-PKI-0011", what=what, reason="certificate and key come together")
        chain, key = read_text(what, row["certificate"]), read_text(what, row["key"])
        parsed = brought_leaf(what, chain, key, one.dns, one.ip, now)
        found[one.name] = Brought(chain, key, serial(parsed), moment(parsed.not_valid_after_utc))
    return found


def read_text(what: str, path: str) -> str:
    """The text of a PEM file; NXC-PKI-0011 if it cannot be read."""
    try:
        with open(path, encoding="ascii") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("NXC-PKI-0011", what=what, reason=str(error)) from None
