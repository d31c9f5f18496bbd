# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which authorities a site has, what each may vouch for, and why one is signed anew."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import refuse
from .window import renewal_moment

ROOT = "root"
SITE = "site"
_CLOUD = re.compile(r"clouds/[a-z0-9][a-z0-9-]*")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
# An authority is signed anew when a third of its life is left, so leaves always find one that outlives them.
RENEW = "66%"


@dataclass(frozen=True)
class Authority:
    """An intermediate authority. ``dns``: domains, each with all below it. ``ip``: single addresses, none allows none.

    ``certificate`` and ``key`` are paths on the controller of one that was brought, else empty.
    """

    name: str
    dns: tuple[str, ...]
    ip: tuple[str, ...] = ()
    certificate: str = ""
    key: str = ""

    def permits(self, dns: Iterable[str], ip: Iterable[str]) -> str:
        """The first name or address that this authority must not vouch for, or an empty string."""
        for name in dns:
            if not any(name == domain or name.endswith("." + domain) for domain in self.dns):
                return name
        return next((address for address in ip if address not in self.ip), "")


@dataclass(frozen=True)
class Present:
    """An authority's certificate: its end, what it permits, and whether ``root`` of now signed it."""

    not_before: int
    not_after: int
    dns: tuple[str, ...]
    ip: tuple[str, ...]
    signed: bool
    paired: bool


def authority_reason(wanted: Authority, found: Present | None, now: int) -> str:
    """``missing``, ``expired``, ``key``, ``issuer``, ``constraints``, ``window``, or an empty string."""
    if found is None:
        return "missing"
    checks = (
        ("expired", not found.not_before <= now < found.not_after),
        ("key", not found.paired),
        ("issuer", not found.signed),
        ("constraints", sorted(found.dns) != sorted(wanted.dns) or sorted(found.ip) != sorted(wanted.ip)),
        ("window", now >= renewal_moment(found.not_before, found.not_after, RENEW, wanted.name)),
    )
    return next((name for name, true in checks if true), "")


def key_path(name: str, generation: int) -> str:
    """Where the secret store keeps the key: ``pki/site``, of later generations ``pki/site.2``."""
    return "pki/%s" % name if generation == 1 else "pki/%s.%d" % (name, generation)


def parse_authorities(
    rows: Iterable[Mapping[str, Any]], domain: str, clouds: Iterable[str], addresses: Iterable[str]
) -> list[Authority]:
    """From explicit rows, or else the site's own authority for ``domain`` and ``addresses``, and one per cloud."""
    listed = [_parse(row) for row in rows]
    if domain:
        listed.append(_parse({"name": SITE, "dns": [domain], "ip": list(addresses)}))
        listed += [_parse({"name": "clouds/%s" % one, "dns": ["%s.%s" % (one, domain)]}) for one in clouds]
    by_name = {one.name: one for one in listed}
    # A row of its own stands for one that is brought: it wins over what follows from the domain.
    by_name.update({one.name: one for one in listed if one.certificate})
    return list(by_name.values())


def _parse(row: Mapping[str, Any]) -> Authority:
    name = check_name(str(row["name"]))
    dns = tuple(str(one).lower().strip(".") for one in row.get("dns") or ())
    if not dns or not all(_DOMAIN.fullmatch(one) for one in dns):
        raise refuse("NXC-PKI-0004", name=name, reason="it needs at least one domain in dns")
    try:
        ip = tuple(str(ipaddress.ip_address(str(one))) for one in row.get("ip") or ())
    except ValueError as error:
        raise refuse("NXC-PKI-0004", name=name, reason=str(error)) from None
    certificate, key = row.get("certificate") or "", row.get("key") or ""
    if bool(certificate) != bool(key):
        raise refuse("NXC-PKI-0004", name=name, reason="certificate and key come together")
    return Authority(name, dns, ip, certificate, key)


def check_name(name: str) -> str:
    """``site`` or ``clouds/<cloud>``; NXC-PKI-0004 for anything else."""
    if name != SITE and not _CLOUD.fullmatch(name):
        raise refuse("NXC-PKI-0004", name=name, reason="authorities are called site or clouds/<cloud>")
    return name
