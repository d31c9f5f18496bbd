# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates a node has to hold, as the operator of the site writes them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import CloudError, Problem, refuse
from .window import check_window

USAGES = ("client", "server")
KEY_TYPES = ("ec_p256", "ec_p384", "rsa_3072")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_DNS = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_MODE = re.compile(r"0?[0-7]{3}")


@dataclass(frozen=True)
class Specification:
    """One certificate. ``holder`` names it in the ledger: the host and the path of the pair, ``n1:/etc/x/registry``.

    ``serial`` is that of a certificate which was brought, so that nothing is issued; else empty.
    """

    name: str
    holder: str
    path: str
    dns: tuple[str, ...]
    ip: tuple[str, ...]
    usages: tuple[str, ...]
    days: int
    renew: str
    key_type: str = "ec_p256"
    owner: str = ""
    group: str = ""
    mode: int = 0o600
    serial: str = ""

    def is_in(self, folder: str) -> bool:
        """Whether the pair is below the folder; an empty one has nothing below it."""
        return bool(folder) and self.path.startswith(folder.rstrip("/") + "/")

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form for the node."""
        return {
            "name": self.name, "holder": self.holder, "path": self.path, "dns": list(self.dns), "ip": list(self.ip),
            "usages": list(self.usages), "days": self.days, "renew": self.renew, "key_type": self.key_type,
            "owner": self.owner, "group": self.group, "mode": self.mode, "serial": self.serial,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Specification:
        """The other way; the row is trusted."""
        lists = {name: tuple(row[name]) for name in ("dns", "ip", "usages")}
        return cls(**{**row, **lists})


def parse_specifications(host: str, rows: Iterable[Mapping[str, Any]]) -> list[Specification]:
    """All rows, or every problem of every row in one error."""
    parsed: list[Specification] = []
    problems: list[Problem] = []
    for row in rows:
        try:
            parsed.append(_parse(host, row))
        except CloudError as error:
            problems += error.problems
    for attribute in ("name", "path"):
        values = [getattr(one, attribute) for one in parsed]
        problems += [
            Problem("NXC-PKI-0003", {"name": value, "reason": "there are two of this %s" % attribute})
            for value in sorted({value for value in values if values.count(value) > 1})
        ]
    if problems:
        raise CloudError(problems)
    return parsed


def _parse(host: str, row: Mapping[str, Any]) -> Specification:
    name, directory = str(row["name"]), str(row["directory"])
    dns = tuple(str(one).lower() for one in row.get("dns") or ())
    ip = tuple(_address(name, one) for one in row.get("ip") or ())
    usages = tuple(row.get("usages") or ("server",))
    mode = str(row.get("mode") or "0600")
    faults = (
        (not _NAME.fullmatch(name), "a name is letters, digits, '.', '_' and '-', in segments joined by '/'"),
        (not directory.startswith("/") or ".." in directory.split("/"), "directory has to be an absolute path"),
        (any(not _DNS.fullmatch(one) or len(one) > 253 for one in dns), "dns has a name that is none"),
        (bool(set(usages) - set(USAGES)), "usages are server and client"),
        ("server" in usages and not (dns or ip), "a server needs a name in dns or an address in ip"),
        (not 0 < int(row.get("days") or 0) <= 3650, "days go from 1 to 3650"),
        (not _MODE.fullmatch(mode), "mode is three octal digits such as '0640'"),
        (_MODE.fullmatch(mode) and int(mode, 8) & 0o007, "the key must not be open to everybody"),
        ((row.get("key_type") or "ec_p256") not in KEY_TYPES, "key_type is one of %s" % ", ".join(KEY_TYPES)),
    )
    for wrong, text in faults:
        if wrong:
            raise refuse("NXC-PKI-0003", name=name, reason=text)
    path = "%s/%s" % (directory.rstrip("/"), name)
    return Specification(
        name, "%s:%s" % (host, path), path, dns, ip, usages, int(row["days"]), check_window(row["renew"]),
        row.get("key_type") or "ec_p256", row.get("owner") or "", row.get("group") or "", int(mode, 8),
    )  # fmt: skip


def _address(name: str, text: Any) -> str:
    try:
        return str(ipaddress.ip_address(str(text)))
    except ValueError:
        raise refuse("NXC-PKI-0003", name=name, reason="'%s' in ip is no address" % text) from None
