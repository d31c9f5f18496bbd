# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the password of a site's store comes from: as with ansible-vault, with a generated file as the default.

1. the vault id ``nextgen``, if ansible was given one: ``--vault-id nextgen@prompt`` (or a file or a program);
2. ``password_file``; an executable one is run and prints the password;
3. ``${XDG_CONFIG_HOME:-~/.config}/nextgen.cloud/passwords/<store id>``, generated with the store.
"""

from __future__ import annotations

import base64
import contextlib
import os
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.vault import PromptVaultSecret, get_file_vault_secret
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.whole_file import sync_folder
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse

VAULT_ID = "nextgen"
NEW_VAULT_ID = "nextgen-new"
PLACES = (
    "It comes from the vault id nextgen (--vault-id nextgen@prompt), from password_file (nextgen_secrets_password_file "
    "or NEXTGEN_SECRETS_PASSWORD_FILE), or from %s."
)


@dataclass(frozen=True)
class Password:
    """The bytes, where they come from (for messages), and whether they are 32 random bytes that we made."""

    value: bytes
    source: str
    generated: bool

    def __repr__(self) -> str:
        return "Password(source=%r)" % self.source


class PasswordSource:
    """``loader`` is Ansible's DataLoader, which knows the vault secrets of the run, among them that of ``vault_id``."""

    def __init__(self, loader: Any = None, password_file: str | None = None, vault_id: str = VAULT_ID):
        self._loader = loader
        self._file = password_file
        self._vault_id = vault_id

    def find(self, store_id: str, store: str) -> Password:
        """The password of a store that exists; NXC-SECR-0018 when there is none."""
        given = self._given()
        if given:
            return given
        path = default_file(store_id)
        try:
            with open(path, "rb") as stream:
                value = stream.read().strip()
        except FileNotFoundError:
            value = b""
        except OSError as error:
            raise refuse("NXC-SECR-0023", source=path, reason=error.strerror) from None
        if not value:
            raise refuse("NXC-SECR-0018", store=store, places=PLACES % path)
        return Password(value, path, True)

    def make(self, store_id: str) -> Password:
        """The password for a new store: the given one, or a generated one that is on disk when this returns."""
        given = self._given()
        if given:
            return given
        path = default_file(store_id)
        value = base64.urlsafe_b64encode(os.urandom(32))
        try:
            _make_folder(os.path.dirname(path))
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(value + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            sync_folder(os.path.dirname(path))
        except OSError as error:
            raise refuse("NXC-SECR-0023", source=path, reason=error.strerror) from None
        return Password(value, path, True)

    def check_typed(self) -> None:
        """NXC-SECR-0028 for a password that was typed once or in two ways: nobody might open what it closes."""
        typed = [
            bytes(secret.bytes)
            for vault_id, secret in self._vault_secrets()
            if vault_id == self._vault_id and isinstance(secret, PromptVaultSecret)
        ]
        if len(typed) == 1 or len(set(typed)) > 1:
            raise refuse("NXC-SECR-0028", id=self._vault_id, how="once" if len(typed) == 1 else "in different ways")

    def _given(self) -> Password | None:
        for vault_id, secret in self._vault_secrets():
            if vault_id == self._vault_id:
                return Password(bytes(secret.bytes), "the vault id %s" % vault_id, False)
        return self._from_file(os.path.expanduser(self._file)) if self._file else None

    def _vault_secrets(self) -> list[tuple[str, Any]]:
        vault = getattr(self._loader, "_vault", None)
        return list(getattr(vault, "secrets", None) or ())

    def _from_file(self, path: str) -> Password:
        try:
            secret = get_file_vault_secret(filename=path, vault_id=self._vault_id, loader=self._loader)
            secret.load()
            return Password(bytes(secret.bytes), path, False)
        except (AnsibleError, OSError) as error:
            raise refuse("NXC-SECR-0023", source=path, reason=str(error)) from None


def default_file(store_id: str) -> str:
    """Path of the generated password of a store."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(home, "nextgen.cloud", "passwords", store_id)


def _make_folder(path: str) -> None:
    """``passwords`` and the folder above it are for the owner alone."""
    os.makedirs(os.path.dirname(os.path.dirname(path)), mode=0o700, exist_ok=True)
    for folder in (os.path.dirname(path), path):
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
