# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what with the nodes of ZooKeeper: no node is open to the world.

Users log in by digest. A node's access list is a set of ``Grant``; ``world:anyone`` is everyone who has a connection.
"""

from __future__ import annotations

import base64
import hashlib
from typing import AbstractSet, Iterable, Mapping, NamedTuple

READ, WRITE, CREATE, DELETE, ADMIN = 1, 2, 4, 8, 16
ALL = 31
SUPER = "super"
NEXTGEN = "nextgen"
MESOS = "mesos"
# What is below is for its user alone. The root and ZooKeeper's own nodes may be looked at, and changed by nobody.
TREES = {"/nextgen": NEXTGEN, "/mesos": MESOS}


class Grant(NamedTuple):
    """``scheme`` and ``who`` as ZooKeeper writes them; ``permissions`` a sum of the numbers above."""

    scheme: str
    who: str
    permissions: int


def digest(user: str, secret: str) -> str:
    """How ZooKeeper keeps a user: ``super`` and ``admin`` → ``super:xQJmxLMiHGwaqBvst5y6rkB6HQs=``."""
    made = hashlib.sha1(("%s:%s" % (user, secret)).encode(), usedforsecurity=False).digest()
    return "%s:%s" % (user, base64.b64encode(made).decode())


def owner(path: str) -> str:
    """The user whose tree ``path`` is in; "" for the root, ZooKeeper's own nodes and what is not known."""
    return next((user for top, user in TREES.items() if path == top or path.startswith(top + "/")), "")


def is_open(grants: Iterable[Grant]) -> bool:
    """May everyone do more than read? In ZooKeeper a node without a list is one."""
    grants = set(grants)
    return not grants or any(grant.scheme == "world" and grant.permissions & ~READ for grant in grants)


def closed(path: str, grants: AbstractSet[Grant], users: Mapping[str, Iterable[str]]) -> frozenset[Grant] | None:
    """The list that the node should have; None if the one it has is good.

    ``users``: name to digests, the present one first, then those that still count. Mesos makes its nodes readable to
    all who are connected; that is kept, for agents find the leader so.
    """
    user = owner(path)
    if user:
        wanted = {Grant("digest", each, ALL) for each in users[user]}
        readable = {Grant("world", "anyone", READ)} & grants if user == MESOS else set()
        present = Grant("digest", next(iter(users[user])), ALL)
        good = present in grants and grants <= wanted | readable
        return None if good else frozenset(wanted | readable)
    if path != "/" and not path.startswith("/zookeeper") and not is_open(grants):
        # Somebody else's node, and closed.
        return None
    wanted = {Grant("digest", each, READ) for each in users[NEXTGEN]}
    return None if grants == wanted else frozenset(wanted)
