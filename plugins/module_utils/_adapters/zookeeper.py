# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few records a cloud needs, in ZooKeeper, and its lock. Thin over kazoo.

``/nextgen/<site>/clouds/<cloud>``: ``framework``, ``jobs/<digest>``, ``volumes``, ``lock``.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import time
import traceback
from typing import Any, Mapping

try:
    from kazoo.client import KazooClient
    from kazoo.exceptions import (
        ConnectionLoss,
        KazooException,
        LockTimeout,
        NoAuthError,
        NodeExistsError,
        NoNodeError,
        NotEmptyError,
        SessionExpiredError,
    )
    from kazoo.handlers.threading import KazooTimeoutError
    from kazoo.security import CREATOR_ALL_ACL

    KAZOO_ERROR = ""
except ImportError:
    KAZOO_ERROR = traceback.format_exc()

from .._domain.errors import CloudError, refuse

# After a kill -9 of a run the lock is free again when its session has expired.
_SESSION = 6.0
_CONNECT = 15.0
_PAUSE = 0.1


def claimant() -> str:
    """This process, as others see it in the lock: host, process id, and the namespace in which that id counts."""
    return "%s, process %d of %s" % (socket.gethostname(), os.getpid(), os.readlink("/proc/self/ns/pid"))


def is_dead(claim: str, who: str) -> bool:
    """Was ``claim`` made by a process of the same host and namespace as ``who`` that is no more?"""
    host, dummy, rest = claim.partition(", process ")
    my_host, dummy, my_rest = who.partition(", process ")
    pid, dummy, space = rest.partition(" of ")
    same = host == my_host and space == my_rest.partition(" of ")[2]
    return same and pid.isdigit() and not os.path.exists("/proc/" + pid)


class Records:
    """The records of one cloud; use as a context manager. ``calls`` counts requests.

    ``login``: (user, secret) of digest authentication; then what is made is for this user alone. With None nobody
    logs in, and what is made is open to everyone.
    """

    def __init__(self, servers: str, site: str, cloud: str, login: tuple[str, str] | None = None):
        self._servers = servers
        self._login = login
        self._cloud = cloud
        self._top = "/nextgen/%s/clouds/%s" % (site, cloud)
        self._client: Any = None
        self._lock: Any = None
        self._claim: tuple[str, float] = ("", 0.0)
        self._lost = False
        self.calls = 0

    def __enter__(self) -> Records:
        logging.getLogger("kazoo").setLevel(logging.CRITICAL)
        closed: dict[str, Any] = {}
        if self._login:
            closed = {"auth_data": [("digest", ":".join(self._login))], "default_acl": CREATOR_ALL_ACL}
        self._client = KazooClient(hosts=self._servers, timeout=_SESSION, **closed)
        self._client.add_listener(self._watch)
        try:
            self._client.start(timeout=_CONNECT)
        except (KazooTimeoutError, KazooException, OSError) as error:
            self._client.close()
            raise self._away(error) from error
        return self

    def _watch(self, state: str) -> None:
        """Called by kazoo, in a thread of its own. A new session follows at once, but without the lock."""
        self._lost = self._lost or state == "LOST"

    def __exit__(self, *dummy: Any) -> None:
        self.unlock()
        self._client.stop()
        self._client.close()

    def _away(self, error: Any) -> CloudError:
        if isinstance(error, NoAuthError):
            return refuse("NXC-PLAN-0017", user=self._login[0] if self._login else "nobody", cloud=self._cloud)
        return refuse("NXC-PLAN-0014", servers=self._servers, problem=_told(error))

    def _ask(self, verb: str, *args: Any, **more: Any) -> Any:
        """One request; a missing node is None. Repeated, which does no harm, while ZooKeeper finds a new leader."""
        self.calls += 1
        until = time.monotonic() + _CONNECT
        problem: Any = "no connection"
        while time.monotonic() < until:
            try:
                # Without a connection kazoo would wait for ever.
                if self._client.connected:
                    return getattr(self._client, verb)(*args, **more)
            except (NoNodeError, NotEmptyError):
                return None
            except NodeExistsError:
                return args[0]
            except (ConnectionLoss, SessionExpiredError) as error:
                problem = error
            except (KazooTimeoutError, KazooException) as error:
                raise self._away(error) from error
            time.sleep(_PAUSE)
        raise self._away(problem)

    def _path(self, *names: str) -> str:
        return "/".join((self._top,) + names)

    def lock(self, who: str, seconds: float) -> None:
        """One run per cloud: wait up to ``seconds``, then refuse naming the holder."""
        self._claim = (who, seconds)
        self._lost = False
        self._bury(who)
        self.calls += 1
        self._lock = self._client.Lock(self._path("lock"), who)
        try:
            if self._lock.acquire(timeout=seconds):
                return
        except LockTimeout:
            holder = (self._lock.contenders() or ["another run"])[0]
            self._lock = None
            raise refuse("NXC-PLAN-0009", cloud=self._cloud, holder=holder) from None
        except (KazooTimeoutError, KazooException) as error:
            raise self._away(error) from error

    def _bury(self, who: str) -> None:
        """Take away the claims of processes that were killed here: their sessions would last some seconds."""
        for node in self._ask("get_children", self._path("lock")) or ():
            claim = self._ask("get", self._path("lock", node))
            if claim and is_dead(claim[0].decode("utf-8", "replace"), who):
                self._ask("delete", self._path("lock", node))

    def held(self) -> None:
        """The lock goes with its session: take it again, or refuse if another run was faster."""
        if self._lost:
            self.lock(*self._claim)

    def unlock(self) -> None:
        if self._lock is not None:
            lock, self._lock = self._lock, None
            try:
                lock.release()
            except (KazooTimeoutError, KazooException):
                # The session is gone and the lock with it.
                pass

    def read(self) -> dict[str, Any]:
        """``framework``: id or ""; ``jobs``: digests; ``volumes``: id to hostname; ``any``: is there anything."""
        framework = self._ask("get", self._path("framework"))
        jobs = self._ask("get_children", self._path("jobs"))
        volumes = self._ask("get", self._path("volumes"))
        return {
            "framework": json.loads(framework[0])["id"] if framework else "",
            "jobs": sorted(jobs or ()),
            "volumes": json.loads(volumes[0]) if volumes else {},
            "any": framework is not None or jobs is not None or volumes is not None,
        }

    def write_framework(self, id_: str) -> None:
        self._put("framework", {"schema": 1, "id": id_})

    def forget_framework(self) -> None:
        self._ask("delete", self._path("framework"))

    def write_job(self, digest: str, record: Mapping[str, Any]) -> None:
        self._ask("create", self._path("jobs", digest), _bytes(record), makepath=True)

    def write_volumes(self, places: Mapping[str, str]) -> None:
        """``places``: all volumes of the cloud, id to hostname."""
        self._put("volumes", places)

    def _put(self, name: str, value: Any) -> None:
        if self._ask("set", self._path(name), _bytes(value)) is None:
            self._ask("create", self._path(name), _bytes(value), makepath=True)

    def remove(self) -> None:
        """All records of the cloud; the lock stays ours."""
        for name in ("framework", "jobs", "volumes"):
            self._ask("delete", self._path(name), recursive=True)

    def remove_lock(self) -> None:
        """Let go of the lock and of the empty nodes around it; someone else's lock keeps them."""
        self.unlock()
        for path in (self._path("lock"), self._top):
            self._ask("delete", path)


def _told(problem: Any) -> str:
    """An exception with its type, which is often all that kazoo says; a text as it is."""
    return ("%s %s" % (type(problem).__name__, problem)).strip() if isinstance(problem, Exception) else problem


def _bytes(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
