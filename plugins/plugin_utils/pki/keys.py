# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the private keys of authorities are: behind four verbs, so that this side needs no store to be tested."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping

from .signing import new_key


class Keys(t.Protocol):
    """Private keys as PKCS8 PEM by path, such as ``pki/site``."""

    def read(self, paths: Iterable[str]) -> dict[str, str]:
        """Those that there are."""

    def make(self, paths: Iterable[str]) -> dict[str, str]:
        """All of them; the missing ones are made and kept first."""

    def put(self, keys: Mapping[str, str]) -> None:
        """Keep keys that were brought."""

    def remove(self, paths: Iterable[str]) -> None:
        """Forget keys; those that are not there are no problem."""


class Rehearsal:
    """Keys for check mode: reads the real ones, and keeps nothing."""

    def __init__(self, keys: Keys):
        self._keys = keys
        self._made: dict[str, str] = {}

    def read(self, paths: Iterable[str]) -> dict[str, str]:
        """The real ones and those of this rehearsal."""
        wanted = list(paths)
        found = self._keys.read(wanted)
        found.update({path: self._made[path] for path in wanted if path in self._made})
        return found

    def make(self, paths: Iterable[str]) -> dict[str, str]:
        """The real ones; the missing ones for this rehearsal only."""
        wanted = list(paths)
        found = self.read(wanted)
        self._made.update({path: new_key() for path in wanted if path not in found})
        return self.read(wanted)

    def put(self, keys: Mapping[str, str]) -> None:
        """Take them for this rehearsal."""
        self._made.update(keys)

    def remove(self, paths: Iterable[str]) -> None:
        """Nothing goes."""
