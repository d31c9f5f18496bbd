# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real HAProxy on loopback, with the role's base configuration, and small real servers behind it."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

import jinja2
import yaml

ROOT = Path(__file__).resolve().parents[3]
ROLE = ROOT / "roles" / "edge"
HTTPS_PORT = 15701


def module(name: str, **options) -> dict:
    """Run a module of the collection in a process of its own and return its result."""
    check, diff = options.pop("check", False), options.pop("diff", True)
    arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": diff}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("run_module.py")), name],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT / ".cache" / "collections")},
        check=False,
    )
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise AssertionError("no result from %s: %s %s" % (name, done.stdout, done.stderr)) from None


class Server:
    """An HTTP server that answers with its name, the path and the headers it got.

    With ``protocol`` HTTP/1.0 it keeps no connections, so that none outlives ``close``.
    """

    def __init__(self, name: str, protocol: str = "HTTP/1.1"):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = protocol

            def do_GET(self):
                owner.hits += 1
                if owner.unhealthy and self.path == "/healthcheck":
                    self.send_error(500)
                    return
                body = json.dumps({"server": owner.name, "path": self.path, "headers": dict(self.headers)}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        class Threads(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                """Clients that hang up are part of the tests."""

        self.name = name
        self.hits = 0
        self.unhealthy = False
        self._server = Threads(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop listening, as a task that has died."""
        self._server.shutdown()
        self._server.server_close()


class Edge:
    """The HAProxy under test and the ways to ask it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.config = folder / "haproxy"
        self.master = folder / "master.sock"
        self.reloads = folder / "reloads"
        self.process: subprocess.Popen | None = None
        for name in ("clouds.d", "maps", "certs", "pairs", "state"):
            (self.config / name).mkdir(parents=True)
        (self.config / "maps" / "hosts.map").touch()
        self._write_base()
        self.reload_command = folder / "reload"

    def _write_base(self) -> None:
        names = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
        names.update(
            edge_site="aio",
            edge_address="127.0.0.1",
            edge_port=HTTPS_PORT,
            edge_drain_time="20s",
            _edge_config_dir=str(self.config),
            _edge_state_dir=str(self.config / "state"),
            _edge_admin_socket=str(self.folder / "admin.sock"),
            ansible_managed="managed",
        )
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, trim_blocks=True)
        environment.filters["comment"] = lambda text: "# " + text
        template = environment.from_string((ROLE / "templates/etc/haproxy/haproxy.cfg.j2").read_text())
        (self.config / "haproxy.cfg").write_text(template.render(names))

    def start(self) -> None:
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            ["/usr/sbin/haproxy", "-W", "-S", str(self.master), "-f", str(self.config / "haproxy.cfg")]
            + ["-f", str(self.config / "clouds.d")],
            stdout=log,
            stderr=log,
        )
        self.reload_command.write_text("#!/bin/sh\necho x >> %s\nkill -USR2 %d\n" % (self.reloads, self.process.pid))
        self.reload_command.chmod(0o755)
        wait(lambda: self.master.exists() and connects(HTTPS_PORT), "HAProxy listens")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)

    def reload_count(self) -> int:
        return self.reloads.read_text().count("x") if self.reloads.exists() else 0

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def certificate(self, cloud: str) -> None:
        """Give a cloud a self-made certificate for ``*.<cloud>.aio.test``, in a pair as the role keeps it."""
        link = self.config / "pairs" / cloud
        folder = link.with_name(".%s.%s" % (cloud, os.urandom(8).hex()))
        folder.mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            + ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-days", "3"]
            + ["-subj", "/CN=" + cloud, "-addext", "subjectAltName=DNS:*.%s.aio.test" % cloud],
            check=True,
            capture_output=True,
        )
        (folder / "combined.pem").write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
        link.unlink(missing_ok=True)
        link.symlink_to(folder.name)
        served = self.config / "certs" / (cloud + ".pem")
        served.unlink(missing_ok=True)
        served.symlink_to("../pairs/%s/combined.pem" % cloud)

    def call(self, cloud: str, **options) -> dict:
        """Call the module edge against this HAProxy."""
        options.setdefault("address", "127.0.0.1")
        return module(
            "edge",
            cloud=cloud,
            config_dir=str(self.config),
            master_socket=str(self.master),
            reload_command=[str(self.reload_command)],
            **options,
        )

    def tree(self) -> dict[str, str]:
        """Content of every file of the configuration."""
        return {str(path): path.read_text() for path in sorted(self.config.rglob("*")) if path.is_file()}

    def connection(self, sni: str) -> http.client.HTTPConnection:
        """A TLS connection to the edge that asks for the name ``sni``."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        raw = socket.create_connection(("127.0.0.1", HTTPS_PORT), 5)
        client = http.client.HTTPConnection(sni, timeout=5)
        client.sock = context.wrap_socket(raw, server_hostname=sni)
        return client

    def get(self, sni: str, path: str = "/", **headers: str) -> tuple[int, str]:
        """(status, body) of one request on a connection of its own."""
        client = self.connection(sni)
        try:
            client.request("GET", path, headers=headers)
            answer = client.getresponse()
            return answer.status, answer.read().decode()
        finally:
            client.close()


def connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def wait(condition, what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long until " + what
        time.sleep(0.02)


def route(cloud: str, name: str = "keystone", **more) -> dict:
    """A route manifest."""
    row = {"name": name, "service": name, "port": "api", "protocol": "https"}
    row.update(host="%s.%s.aio.test" % (name, cloud), listen=HTTPS_PORT, **more)
    return row


def instance(cloud: str, port: int, service: str = "keystone", nonce: str = "a") -> dict:
    """A running instance."""
    task = "%s.%s.00000000.%s" % (cloud, service, nonce)
    return {"task": task, "service": service, "port": "api", "address": "127.0.0.1", "host_port": port}
