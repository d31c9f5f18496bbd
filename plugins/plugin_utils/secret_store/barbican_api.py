# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The few calls of Barbican's API that the backend needs, with the login of a cloud in clouds.yaml."""

from __future__ import annotations

import datetime
import email.utils
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.rules_secrets import is_loopback
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import run_cache
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.remote import (
    TIMEOUT,
    Unanswered,
    answer,
    clip,
    readable,
    reason_of,
    unexpected,
)

try:
    from keystoneauth1 import exceptions
    from keystoneauth1.adapter import Adapter
    from openstack import exceptions as sdk_exceptions
    from openstack.config import OpenStackConfig
except ImportError as error:
    MISSING: ImportError | None = error
else:
    MISSING = None

SERVICE = "key-manager"
ALGORITHM = "nextgen.cloud"  # what our secrets are told by, and listed by
PAGE = 100  # as many as a server gives at most, by default
ATTEMPTS = 10


@dataclass(frozen=True)
class Row:
    """A secret in a listing. ``decided``: it has its payload; ``age``: seconds, by the server's clock."""

    id: str
    name: str
    generation: int
    decided: bool
    age: float


class Barbican:
    """``server`` is for messages: the endpoint once it is known, before that the name of the cloud."""

    def __init__(self, settings: Mapping[str, Any]):
        self._cloud, self._file = settings["cloud"], settings.get("clouds_file")
        self.server = "of cloud %s" % self._cloud
        self._login_key = "login|barbican %s|%s" % (self._cloud, self._file or "")
        self._made: Any = None

    def announce(self, name: str, generation: int) -> str:
        """Make a secret without payload; its id."""
        body = {"name": name, "algorithm": ALGORITHM, "mode": str(generation), "secret_type": "opaque"}
        response = self._ask("POST", "secrets", json=body)
        if response.status_code != 201:
            raise unexpected(self.server, response)
        return _id_of(response.json()["secret_ref"])

    def set_payload(self, secret: str, path: str, payload: str) -> bool:
        """Set the payload, which is possible once; False if somebody removed the secret.

        After a lost answer the request is sent again, and refused if the first was served.
        """
        headers = {"Content-Type": "text/plain"}
        response = self._ask("PUT", "secrets/%s" % secret, data=payload.encode(), headers=headers)
        if response.status_code in (400, 413):
            raise refuse("NXC-SECR-0048", server=self.server, path=path, reason=reason_of(response))
        if response.status_code == 409 and self.payload(secret) == payload:
            return True
        if response.status_code not in (204, 404):
            raise unexpected(self.server, response)
        return response.status_code == 204

    def payload(self, secret: str) -> str | None:
        """The payload; None if the secret or its payload is not there."""
        response = self._ask("GET", "secrets/%s/payload" % secret, headers={"Accept": "text/plain"})
        if response.status_code == 404:
            return None
        if response.status_code != 200:
            raise unexpected(self.server, response)
        return response.content.decode("utf-8", "replace")

    def delete(self, secret: str) -> None:
        """Remove a secret; it is no error if somebody was faster."""
        response = self._ask("DELETE", "secrets/%s" % secret)
        if response.status_code not in (204, 404):
            raise unexpected(self.server, response)

    def named(self, name: str) -> list[Row]:
        """Our secrets with this name, as of one moment."""
        # The server compares as SQL's LIKE does: '_' is any character there.
        return [row for row in self._page(0, name=name)[0] if row.name == name and row.generation]

    def all(self) -> list[Row]:
        """All secrets of ours. Pages overlap by one row; if they do not meet, something was removed meanwhile."""
        for _attempt in range(ATTEMPTS):
            rows = list(self._pages())
            if None not in rows:
                return [row for row in rows if row is not None and row.generation]
        reason = "its list changes faster than it can be read"
        raise refuse("NXC-SECR-0043", server=self.server, reason=reason)

    def _pages(self) -> Iterator[Row | None]:
        """Every row, and None where pages do not meet."""
        rows, total = self._page(0)
        yield from rows
        offset = len(rows) - 1
        while rows and offset + 1 < total:
            last = rows[-1].id
            rows, total = self._page(offset)
            if not rows or rows[0].id != last:
                yield None
                return
            yield from rows[1:]
            if len(rows) == 1:
                return
            offset += len(rows) - 1

    def _page(self, offset: int, **query: str) -> tuple[list[Row], int]:
        wanted = {"alg": ALGORITHM, "sort": "created:asc,name:asc", "limit": PAGE, "offset": offset, **query}
        response = self._ask("GET", "secrets", params=wanted)
        try:
            body = response.json() if response.status_code == 200 else {}
            now = email.utils.parsedate_to_datetime(response.headers["Date"]).astimezone(datetime.timezone.utc)
            rows = [_row(row, now) for row in body["secrets"]]
            return rows, int(body["total"])
        except (ValueError, KeyError, TypeError):
            pass
        if response.status_code in (200, 404):
            reason = "the answer is not that of Barbican"
            raise refuse("NXC-SECR-0044", server=self.server, what="key manager there", reason=reason)
        raise unexpected(self.server, response)

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        adapter = self._adapter()

        def ask() -> Any:
            return self._send(adapter, method, path, more)

        return answer(self.server, [ask])

    def _send(self, adapter: Any, method: str, path: str, more: Mapping[str, Any]) -> Any:
        try:
            self._login(adapter)
            # Not logged: keystoneauth would write payloads into a debug log.
            endpoint = self._endpoint(adapter)
            return adapter.request("/" + path, method, raise_exc=False, log=False, endpoint_override=endpoint, **more)
        except exceptions.SSLError as error:
            raise Unanswered(clip(str(error)), tls=True) from None
        except (exceptions.ConnectionError, exceptions.RetriableConnectionFailure) as error:
            raise Unanswered(clip(str(error))) from None
        except (exceptions.Unauthorized, exceptions.Forbidden) as error:
            what = "the login of the cloud %s" % self._cloud
            raise refuse("NXC-SECR-0041", server=self.server, what=what, reason=clip(error.message)) from None
        except exceptions.HttpError as error:
            raise Unanswered(clip(error.message)) from None
        except exceptions.ClientException as error:
            raise self._unusable(error) from None

    def _endpoint(self, adapter: Any) -> str:
        """The endpoint of the catalogue or clouds.yaml, with the version of the API."""
        found = (adapter.get_endpoint() or "").rstrip("/")
        if not found:
            raise self._unusable("its catalogue has no key-manager")
        self._safe(found)
        self.server = found if found.endswith("/v1") else found + "/v1"
        return self.server

    def _safe(self, url: str | None) -> None:
        if url and url.startswith("http:") and not is_loopback(url):
            raise self._unusable("over %s secrets would travel in the clear" % url)

    def _login(self, adapter: Any) -> None:
        """One login for all processes of a run, for the kinds of login that have a state."""
        login = adapter.session.auth

        def state() -> bytes:
            login.get_access(adapter.session)
            return str(login.get_auth_state()).encode()

        if hasattr(login, "get_access") and login.get_auth_state() is None:
            login.set_auth_state(run_cache.get(self._login_key, state).decode())

    def _adapter(self) -> Any:
        if self._made is None:
            if MISSING is not None:
                raise refuse("NXC-SECR-0047", backend="barbican", name="openstacksdk", reason=MISSING)
            files = [readable(self._file, "the clouds of OpenStack")] if self._file else None
            try:
                # A file that was named is the one that counts, whatever the environment says.
                region = OpenStackConfig(config_files=files, load_envvars=not files).get_one(cloud=self._cloud)
                session = region.get_session()
            except (sdk_exceptions.SDKException, exceptions.ClientException) as error:
                raise self._unusable(error) from None
            if region.get_requests_verify_args()[0] is False:
                raise self._unusable("it switches the verification of certificates off")
            self._safe((region.config.get("auth") or {}).get("auth_url"))
            session.timeout = session.timeout or TIMEOUT[1]
            self._made = Adapter(
                session,
                service_type=SERVICE,
                interface=region.get_interface(SERVICE),
                region_name=region.get_region_name(SERVICE),
                endpoint_override=region.get_endpoint(SERVICE),
            )
        return self._made

    def _unusable(self, reason: object) -> Exception:
        return refuse("NXC-SECR-0050", cloud=self._cloud, reason=clip(str(reason)))


def _row(row: Mapping[str, Any], now: datetime.datetime) -> Row:
    """Generation 0 is a secret of somebody else that only looks like one of ours."""
    mode = str(row.get("mode") or "")
    generation = int(mode) if row.get("algorithm") == ALGORITHM and mode.isdecimal() else 0
    made = datetime.datetime.fromisoformat(row["created"]).replace(tzinfo=datetime.timezone.utc)
    age = (now - made).total_seconds()
    return Row(_id_of(row["secret_ref"]), str(row["name"]), generation, bool(row.get("content_types")), age)


def _id_of(reference: str) -> str:
    return reference.rstrip("/").rsplit("/", 1)[1]
