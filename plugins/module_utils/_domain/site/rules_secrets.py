# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about where secrets are kept: never in the clear over a network, options that need each other."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..errors import Problem
from .document import Path, spell
from .draft import Draft

# One of the two alone means nothing.
PAIRS = (("user", "password_file"), ("certificate", "private_key"))


def secret_problems(draft: Draft) -> Iterator[Problem]:
    """All rules of this file."""
    for path, url in _urls(draft):
        if url.startswith("http:") and not is_loopback(url):
            yield draft.problem("NXC-SITE-0601", path, where=spell(path), value=url)
    given = draft.get("secrets") or {}
    if draft.get("secrets", "backend") != "etcd":
        return
    for one, other in (*PAIRS, *(pair[::-1] for pair in PAIRS)):
        if one in given and other not in given:
            yield draft.problem_at_key("NXC-SITE-0602", ("secrets", one), key=one, other=other)


def _urls(draft: Draft) -> Iterator[tuple[Path, str]]:
    url = draft.get("secrets", "url")
    if isinstance(url, str):
        yield ("secrets", "url"), url
    for index, endpoint in enumerate(draft.get("secrets", "endpoints") or []):
        path: Path = ("secrets", "endpoints", index)
        if isinstance(endpoint, str) and path not in draft.broken:
            yield path, endpoint


def is_loopback(url: str) -> bool:
    """Whether the host of a URL is this machine's own loopback address."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
