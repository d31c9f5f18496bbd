# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in etcd 3.4 or newer, through its JSON gateway.

A path of the store is the key ``<prefix>/<path>``, its value the entry as JSON, and its token the revision of its
last change. Writes are transactions that compare these revisions: all changes of one, or none.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import run_cache
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Conflict, Stored
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.remote import (
    TIMEOUT,
    Ask,
    answer,
    authorities,
    credential,
    dump,
    is_too_large,
    parse,
    readable,
    reason_of,
    through_requests,
    unexpected,
)

try:
    import requests
except ImportError as error:
    MISSING: ImportError | None = error
else:
    MISSING = None

# By default a server refuses transactions of more than 128 operations or 1.5 MiB.
OPERATIONS = 100
BYTES = 1_000_000
PAGE = 500

Change = tuple[str, str | None, int]  # path, the entry as text or None to remove it, revision that is to be replaced


class EtcdBackend:
    """``settings``: endpoints, prefix; optionally user and password_file, ca_file, certificate and private_key."""

    def __init__(self, settings: Mapping[str, Any]):
        self._settings = settings
        self._server = ",".join(url.rstrip("/") for url in settings["endpoints"])
        self._prefix = settings["prefix"] + "/"
        self.identity = "etcd %s/%s" % (self._server, settings["prefix"])
        self._made: Any = None

    def read(self, paths: Iterable[str] | None) -> dict[str, Stored]:
        """One request for up to a hundred paths, else one per page of all."""
        wanted = None if paths is None else list(dict.fromkeys(paths))
        if wanted is not None and len(wanted) <= OPERATIONS:
            rows = self._pick(wanted)
        else:
            picked = set(wanted or ())
            rows = [row for row in self._all() if wanted is None or self._path(row) in picked]
        return {self._path(row): self._stored(row) for row in rows}

    def write(self, changes: Mapping[str, Entry | None], seen: Mapping[str, Stored]) -> None:
        """One transaction; several, in order, only where one would be beyond what a server takes."""
        rows = [
            (path, dump(entry) if entry else None, int(seen[path].token) if path in seen else 0)
            for path, entry in changes.items()
        ]
        for batch in _batches(rows):
            self._commit(batch)

    def _commit(self, batch: list[Change]) -> None:
        keys = [self._key(path) for path, _text, _revision in batch]
        compare = [
            {"key": key, "target": "MOD", "result": "EQUAL", "mod_revision": str(revision)}
            for key, (_path, _text, revision) in zip(keys, batch)
        ]
        success = [
            {"request_delete_range": {"key": key}}
            if text is None
            else {"request_put": {"key": key, "value": _encode(text)}}
            for key, (_path, text, _revision) in zip(keys, batch)
        ]
        failure = [{"request_range": {"key": key, "keys_only": True}} for key in keys]
        try:
            body = self._ask("kv/txn", {"compare": compare, "success": success, "failure": failure})
        except _TooLarge as error:
            path = max(batch, key=lambda row: len(row[1] or ""))[0]
            raise refuse("NXC-SECR-0048", server=self._server, path=path, reason=error) from None
        if not body.get("succeeded"):
            raise Conflict(self._changed(batch, body))

    @staticmethod
    def _changed(batch: list[Change], body: Mapping[str, Any]) -> str:
        """The first path of the batch that has another revision than was compared."""
        for (path, _text, revision), row in zip(batch, body.get("responses") or []):
            found = (row.get("response_range") or {}).get("kvs") or [{}]
            if int(found[0].get("mod_revision") or 0) != revision:
                return path
        return batch[0][0]

    def _pick(self, paths: list[str]) -> list[dict[str, Any]]:
        if not paths:
            return []
        ranges = [{"request_range": {"key": self._key(path)}} for path in paths]
        body = self._ask("kv/txn", {"success": ranges})
        return [row for one in body.get("responses") or [] for row in one["response_range"].get("kvs") or []]

    def _all(self) -> Iterator[dict[str, Any]]:
        """Everything below the prefix as of one revision, page by page."""
        start, revision = self._prefix, "0"
        # The first text that does not begin with the prefix: '0' comes after '/'.
        end = _encode(self._prefix[:-1] + "0")
        while True:
            query = {"key": _encode(start), "range_end": end, "limit": str(PAGE), "revision": revision}
            body = self._ask("kv/range", query)
            rows = body.get("kvs") or []
            yield from rows
            if not body.get("more") or not rows:
                return
            start, revision = _decode(rows[-1]["key"]) + "\0", body["header"]["revision"]

    def _key(self, path: str) -> str:
        return _encode(self._prefix + path)

    def _path(self, row: Mapping[str, Any]) -> str:
        return _decode(row["key"])[len(self._prefix) :]

    def _stored(self, row: Mapping[str, Any]) -> Stored:
        value = base64.b64decode(row.get("value") or "")
        return parse(self._server, self._path(row), value, str(row["mod_revision"]))

    def _ask(self, call: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's body. A login that has ended is replaced once."""
        response = self._post(call, body, self._token())
        if response.status_code == 401 and "user" in self._settings:
            run_cache.forget(self._login_key())
            response = self._post(call, body, self._token())
        if response.status_code < 400:
            return self._body(response)
        reason = reason_of(response)
        if is_too_large(response):
            raise _TooLarge(reason)
        if "user name is empty" in reason:
            raise refuse("NXC-SECR-0041", server=self._server, what="access without a user", reason=reason)
        if response.status_code == 404:
            raise self._no_gateway()
        raise unexpected(self._server, response)

    def _post(self, call: str, body: Mapping[str, Any], token: str) -> Any:
        session = self._session()

        def ask(url: str) -> Ask:
            headers = {"Authorization": token} if token else {}
            return lambda: through_requests(
                requests,
                lambda: session.post("%s/v3/%s" % (url.rstrip("/"), call), json=body, headers=headers, timeout=TIMEOUT),
            )

        return answer(self._server, [ask(url) for url in self._settings["endpoints"]])

    def _body(self, response: Any) -> dict[str, Any]:
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise self._no_gateway()
        return body

    def _no_gateway(self) -> CloudError:
        reason = "the answer is not that of etcd 3.4 or newer"
        return refuse("NXC-SECR-0044", server=self._server, what="JSON gateway under /v3", reason=reason)

    def _session(self) -> Any:
        if self._made is None:
            if MISSING is not None:
                raise refuse("NXC-SECR-0047", backend="etcd", name="requests", reason=MISSING)
            session = requests.Session()
            # Credentials and authorities are those of the site file, not of the account.
            session.trust_env = False
            session.verify = authorities(self._settings.get("ca_file"))
            if "certificate" in self._settings:
                session.cert = (
                    readable(self._settings["certificate"], "the certificate"),
                    readable(self._settings["private_key"], "the private key"),
                )
            self._made = session
        return self._made

    def _login_key(self) -> str:
        return "login|%s|%s" % (self.identity, self._settings["user"])

    def _token(self) -> str:
        """A token for user and password, one for all processes of a run; empty without a user."""
        if "user" not in self._settings:
            return ""
        return run_cache.get(self._login_key(), self._login).decode()

    def _login(self) -> bytes:
        user = self._settings["user"]
        password = credential(self._settings["password_file"], "the password of %s" % user)
        response = self._post("auth/authenticate", {"name": user, "password": password}, "")
        if response.status_code == 404:
            raise self._no_gateway()
        token = self._body(response).get("token")
        if not token:
            what = "the login as %s" % user
            raise refuse("NXC-SECR-0041", server=self._server, what=what, reason=reason_of(response))
        return str(token).encode()


class _TooLarge(Exception):
    """The server takes no request of this size."""


def _batches(rows: list[Change]) -> Iterator[list[Change]]:
    """Rows in order, in groups within the limits of a transaction. Text takes a third more as base64."""
    batch: list[Change] = []
    size = 0
    for row in rows:
        weight = 4 * len((row[1] or "").encode()) // 3 + 4 * len(row[0])
        if batch and (len(batch) == OPERATIONS or size + weight > BYTES):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += weight
    if batch:
        yield batch


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decode(text: str) -> str:
    return base64.b64decode(text).decode()
