# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in a KV-v2 engine (HashiCorp Vault, OpenBao).

A path of the store is a path of the engine below the prefix, with the data ``{"entry": {...}}``. Every write gives
the version it replaces (``cas``), so the server refuses the slower of two writers. The engine can remove a path only
unconditionally, so a removed entry is ``{"entry": null}``, written conditionally like any other, and its older
versions are destroyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import run_cache
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Conflict, Stored
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.remote import (
    TIMEOUT,
    answer,
    authorities,
    credential,
    is_too_large,
    parse,
    reason_of,
    through_requests,
    unexpected,
)

try:
    import hvac
    import requests
    from hvac.adapters import RawAdapter
except ImportError as error:
    MISSING: ImportError | None = error
else:
    MISSING = None


class Kv2Backend:
    """``settings``: url, mount, prefix, auth (method and its options), and optionally namespace, ca_file."""

    def __init__(self, settings: Mapping[str, Any]):
        self._settings = settings
        self._server = settings["url"].rstrip("/")
        self._mount, self._prefix = settings["mount"], settings["prefix"]
        where = [self._server, settings.get("namespace"), self._mount, self._prefix]
        self.identity = "kv2 " + "/".join(part for part in where if part)
        self._made: Any = None

    def read(self, paths: Iterable[str] | None) -> dict[str, Stored]:
        """One request per path; for all paths also one per folder."""
        found = {}
        for path in self._list("") if paths is None else paths:
            version, row = self._state(path)
            if row is not None:
                found[path] = parse(self._server, path, row, str(version))
        return found

    def write(self, changes: Mapping[str, Entry | None], seen: Mapping[str, Stored]) -> None:
        """One conditional write per path, in order; what was written before a ``Conflict`` stays."""
        for path, entry in changes.items():
            if entry is None and path not in seen:
                if self._state(path)[1] is not None:
                    raise Conflict(path)
                continue
            version = self._put(path, entry, seen.get(path))
            if entry is None:
                self._destroy_before(path, version)

    def _put(self, path: str, entry: Entry | None, seen: Stored | None) -> int:
        """The number of the version that was written."""
        written = self._try_put(path, entry, int(seen.token) if seen else 0)
        if written is None and seen is None:
            # What does not exist may still have versions: an entry that was removed.
            version, row = self._state(path)
            written = self._try_put(path, entry, version) if row is None else None
        if written is None:
            raise Conflict(path)
        return written

    def _try_put(self, path: str, entry: Entry | None, version: int) -> int | None:
        data = {"entry": entry.as_dict() if entry else None}
        response = self._ask(
            lambda engine: engine.create_or_update_secret(self._key(path), data, cas=version, mount_point=self._mount)
        )
        if response.status_code == 400 and "check-and-set" in reason_of(response):
            return None
        if is_too_large(response):
            raise refuse("NXC-SECR-0048", server=self._server, path=path, reason=reason_of(response))
        if response.status_code == 204:  # a KV engine of version 1 has no versions to tell
            raise self._no_engine("it is of another kind or version")
        return int(self._data(response)["version"])

    def _destroy_before(self, path: str, version: int) -> None:
        """The older versions of a removed entry hold its values."""
        response = self._ask(lambda engine: engine.read_secret_metadata(self._key(path), mount_point=self._mount))
        rows = self._data(response)["versions"] if response.status_code != 404 else {}
        older = [int(number) for number in rows if int(number) < version]
        if older:
            response = self._ask(
                lambda engine: engine.destroy_secret_versions(self._key(path), older, mount_point=self._mount)
            )
            if response.status_code >= 400:
                raise unexpected(self._server, response)

    def _state(self, path: str) -> tuple[int, Any]:
        """(the newest version or 0, the entry as it is stored or None)."""
        response = self._ask(
            lambda engine: engine.read_secret_version(
                self._key(path), mount_point=self._mount, raise_on_deleted_version=False
            )
        )
        if response.status_code == 404:
            # A version that somebody deleted on the server still counts for the next write.
            return int((self._absent(response).get("metadata") or {}).get("version") or 0), None
        data = self._data(response)
        row = data["data"]
        if "entry" not in row:
            raise refuse("NXC-SECR-0045", path=path, server=self._server, reason="it has no field 'entry'")
        return int(data["metadata"]["version"]), row["entry"]

    def _list(self, folder: str) -> list[str]:
        """All paths below a folder ('' or ending in '/')."""
        key = self._key(folder)
        response = self._ask(lambda engine: engine.list_secrets(key, mount_point=self._mount))
        if response.status_code == 404:
            self._absent(response)
            return []
        paths = []
        for name in self._data(response)["keys"]:
            paths += self._list(folder + name) if name.endswith("/") else [folder + name]
        return paths

    def _key(self, path: str) -> str:
        return "%s/%s" % (self._prefix, path)

    def _absent(self, response: Any) -> dict[str, Any]:
        """The data of a 404, which is no error, unless the whole engine is not there."""
        if "no handler for route" in reason_of(response):
            raise self._no_engine("nothing is mounted there")
        try:
            return response.json().get("data") or {}
        except (ValueError, AttributeError):
            raise self._no_engine("the answer is not that of such a server") from None

    def _no_engine(self, reason: str) -> Exception:
        return refuse("NXC-SECR-0044", server=self._server, what="KV-v2 engine at '%s'" % self._mount, reason=reason)

    def _data(self, response: Any) -> dict[str, Any]:
        if response.status_code == 404:
            self._absent(response)
        if response.status_code >= 400:
            raise unexpected(self._server, response)
        try:
            data = response.json()["data"]
        except (ValueError, KeyError, TypeError):
            raise self._no_engine("the answer is not that of such a server") from None
        if not isinstance(data, dict):
            raise self._no_engine("the answer is not that of such a server")
        return data

    def _ask(self, call: Callable[[Any], Any]) -> Any:
        """An answer as whoever is logged in; a token that was issued by a login and has ended is replaced once."""
        client = self._client()
        client.token = self._token()
        ask = [lambda: through_requests(requests, lambda: call(client.secrets.kv.v2))]
        response = answer(self._server, ask)
        if response.status_code == 403 and self._settings["auth"]["method"] != "token":
            run_cache.forget(self._login_key())
            client.token = self._token()
            response = answer(self._server, ask)
        if response.status_code == 403:
            raise refuse("NXC-SECR-0041", server=self._server, what="access", reason=reason_of(response))
        return response

    def _client(self) -> Any:
        if self._made is None:
            if MISSING is not None:
                raise refuse("NXC-SECR-0047", backend="kv2", name="hvac", reason=MISSING)
            self._made = hvac.Client(
                url=self._server,
                token="",
                verify=authorities(self._settings.get("ca_file")),
                timeout=TIMEOUT,
                namespace=self._settings.get("namespace"),
                adapter=RawAdapter,
                ignore_exceptions=True,
            )
        return self._made

    def _login_key(self) -> str:
        login = self._settings["auth"]
        return "login|%s|%s|%s" % (self.identity, login["mount"], login["role_id"])

    def _token(self) -> str:
        login = self._settings["auth"]
        if login["method"] == "token":
            return credential(login["token_file"], "the token")
        return run_cache.get(self._login_key(), self._login).decode()

    def _login(self) -> bytes:
        """A token for role id and secret id; one for all processes of a run."""
        login = self._settings["auth"]
        secret_id = credential(login["secret_id_file"], "the secret id")
        client = self._client()
        client.token = ""
        response = answer(
            self._server,
            [
                lambda: through_requests(
                    requests,
                    lambda: client.auth.approle.login(
                        login["role_id"], secret_id, use_token=False, mount_point=login["mount"]
                    ),
                )
            ],
        )
        try:
            return str(response.json()["auth"]["client_token"]).encode()
        except (ValueError, KeyError, TypeError):
            what = "the login with role id %s" % login["role_id"]
            raise refuse("NXC-SECR-0041", server=self._server, what=what, reason=reason_of(response)) from None
