# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets as other tools keep them, read as ``{name: text, key pair or None}``.

Messages never quote what was read: a YAML error would show the lines around it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import AnsibleVaultError, EncryptedString, is_encrypted
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse

KINDS = ("ansible_vault", "debops", "kolla")
LARGEST = 65536
# What the lookup 'password' writes behind a password that was also asked for as a hash.
_SALT = re.compile(r"\A(\S+) salt=\S+(?: ident=\S+)?\Z")
_LOCK = ".ansible_lockfile"


def read_source(kind: str, path: str, loader: DataLoader) -> dict[str, Any]:
    """All there is in a source. ``loader`` has the vault passwords of the run.

    ``ansible_vault``: a YAML file, encrypted in whole or in parts; names of nested keys are joined by dots.
    ``kolla``: the same with names that may be key pairs. ``debops``: a folder; names are paths of files in it.
    """
    if kind == "debops":
        return dict(_files(path, loader))
    data = _yaml(path, loader)
    if not isinstance(data, Mapping):
        raise refuse("NXC-SECR-0086", path=path, reason="it is not a mapping of names to values")
    return dict(_flat("", data))


def _yaml(path: str, loader: DataLoader) -> Any:
    try:
        return loader.load_from_file(path, cache="none")
    except (AnsibleError, OSError, ValueError) as error:
        reason = _reason(path, error)
    # Not in the handler: what Ansible says about the cause would show parts of the file.
    raise refuse("NXC-SECR-0086", path=path, reason=reason)


def _reason(path: str, error: Exception) -> str:
    if not os.path.isfile(path):
        return "there is no such file"
    if isinstance(error, AnsibleVaultError) or isinstance(error.__cause__, AnsibleVaultError):
        return "it is encrypted with a password that was not given"
    return "it is not YAML that Ansible reads"


def _flat(prefix: str, data: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        name = "%s%s" % (prefix, key)
        if isinstance(value, Mapping) and "private_key" in value:
            yield name, {str(part): _plain(name, value[part]) for part in value}
        elif isinstance(value, Mapping):
            yield from _flat(name + ".", value)
        elif isinstance(value, list):
            yield from _flat(name + ".", dict(enumerate(value)))
        else:
            yield name, _plain(name, value)


def _plain(name: str, value: Any) -> str | None:
    """Text without Ansible's tags, decrypted; None for what is not text."""
    if not isinstance(value, (str, EncryptedString)):
        return None
    try:
        return "".join(str(value))
    except AnsibleError:
        pass
    raise refuse("NXC-SECR-0086", path=name, reason="it is encrypted with a password that was not given")


def _files(folder: str, loader: DataLoader) -> Iterator[tuple[str, str | None]]:
    if not os.path.isdir(folder):
        raise refuse("NXC-SECR-0086", path=folder, reason="there is no such folder")
    for place, _folders, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(place, name)
            if not name.endswith(_LOCK):
                yield os.path.relpath(path, folder), _text(path, loader)


def _text(path: str, loader: DataLoader) -> str | None:
    """What is in a file, without the line end of a single line and what stands behind a password."""
    if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > LARGEST:
        return None
    try:
        text = _decrypted(path, loader).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if text.count("\n") > 1:
        return text
    line = text.rstrip("\n")
    salted = _SALT.match(line)
    return (salted.group(1) if salted else line) or None


def _decrypted(path: str, loader: DataLoader) -> bytes:
    try:
        with open(path, "rb") as stream:
            content = stream.read()
        if not is_encrypted(content):
            return content
        return loader.get_text_file_contents(path).encode("utf-8")
    except OSError as error:
        reason = error.strerror or "no right to read it"
    except AnsibleError:
        reason = "it is encrypted with a password that was not given"
    raise refuse("NXC-SECR-0086", path=path, reason=reason)
