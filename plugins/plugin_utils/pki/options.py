# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of a certificate plugin to the keys of a site's authorities."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.connect import (
    asked_by,
    connect,
    fill,
    plain,
    state_dir_of,
)

from .store_keys import StoreKeys


@dataclass(frozen=True)
class KeyOpener:
    """Opens the keys of a site's authorities when it is called, and not before: that may need a password.

    ``where`` is what the audit log names as the origin of changes.
    """

    state_dir: str
    options: Mapping[str, t.Any]
    loader: t.Any
    now: int
    where: str

    def __call__(self) -> StoreKeys:
        backend, state_dir = connect(self.options, self.loader)
        return StoreKeys(backend, AuditLog(state_dir, self.where), self.now)


def key_opener(action: t.Any, params: Mapping[str, t.Any], variables: Mapping[str, t.Any], now: int) -> KeyOpener:
    """From a task's options, and variables of the site where those are not given."""
    options = plain(fill(params, variables, action._templar.template))  # pylint: disable=protected-access
    where = asked_by(action._task, variables)  # pylint: disable=protected-access
    return KeyOpener(state_dir_of(options), options, action._loader, now, where)  # pylint: disable=protected-access
