# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of ``known_hosts``, from the addresses and public host keys of nodes."""

from __future__ import annotations

from typing import Iterable, Mapping


def render_known_hosts(keys: Mapping[str, Iterable[str]]) -> str:
    """Address → public keys (``type base64 comment``) to lines ``address type base64``, in a fixed order."""
    lines = {"%s %s" % (address, " ".join(key.split()[:2])) for address, rows in keys.items() for key in rows}
    return "".join(line + "\n" for line in sorted(lines))
