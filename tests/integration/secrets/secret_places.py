# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Empty places for secrets, as the suite that all backends pass sees them.

``settings``: for ``open_backend``; ``plant``: something at a path that is no entry; ``fail``: make it fail;
``heal``: undo that. ``unreadable`` and ``failing`` are the codes that these two lead to. ``many``: entries enough for
several pages and transactions.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.open import open_backend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource
from secret_harness import COLLECTIONS, ROOT
from secret_servers import Server

HERE = Path(__file__).resolve().parent


class Place:
    """What is common: state directory and password file, which only the file store needs."""

    settings: dict
    many = 120

    def __init__(self, folder: Path):
        self.state_dir = folder / "state"
        self.password_file = folder / "store-password"
        self.password_file.write_text("correct horse battery staple\n")

    def open(self):
        return open_backend(self.settings, str(self.state_dir), PasswordSource(DataLoader(), str(self.password_file)))

    def writer(self, *words: str) -> subprocess.Popen:
        """Another process with a backend of its own (``secret_writer.py``)."""
        given = {"settings": self.settings, "state_dir": str(self.state_dir), "password_file": str(self.password_file)}
        environment = {**os.environ, "PYTHONPATH": "%s:%s" % (COLLECTIONS, ROOT / "tests" / "integration" / "secrets")}
        command = [sys.executable, str(HERE / "secret_writer.py"), json.dumps(given), *words]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class FilePlace(Place):
    """The encrypted file."""

    settings = {"backend": "file"}
    unreadable, failing = "NXC-SECR-0017", "NXC-SECR-0002"

    @property
    def _store(self) -> Path:
        return self.state_dir / "secrets" / "store.json"

    def plant(self, path: str, text: str) -> None:
        """An entry that was moved from another path is none."""
        document = json.loads(self._store.read_text())
        rows = document["entries"]
        rows[path] = next(iter(rows.values()))
        self._store.write_text(json.dumps(document))

    def fail(self) -> None:
        self._store.rename(self._store.with_suffix(".away"))
        self._store.mkdir()

    def heal(self) -> None:
        self._store.rmdir()
        self._store.with_suffix(".away").rename(self._store)


class ServerPlace(Place):
    """A prefix of its own on a server."""

    unreadable, failing = "NXC-SECR-0045", "NXC-SECR-0040"

    def __init__(self, server: Server, folder: Path):
        super().__init__(folder)
        self.server = server
        self.many = server.many
        settings = server.settings
        self.settings = {**settings, "prefix": "%s/%s" % (settings["prefix"], uuid.uuid4().hex)}

    def plant(self, path: str, text: str) -> None:
        """Something that others wrote below the prefix."""
        getattr(self, "_plant_%s" % self.server.kind)("%s/%s" % (self.settings["prefix"], path), text)

    def _plant_kv2(self, key: str, text: str) -> None:
        headers = {"X-Vault-Token": self.server.root_token}
        self.server.request("POST", "/v1/secret/data/" + key, {"data": {"password": text}}, headers)

    def _plant_etcd(self, key: str, text: str) -> None:
        pair = {name: base64.b64encode(part.encode()).decode() for name, part in (("key", key), ("value", text))}
        self.server.call("kv/put", **pair)

    def _plant_barbican(self, key: str, text: str) -> None:
        body = {"name": key, "algorithm": "nextgen.cloud", "mode": "1", "payload": text}
        body["payload_content_type"] = "text/plain"
        self.server.request("POST", "/v1/secrets", body, self.server.headers())

    def fail(self) -> None:
        self.server.stop()

    def heal(self) -> None:
        self.server.start()
