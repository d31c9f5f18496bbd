# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which driver a site asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._domain.errors import refuse
from ..._domain.nodes.model import Mark
from .base import Driver, Run
from .podman import PodmanDriver
from .static import StaticDriver

KINDS = (PodmanDriver.kind, StaticDriver.kind)


def select_driver(
    site: Mapping[str, Any],
    mark: Mark,
    run: Run,
    *,
    images: Mapping[str, str],
    journal: str,
    ssh_args: Sequence[str],
    timeout: float,
) -> Driver:
    """The driver that ``site["driver"]["kind"]`` names, ready to use."""
    kind = site["driver"]["kind"]
    if kind == PodmanDriver.kind:
        return PodmanDriver(site, mark, run, images=images, journal=journal, timeout=timeout)
    if kind == StaticDriver.kind:
        return StaticDriver(site, mark, run, ssh_args=ssh_args)
    raise refuse("NXC-NODE-0011", driver=kind, known=", ".join(KINDS))
