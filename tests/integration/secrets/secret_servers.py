# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that hold secrets, as processes on loopback, each with settings for a backend that uses it.

``settings``: the site's ``secrets`` part; ``requests()``: what was asked so far, as "METHOD path"; ``many``: more
entries than go into a page, a transaction and a few requests.
"""

from __future__ import annotations

import base64
import json
import secrets
import signal
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from mesos_cluster import LOOPBACK, ROOT, Daemon, free_port, until

HERE = Path(__file__).resolve().parent
BARBICAN = ROOT / ".cache" / "barbican" / "bin" / "python"
PREFIX = "nextgen/test"


def private(path: Path, text: str) -> str:
    """Write a file with a credential; its path."""
    path.write_text(text + "\n")
    path.chmod(0o600)
    return str(path)


def tls_pair(folder: Path) -> tuple[str, str]:
    """(certificate, key) for 127.0.0.1, which is its own authority."""
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, *names, "-out", certificate, "-keyout", key], check=True, capture_output=True)
    return certificate, key


class Server:
    """A process; subclasses say which, when it answers, and how a backend reaches it."""

    kind = ""
    many = 120

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.url = "http://%s:%d" % (LOOPBACK, self.port)
        self.daemon = Daemon(self.kind, self.command(), folder / ("%s.log" % self.kind))

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        self.request("GET", "/_test/requests")
        return True

    def start(self):
        self.daemon.start()
        until(self.answers, 60, "%s: %s" % (self.kind, self.daemon.log))
        return self

    def stop(self) -> None:
        self.daemon.kill(signal.SIGKILL)

    def requests(self) -> list[str]:
        return self.request("GET", "/_test/requests")

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        context = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None
        with urllib.request.urlopen(request, timeout=10, context=context) as response:
            return json.loads(response.read() or b"null")

    ca_file = ""


class Kv2(Server):
    """The KV-v2 server of this folder; ``tls``: with a certificate of its own."""

    kind = "kv2"

    def __init__(self, folder: Path, tls: bool = False):
        self.role_id, self.secret_id, self.root_token = "nextgen", secrets.token_hex(16), secrets.token_hex(16)
        self.pair = tls_pair(folder) if tls else None
        super().__init__(folder)
        if self.pair:
            self.url, self.ca_file = "https://%s:%d" % (LOOPBACK, self.port), self.pair[0]

    def command(self) -> list[str]:
        settings = {"port": self.port, "mount": "secret", "role_id": self.role_id, "secret_id": self.secret_id}
        settings["root_token"] = self.root_token
        if self.pair:
            settings.update(certificate=self.pair[0], private_key=self.pair[1])
        return [sys.executable, str(HERE / "kv2_server.py"), private(self.folder / "kv2.json", json.dumps(settings))]

    @property
    def settings(self) -> dict[str, Any]:
        file = private(self.folder / "secret-id", self.secret_id)
        login = {"method": "approle", "mount": "approle", "role_id": self.role_id, "secret_id_file": file}
        found = {"backend": "kv2", "url": self.url, "mount": "secret", "prefix": PREFIX, "auth": login}
        return {**found, "ca_file": self.ca_file} if self.ca_file else found

    @property
    def token_settings(self) -> dict[str, Any]:
        login = {"method": "token", "token_file": private(self.folder / "token", self.root_token)}
        return {**self.settings, "auth": login}


class Etcd(Server):
    """Debian's etcd with authentication: the user nextgen has rights below the prefix only."""

    kind = "etcd"
    many = 620

    def __init__(self, folder: Path, tls: bool = False):
        self.password, self.root_password = secrets.token_hex(16), secrets.token_hex(16)
        self.pair = tls_pair(folder) if tls else None
        self.token = ""
        super().__init__(folder)

    def command(self) -> list[str]:
        if self.pair:
            self.url, self.ca_file = "https://%s:%d" % (LOOPBACK, self.port), self.pair[0]
        peer = "http://%s:%d" % (LOOPBACK, free_port())
        options = ["--data-dir", str(self.folder / "etcd"), "--unsafe-no-fsync", "--logger", "zap"]
        options += ["--listen-client-urls", self.url, "--advertise-client-urls", self.url]
        options += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
        options += ["--initial-cluster", "default=" + peer]
        if self.pair:
            options += ["--cert-file", self.pair[0], "--key-file", self.pair[1]]
        return ["/usr/bin/etcd", *options]

    def answers(self) -> bool:
        return self.request("GET", "/health")["health"] == "true"

    def call(self, path: str, **body: Any) -> Any:
        headers = {"Authorization": self.token} if self.token else {}
        return self.request("POST", "/v3/" + path, body, headers)

    def start(self):
        super().start()
        if self.token:
            return self
        key, end = (base64.b64encode((PREFIX + sign).encode()).decode() for sign in "/0")
        for user, password in (("root", self.root_password), ("nextgen", self.password)):
            self.call("auth/user/add", name=user, password=password)
            self.call("auth/role/add", name=user)
            self.call("auth/user/grant", user=user, role=user)
        self.call("auth/role/grant", name="nextgen", perm={"permType": "READWRITE", "key": key, "range_end": end})
        self.call("auth/enable")
        self.token = self.call("auth/authenticate", name="root", password=self.root_password)["token"]
        return self

    def requests(self) -> list[str]:
        """etcd counts what it handles, and tells nobody who asked: one row per counted call."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=10) as response:
            lines = response.read().decode().splitlines()
        rows = []
        for line in lines:
            if line.startswith("grpc_server_handled_total") and 'grpc_code="OK"' in line:
                name = line.split('grpc_method="')[1].split('"')[0]
                rows += [name] * int(float(line.rsplit(" ", 1)[1]))
        return rows

    @property
    def settings(self) -> dict[str, Any]:
        file = private(self.folder / "password", self.password)
        found = {"backend": "etcd", "endpoints": [self.url], "prefix": PREFIX, "user": "nextgen", "password_file": file}
        return {**found, "ca_file": self.ca_file} if self.ca_file else found


class Barbican(Server):
    """OpenStack's Barbican with SQLite, behind a Keystone that knows one user."""

    kind = "barbican"
    many = 25

    def __init__(self, folder: Path):
        self.password = secrets.token_hex(16)
        super().__init__(folder)

    def command(self) -> list[str]:
        file = private(self.folder / "keystone-password", self.password)
        return [str(BARBICAN), str(HERE / "barbican_server.py"), str(self.folder), str(self.port), file]

    def clouds(self, name: str = "clouds.json", **more: Any) -> str:
        """A clouds.yaml (JSON is YAML) with the cloud ``production``; its path."""
        login = {"auth_url": self.url + "/v3", "username": "nextgen", "password": self.password}
        login.update(project_name="nextgen", user_domain_name="Default", project_domain_name="Default")
        cloud = {"auth_type": "v3password", "auth": login, "region_name": "one", **more}
        return private(self.folder / name, json.dumps({"clouds": {"production": cloud}}))

    def headers(self) -> dict[str, str]:
        """Those of a request that is logged in."""
        user = {"name": "nextgen", "password": self.password, "domain": {"name": "Default"}}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
        request = urllib.request.Request(self.url + "/v3/auth/tokens", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as response:
            token = response.headers["X-Subject-Token"]
        return {"X-Auth-Token": token, "Content-Type": "application/json"}

    @property
    def settings(self) -> dict[str, Any]:
        return {"backend": "barbican", "cloud": "production", "clouds_file": self.clouds(), "prefix": PREFIX}


SERVERS = {"kv2": Kv2, "etcd": Etcd, "barbican": Barbican}
