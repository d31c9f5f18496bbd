# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a certificate is issued: one word from plain facts about the one that is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .specification import Specification
from .window import renewal_moment

REASONS = ("missing", "revoked", "expired", "key", "issuer", "san", "usage", "profile", "window")
# A certificate is valid from a little before it is made, for nodes whose clock is late.
EARLY = 3600


@dataclass(frozen=True)
class Facts:
    """What a certificate says. ``issuer`` is the key id of its authority in hexadecimal digits, ``serial`` as well.

    ``signed``: that authority's key really made the signature. ``paired``: the private key beside it is its own.
    ``profile``: what is unusual in it (a CA, another kind of key, other key usages), else empty.
    """

    serial: str
    not_before: int
    not_after: int
    dns: tuple[str, ...]
    ip: tuple[str, ...]
    usages: tuple[str, ...]
    issuer: str
    signed: bool
    paired: bool
    profile: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Facts:
        """The other way."""
        lists = {name: tuple(row[name]) for name in ("dns", "ip", "usages")}
        return cls(**{**row, **lists})


def reason(wanted: Specification, found: Facts | None, issuer: str, revoked: Collection[str], now: int) -> str:
    """The reason to issue, an empty string if there is none. ``issuer``: key id of the authority that signs now."""
    if found is None:
        return "missing"
    if wanted.serial:
        return _brought(wanted, found, now)
    checks = (
        ("revoked", found.serial in revoked),
        ("expired", not found.not_before <= now < found.not_after),
        ("key", not found.paired),
        ("issuer", found.issuer != issuer or not found.signed),
        ("san", sorted(found.dns) != sorted(wanted.dns) or sorted(found.ip) != sorted(wanted.ip)),
        ("usage", sorted(found.usages) != sorted(wanted.usages)),
        ("profile", bool(found.profile)),
        ("window", now >= renewal_moment(found.not_before, found.not_after, wanted.renew, wanted.holder)),
    )
    return next((name for name, true in checks if true), "")


def _brought(wanted: Specification, found: Facts, now: int) -> str:
    """Of a certificate that was brought only this counts: is it this one, and with its key?"""
    if found.serial != wanted.serial:
        return "window" if now < found.not_after else "expired"
    return "" if found.paired else "key"
