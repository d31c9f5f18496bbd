# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Machines of a site as a driver sees them: what is wanted, what is there, what to do.

A driver's world consists of things (a network, volumes, machines). Everything that it
makes carries the mark of its site, and nothing without that mark is ever touched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Mapping

NETWORK = "network"
VOLUME = "volume"
NODE = "node"

# What a thing can be found as.
READY = "ready"
STOPPED = "stopped"
BROKEN = "broken"  # half-made or half-removed by a run that was interrupted
UNCLAIMED = "unclaimed"  # a machine that was there before and belongs to no site yet
UNREACHABLE = "unreachable"

# What can be done to a thing, in the words of results and diffs.
KEEP = "keep"
CREATE = "create"
CLAIM = "claim"
START = "start"
REPAIR = "repair"
DESTROY = "destroy"

# State of a thing that is ours or may become ours -> verbs, and why.
VERBS: dict[str, tuple[tuple[str, ...], str]] = {
    READY: ((KEEP,), "is as it should be"),
    STOPPED: ((START,), "is stopped"),
    BROKEN: ((REPAIR, START), "was left half-made"),
    UNCLAIMED: ((CLAIM,), "belongs to no site yet"),
}


@dataclass(frozen=True)
class Mark:
    """Who owns a thing: the site's name, and the id that tells sites of the same name apart."""

    site: str
    id: str

    def to_line(self) -> str:
        """The content of a mark file: one line of JSON."""
        return json.dumps({"site": self.site, "id": self.id}, sort_keys=True) + "\n"


def parse_mark(text: str) -> Mark:
    """A mark file's content; what we did not write gives a mark that equals no site's."""
    try:
        row = json.loads(text)
        return Mark(str(row["site"]), str(row["id"]))
    except (ValueError, KeyError, TypeError):
        return Mark("unreadable mark", "")


@dataclass(frozen=True)
class Item:
    """A wanted thing. ``facts`` are what an existing thing must agree with (``subnet``, ``address``)."""

    kind: str
    name: str
    node: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Thing:
    """A thing that is there. ``mark`` is None when it carries none."""

    kind: str
    name: str
    state: str
    mark: Mark | None = None
    node: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True)
class Action:
    """One step on one thing: ``verb`` it, because it ``reason``."""

    verb: str
    kind: str
    name: str
    node: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """JSON-ready form."""
        return {"verb": self.verb, "kind": self.kind, "name": self.name, "node": self.node, "reason": self.reason}
