# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for a ZooKeeper server and close the nodes of its tree. Thin over kazoo."""

from __future__ import annotations

import logging
import time
from typing import Any, Iterable, Mapping

from .._domain.errors import refuse
from .._domain.znodes import ALL, SUPER, TREES, Grant, closed
from .zookeeper import KAZOO_ERROR

if not KAZOO_ERROR:
    from kazoo.client import KazooClient
    from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError
    from kazoo.handlers.threading import KazooTimeoutError
    from kazoo.security import ACL, Id

_TRY = 3.0
_PAUSE = 0.2


class Tree:
    """The tree of one server, as the super user; use as a context manager.

    ``server``: host:port; ``seconds``: how long it may take until it serves. Raises ``NXC-NODE-0024``.
    """

    def __init__(self, server: str, secret: str, seconds: float):
        logging.getLogger("kazoo").setLevel(logging.CRITICAL)
        self._server, self._secret, self._seconds = server, secret, seconds
        self._client: Any = None

    def __enter__(self) -> Tree:
        until = time.monotonic() + self._seconds
        while True:
            try:
                self._client = self._connected()
                return self
            except (KazooTimeoutError, KazooException, OSError) as error:
                if time.monotonic() > until:
                    problem = "%s %s" % (type(error).__name__, error)
                    raise refuse("NXC-NODE-0024", server=self._server, problem=problem.strip()) from error
            time.sleep(_PAUSE)

    def _connected(self) -> Any:
        client = KazooClient(hosts=self._server, auth_data=[("digest", "%s:%s" % (SUPER, self._secret))])
        try:
            client.start(timeout=_TRY)
            # A server that does not serve yet takes connections, and a wrong super secret shows only here.
            client.get_acls("/zookeeper/config")
        except BaseException:
            client.stop()
            client.close()
            raise
        return client

    def __exit__(self, *dummy: Any) -> None:
        self._client.stop()
        self._client.close()

    def close_nodes(self, users: Mapping[str, Iterable[str]], check: bool) -> list[str]:
        """Paths that are (with ``check``: would be) made, or whose access is put right. ``users`` as in ``closed``."""
        done = [top for top in sorted(TREES) if self._make(top, users[TREES[top]], check)]
        left = ["/"]
        while left:
            path = left.pop()
            try:
                acls = self._client.get_acls(path)[0]
                left += [path.rstrip("/") + "/" + name for name in self._client.get_children(path)]
                wanted = closed(path, frozenset(Grant(a.id.scheme, a.id.id, a.perms) for a in acls), users)
                if wanted is not None:
                    if not check:
                        self._client.set_acls(path, _acls(wanted))
                    done.append(path)
            except NoNodeError:
                # Gone since it was listed, as sessions end.
                continue
        return sorted(set(done))

    def _make(self, top: str, digests: Iterable[str], check: bool) -> bool:
        if self._client.exists(top):
            return False
        try:
            if not check:
                self._client.create(top, acl=_acls(Grant("digest", each, ALL) for each in digests))
        except NodeExistsError:
            return False
        return True


def _acls(grants: Iterable[Grant]) -> list[Any]:
    return [ACL(grant.permissions, Id(grant.scheme, grant.who)) for grant in sorted(grants)]
