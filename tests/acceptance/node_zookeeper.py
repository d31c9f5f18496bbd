# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on a control node: the tree of ZooKeeper as its administrator sees it, and as a stranger does."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any, Dict, List

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.handlers.threading import KazooTimeoutError

ANSWER = 1.0  # seconds


def client(hosts: str, digests: List[List[str]]) -> KazooClient:
    auth = [("digest", "%s:%s" % tuple(digest)) for digest in digests]
    return KazooClient(hosts=hosts, auth_data=auth, timeout=5, connection_retry={"max_tries": 2})


def tree(hosts: str, digests: List[List[str]]) -> List[Dict[str, Any]]:
    """Path, data (base64) and access list (scheme, id, permissions) of every node; ``error`` where one is closed."""
    asked = client(hosts, digests)
    asked.start(timeout=10)
    found: List[Dict[str, Any]] = []
    waiting = ["/"]
    try:
        while waiting:
            path = waiting.pop()
            try:
                data, _status = asked.get(path)
                acls = [[acl.id.scheme, acl.id.id, acl.acl_list] for acl in asked.get_acls(path)[0]]
                found.append({"path": path, "data": base64.b64encode(data or b"").decode(), "acls": acls})
                waiting += [path.rstrip("/") + "/" + name for name in asked.get_children(path)]
            except KazooException as error:
                found.append({"path": path, "error": type(error).__name__})
    finally:
        asked.stop()
        asked.close()
    return found


def attempts(hosts: str, digests: List[List[str]], paths: List[str]) -> Dict[str, str]:
    """What becomes of reading each path, and of writing below it: "read <path>" → error, "" if it was possible."""
    outcome = {}
    asked = client(hosts, digests)
    try:
        asked.start(timeout=10)
        for path in paths:
            below = path.rstrip("/") + "/nextgen-stranger"
            for what, act in (
                ("read", partial(asked.get_async, path)),
                ("list", partial(asked.get_children_async, path)),
                ("create", partial(asked.create_async, below, b"x", ephemeral=True)),
                ("set", partial(asked.set_async, path, b"x", version=999999999)),
            ):
                try:
                    # The server ends the session of who has not logged in; kazoo would try again for ever.
                    act().get(timeout=ANSWER)
                    outcome["%s %s" % (what, path)] = ""
                except KazooTimeoutError:
                    outcome["%s %s" % (what, path)] = "no answer"
                except KazooException as error:
                    # A wrong version says that only the version stood in the way.
                    kind = type(error).__name__
                    outcome["%s %s" % (what, path)] = "" if kind == "BadVersionError" else kind
    except (KazooException, KazooTimeoutError, OSError) as error:
        return {"connect": type(error).__name__}
    finally:
        asked.stop()
        asked.close()
    return outcome
