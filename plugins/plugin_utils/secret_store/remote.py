# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all secret servers have in common: asking with bounded retries, coded errors, files with credentials.

An answer of a server is shown by its status and the server's own reason only; bodies can hold values.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Stored

TIMEOUT = (5, 20)  # seconds to connect and to wait for an answer
PAUSES = (0.2, 0.5, 1.0)  # seconds before the second, third and last attempt
BUSY = frozenset((429, 502, 503, 504))

Ask = Callable[[], Any]


class Unanswered(Exception):
    """No answer from one address of a server. ``tls``: the way there is open, but not safe."""

    def __init__(self, reason: str, tls: bool = False):
        super().__init__(reason)
        self.tls = tls


def answer(server: str, asks: Sequence[Ask]) -> Any:
    """The first answer of any address, going round all of them a few times.

    Each of ``asks`` sends the same request to one address and returns a response with ``status_code``, or raises
    ``Unanswered``. A write whose answer was lost may be sent twice: then its own effect shows as a conflict, and
    the decision is made again.
    """
    problem = refuse("NXC-SECR-0040", server=server, reason="no address is given")
    for pause in (*PAUSES, None):
        for ask in asks:
            try:
                response = ask()
            except Unanswered as unanswered:
                code = "NXC-SECR-0042" if unanswered.tls else "NXC-SECR-0040"
                problem = refuse(code, server=server, reason=unanswered)
                if unanswered.tls:
                    raise problem from None
                continue
            if response.status_code not in BUSY or is_too_large(response):
                return response
            problem = refuse("NXC-SECR-0043", server=server, reason=reason_of(response))
        if pause is not None:
            time.sleep(pause)
    raise problem


def through_requests(requests: Any, send: Ask) -> Any:
    """``send()`` with the errors of the library requests as ``Unanswered``."""
    try:
        return send()
    except requests.exceptions.SSLError as error:
        raise Unanswered(_innermost(error), tls=True) from None
    except (requests.exceptions.RequestException, OSError) as error:
        raise Unanswered(_innermost(error)) from None


def _innermost(error: BaseException) -> str:
    """The reason at the bottom of a chain of exceptions, on one line."""
    seen = []
    while error is not None and error not in seen and len(seen) < 20:
        seen.append(error)
        inner = getattr(error, "reason", None) or error.__context__ or next(iter(error.args), None)
        error = inner if isinstance(inner, BaseException) else None
    found = seen[-1]
    text = found.strerror if isinstance(found, OSError) and found.strerror else str(found)
    return clip(text or type(found).__name__)


def reason_of(response: Any) -> str:
    """What the server says is wrong, in its own field for that; else only the status."""
    try:
        body = response.json()
    except ValueError:
        body = None
    said: Any = None
    if isinstance(body, Mapping):
        errors = body.get("errors")
        said = errors[0] if isinstance(errors, list) and errors else None
        said = said or body.get("message") or body.get("description") or body.get("error")
    return clip(said) if isinstance(said, str) else "HTTP status %d" % response.status_code


def is_too_large(response: Any) -> bool:
    """Whether the server refuses a request for its size; etcd says so with the status of a busy server."""
    reason = reason_of(response)
    return response.status_code == 413 or any(words in reason for words in ("too large", "larger than max"))


def clip(text: str) -> str:
    """One line of at most 200 characters."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= 200 else line[:200] + "…"


def unexpected(server: str, response: Any) -> CloudError:
    """The error for an answer that no rule covers."""
    if response.status_code in (401, 403):
        return refuse("NXC-SECR-0041", server=server, what="access", reason=reason_of(response))
    return refuse("NXC-SECR-0049", server=server, status=response.status_code, reason=reason_of(response))


def credential(path: str, what: str) -> str:
    """The content of a file with a credential, without white space around it."""
    file = os.path.expanduser(path)
    try:
        with open(file, encoding="utf-8") as stream:
            text = stream.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise refuse("NXC-SECR-0046", file=file, what=what, reason=reason) from None
    if not text:
        raise refuse("NXC-SECR-0046", file=file, what=what, reason="it is empty")
    return text


def readable(path: str, what: str) -> str:
    """The path of a file that a library will read, checked here so that the error says which it is."""
    credential(path, what)
    return os.path.expanduser(path)


def authorities(ca_file: str | None) -> str | bool:
    """What certificates of servers must lead to, as the library requests takes it: the file, or what OpenSSL trusts."""
    if ca_file:
        return readable(ca_file, "the certificates of authorities")
    paths = ssl.get_default_verify_paths()
    return paths.cafile or paths.capath or True


def dump(entry: Entry) -> str:
    """An entry as text for a server."""
    return json.dumps(entry.as_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def parse(server: str, path: str, row: Any, token: str) -> Stored:
    """The entry of JSON text or of what was parsed from it already."""
    try:
        return Stored(Entry.from_dict(json.loads(row) if isinstance(row, (str, bytes)) else row), token)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise refuse("NXC-SECR-0045", path=path, server=server, reason="it is not an entry of this store") from None
