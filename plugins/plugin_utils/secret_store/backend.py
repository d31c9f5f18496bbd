# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every place that can hold the secrets of a site offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry


@dataclass(frozen=True)
class Stored:
    """An entry as it was read. ``token`` is the backend's mark of this state: a version, a revision, a digest."""

    entry: Entry
    token: str


class Conflict(Exception):
    """A path is not as it was seen: another writer was faster. Nothing of the refused change was written to it."""

    def __init__(self, path: str):
        super().__init__(path)
        self.path = path


class Backend(Protocol):
    """Reads and writes entries by path. Errors are ``CloudError`` with codes, except ``Conflict``."""

    identity: str
    """For caches and messages; holds no credentials."""

    def read(self, paths: Iterable[str] | None) -> dict[str, Stored]:
        """The entries of these paths that exist; of all paths for None."""

    def write(self, changes: Mapping[str, Entry | None], seen: Mapping[str, Stored]) -> None:
        """Put or (None) remove entries. ``seen`` is what the decision was made from; a path in ``changes`` that is
        not in it must not exist. Raises ``Conflict`` when a path of ``changes`` differs from ``seen``."""
