# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A KV-v2 server for tests, in memory: the part of the HTTP API of Vault and OpenBao that the engine KV-v2 and the
logins token and approle have, with the same status codes and messages.

Run as ``kv2_server.py FILE``, FILE being JSON: port, mount, role_id, secret_id, root_token, and for TLS certificate
and private_key. ``GET /_test/requests`` lists every other request as "METHOD path"; ``PUT /_test/sealed`` seals and
``DELETE /_test/sealed`` unseals.
"""

from __future__ import annotations

import datetime
import http.server
import json
import re
import secrets
import ssl
import sys
import threading
from urllib.parse import parse_qs, unquote, urlsplit

LARGEST = 1024 * 1024  # bytes of a secret, as a real server's storage has them by default
KEEP = 10  # versions of a secret, as a real engine keeps them by default


class Refused(Exception):
    """An answer other than success: status, messages, and for versions that are gone their metadata."""

    def __init__(self, status: int, *errors: str, data: dict | None = None):
        super().__init__(status)
        self.status = status
        self.body = {"errors": list(errors)} if data is None else {"data": data}


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Secret:
    """All versions of one path. A version is its data and metadata; deleted ones keep the latter."""

    def __init__(self):
        self.versions: dict[int, tuple[dict | None, dict]] = {}
        self.current = 0
        self.settings = {"cas_required": False, "max_versions": 0, "custom_metadata": None}
        self.created = self.updated = now()

    def write(self, data: dict, options: dict) -> dict:
        if "cas" in options:
            if int(options["cas"]) != self.current:
                raise Refused(400, "check-and-set parameter did not match the current version")
        elif self.settings["cas_required"]:
            raise Refused(400, "check-and-set parameter required for this call")
        self.current += 1
        self.updated = now()
        row = {"created_time": self.updated, "deletion_time": "", "destroyed": False, "version": self.current}
        self.versions[self.current] = (data, row)
        self.versions.pop(self.current - (self.settings["max_versions"] or KEEP), None)
        return {**row, "custom_metadata": self.settings["custom_metadata"]}

    def read(self, version: int) -> dict:
        try:
            data, row = self.versions[version or self.current]
        except KeyError:
            raise Refused(404) from None
        answer = {"data": data, "metadata": {**row, "custom_metadata": self.settings["custom_metadata"]}}
        if row["deletion_time"] or row["destroyed"]:
            raise Refused(404, data={**answer, "data": None})
        return answer

    def change(self, verb: str, versions: list[int]) -> None:
        for number in versions:
            if number in self.versions:
                data, row = self.versions[number]
                if verb == "delete":
                    row["deletion_time"] = now()
                elif verb == "undelete" and not row["destroyed"]:
                    row["deletion_time"] = ""
                elif verb == "destroy":
                    data, row["destroyed"] = None, True
                self.versions[number] = (data, row)

    def metadata(self) -> dict:
        rows = {
            str(number): {k: v for k, v in row.items() if k != "version"} for number, (_d, row) in self.versions.items()
        }
        bounds = {"current_version": self.current, "oldest_version": min(self.versions, default=0)}
        times = {"created_time": self.created, "updated_time": self.updated, "delete_version_after": "0s"}
        return {**self.settings, **bounds, **times, "versions": rows}


class Engine:
    """One mount. All calls are made under the server's lock."""

    def __init__(self):
        self.secrets: dict[str, Secret] = {}
        self.cas_required = False

    def handle(self, verb: str, path: str, method: str, body: dict, query: dict) -> dict | None:
        """The answer's ``data``; None for an answer without content."""
        if verb == "config":
            if method in ("POST", "PUT"):
                self.cas_required = bool(body.get("cas_required"))
                return None
            return {"cas_required": self.cas_required, "max_versions": 0, "delete_version_after": "0s"}
        if method == "LIST" or (method == "GET" and "list" in query):
            return self.list(path)
        handler = getattr(self, "_%s_%s" % (verb, {"PUT": "post"}.get(method, method.lower())), None)
        if handler is None:
            raise Refused(405, "unsupported operation")
        return handler(path, body, query)

    def list(self, path: str) -> dict:
        folder = path.rstrip("/") + "/" if path.strip("/") else ""
        under = [name[len(folder) :] for name in self.secrets if name.startswith(folder)]
        keys = sorted({name.split("/")[0] + ("/" if "/" in name else "") for name in under})
        if not keys:
            raise Refused(404)
        return {"keys": keys}

    def _known(self, path: str) -> Secret:
        if path not in self.secrets:
            raise Refused(404)
        return self.secrets[path]

    def _data_get(self, path, body, query):
        return self._known(path).read(int(query.get("version", ["0"])[0]))

    def _data_post(self, path, body, query):
        if not isinstance(body.get("data"), dict):
            raise Refused(400, "no data provided")
        if len(json.dumps(body["data"])) > LARGEST:
            raise Refused(413, "put failed due to value being too large")
        secret = self.secrets.get(path) or Secret()
        options = body.get("options") or {}
        if self.cas_required and "cas" not in options:
            raise Refused(400, "check-and-set parameter required for this call")
        written = secret.write(body["data"], options)
        self.secrets[path] = secret
        return written

    def _data_delete(self, path, body, query):
        if path in self.secrets:
            self.secrets[path].change("delete", [self.secrets[path].current])

    def _change(self, verb, path, body):
        self._known(path).change(verb, [int(number) for number in body["versions"]])

    def _delete_post(self, path, body, query):
        self._change("delete", path, body)

    def _undelete_post(self, path, body, query):
        self._change("undelete", path, body)

    def _destroy_post(self, path, body, query):
        self._change("destroy", path, body)

    def _metadata_get(self, path, body, query):
        return self._known(path).metadata()

    def _metadata_post(self, path, body, query):
        secret = self.secrets.setdefault(path, Secret())
        secret.settings.update({key: body[key] for key in secret.settings if key in body})

    def _metadata_delete(self, path, body, query):
        self.secrets.pop(path, None)


class Server(http.server.ThreadingHTTPServer):
    """State of all: the engine, who may log in, tokens, and what was asked."""

    daemon_threads = True

    def __init__(self, settings: dict):
        super().__init__(("127.0.0.1", settings["port"]), Handler)
        self.settings = settings
        self.engine = Engine()
        self.tokens = {settings["root_token"]}
        self.sealed = False
        self.asked: list[str] = []
        self.guard = threading.Lock()
        if "certificate" in settings:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(settings["certificate"], settings["private_key"])
            # The handshake is made by the thread of the connection: who dawdles holds up nobody else.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def login(self, body: dict) -> dict:
        wanted = (self.settings["role_id"], self.settings["secret_id"])
        if (body.get("role_id"), body.get("secret_id")) != wanted:
            raise Refused(400, "invalid role or secret ID")
        token = "hvs.%s" % secrets.token_hex(16)
        self.tokens.add(token)
        rights = {"policies": ["default"], "token_policies": ["default"], "metadata": {}, "entity_id": ""}
        lease = {"lease_duration": 3600, "renewable": True, "token_type": "service", "orphan": True}
        return {"client_token": token, "accessor": secrets.token_hex(8), **rights, **lease}

    def answer(self, method: str, path: str, query: dict, body: dict, token: str) -> dict | None:
        """The whole body of the answer; None for 204."""
        if path == "sys/seal-status":
            return {"type": "shamir", "initialized": True, "sealed": self.sealed, "version": "1.15.0"}
        if self.sealed:
            raise Refused(503, "Vault is sealed")
        if path == "auth/approle/login" and method in ("POST", "PUT"):
            return _envelope(auth=self.login(body))
        if token not in self.tokens:
            raise Refused(403, "permission denied")
        if path == "auth/token/lookup-self":
            return _envelope(data={"id": token, "policies": ["default"], "ttl": 3600, "type": "service"})
        if path == "auth/token/revoke-self":
            self.tokens.discard(token)
            return None
        match = re.fullmatch(r"%s/(\w+)(?:/(.*))?" % re.escape(self.settings["mount"]), path)
        if not match:
            raise Refused(404, 'no handler for route "%s". route entry not found.' % path)
        data = self.engine.handle(match[1], match[2] or "", method, body, query)
        return None if data is None else _envelope(data=data)


def _envelope(data: dict | None = None, auth: dict | None = None) -> dict:
    rest = {"lease_id": "", "renewable": False, "lease_duration": 0, "wrap_info": None, "warnings": None}
    return {"request_id": secrets.token_hex(16), **rest, "data": data, "auth": auth}


class Handler(http.server.BaseHTTPRequestHandler):
    """HTTP in, HTTP out."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: Server

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        url = urlsplit(self.path)
        with self.server.guard:
            if url.path.startswith("/_test/"):
                self._reply(200, self._test(url.path))
                return
            self.server.asked.append("%s %s" % (self.command, unquote(url.path)))
            try:
                body = json.loads(raw) if raw else {}
                token = self.headers.get("X-Vault-Token", "")
                path = unquote(url.path).removeprefix("/v1/")
                answer = self.server.answer(self.command, path, parse_qs(url.query), body, token)
            except Refused as refused:
                self._reply(refused.status, refused.body)
            except (ValueError, KeyError, TypeError) as error:
                self._reply(400, {"errors": ["failed to parse the request: %s" % type(error).__name__]})
            else:
                self._reply(204 if answer is None else 200, answer)

    def _test(self, path: str) -> list[str]:
        if path == "/_test/sealed":
            self.server.sealed = self.command == "PUT"
        return self.server.asked

    def _reply(self, status: int, body: object) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_LIST = _serve

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as stream:
        Server(json.load(stream)).serve_forever()
