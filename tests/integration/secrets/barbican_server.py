# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Barbican's own API application, for tests, with SQLite, its plugin simple_crypto and pages of ten.

Run by the Python of ``.cache/barbican`` as ``barbican_server.py FOLDER PORT PASSWORD_FILE``. In place of Keystone, a
wrapper logs the one user in (``/v3/auth/tokens``) and lets in who has a token of it. ``GET /_test/requests`` lists
every other request as "METHOD path".
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import socketserver
import sys
import threading
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

IDENTITY = {
    "HTTP_X_IDENTITY_STATUS": "Confirmed",
    "HTTP_X_PROJECT_ID": "0123456789abcdef0123456789abcdef",
    "HTTP_X_USER_ID": "fedcba9876543210fedcba9876543210",
    "HTTP_X_ROLES": "admin,member,reader,creator",
}

CONFIGURATION = """
[DEFAULT]
host_href = http://127.0.0.1:{port}
log_file = {folder}/barbican.log
db_auto_create = True
max_limit_paging = 10
[database]
connection = sqlite:///{folder}/barbican.sqlite
[secretstore]
enabled_secretstore_plugins = store_crypto
[crypto]
enabled_crypto_plugins = simple_crypto
[simple_crypto_plugin]
kek = {kek}
"""


class Threaded(socketserver.ThreadingMixIn, WSGIServer):
    """Several callers at once, as in production."""

    daemon_threads = True
    request_queue_size = 64


class Quiet(WSGIRequestHandler):
    """No line per request."""

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


def barbican(folder: Path, port: int) -> object:
    """The application behind the middlewares of its own pipeline, without Keystone's."""
    # The key encryption key is read from the default place of the configuration only.
    configuration = folder / ".barbican" / "barbican.conf"
    configuration.parent.mkdir(mode=0o700, exist_ok=True)
    kek = folder / "kek"
    if not kek.exists():
        kek.write_bytes(base64.urlsafe_b64encode(os.urandom(32)))
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, kek=kek.read_text()))
    os.environ["HOME"] = str(folder)
    from barbican.api import app
    from barbican.api.middleware.context import ContextMiddleware
    from barbican.api.middleware.microversion import MicroversionMiddleware
    from oslo_middleware import RequestId

    return RequestId(ContextMiddleware(MicroversionMiddleware(app.create_main_app({}))))


class Keystone:
    """What stands before Barbican: a login, and the check that Keystone's middleware makes."""

    def __init__(self, application, password: str, url: str):
        self.application, self.password, self.url = application, password, url
        self.tokens: set[str] = set()
        self.asked: list[str] = []
        self.guard = threading.Lock()

    def __call__(self, environ, start_response):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/_test/requests":
            return _reply(start_response, "200 OK", self.asked)
        self.asked.append("%s %s" % (method, path))
        if (method, path) == ("POST", "/v3/auth/tokens"):
            return self.login(json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))), start_response)
        if environ.get("HTTP_X_AUTH_TOKEN") not in self.tokens:
            return _reply(start_response, "401 Unauthorized", {"error": {"message": "Authentication required"}})
        if not path.startswith("/v1/"):
            return _reply(start_response, "404 Not Found", {})
        environ.update(IDENTITY, SCRIPT_NAME="/v1", PATH_INFO=path[len("/v1") :])
        # SQLite knows one writer, and fails instead of waiting when a reader becomes one.
        with self.guard:
            return list(self.application(environ, start_response))

    def login(self, body: dict, start_response):
        if body["auth"]["identity"]["password"]["user"]["password"] != self.password:
            error = {"code": 401, "message": "The request you have made requires authentication."}
            return _reply(start_response, "401 Unauthorized", {"error": error})
        token = secrets.token_hex(16)
        self.tokens.add(token)
        endpoint = {"id": "1", "interface": "public", "region": "one", "region_id": "one", "url": self.url}
        catalogue = [{"id": "1", "type": "key-manager", "name": "barbican", "endpoints": [endpoint]}]
        domain = {"id": "default", "name": "Default"}
        found = {
            "methods": ["password"],
            "user": {"id": IDENTITY["HTTP_X_USER_ID"], "name": "nextgen", "domain": domain},
            "project": {"id": IDENTITY["HTTP_X_PROJECT_ID"], "name": "nextgen", "domain": domain},
            "roles": [{"id": "1", "name": "creator"}],
            "catalog": catalogue,
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "expires_at": "2099-01-01T00:00:00.000000Z",
        }
        return _reply(start_response, "201 Created", {"token": found}, ("X-Subject-Token", token))


def _reply(start_response, status: str, body: object, *headers: tuple[str, str]) -> list[bytes]:
    start_response(status, [("Content-Type", "application/json"), *headers])
    return [json.dumps(body).encode()]


if __name__ == "__main__":
    home, number = Path(sys.argv[1]), int(sys.argv[2])
    known = Path(sys.argv[3]).read_text(encoding="utf-8").strip()
    wsgi = Keystone(barbican(home, number), known, "http://127.0.0.1:%d" % number)
    make_server("127.0.0.1", number, wsgi, server_class=Threaded, handler_class=Quiet).serve_forever()
