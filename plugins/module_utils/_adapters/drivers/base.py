# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every driver offers. ``podman`` and ``static`` are two; others fit behind the same few methods.

A driver does single steps and decides nothing: the plan (``_domain/nodes/plan.py``) says
which steps, and every step may be repeated after an interruption.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Optional, Protocol

from ..._domain.errors import CloudError, refuse
from ..._domain.nodes.model import Action, Item, Mark, Thing

# argv, standard input -> exit status, standard output, standard error
Run = Callable[[Sequence[str], Optional[str]], tuple[int, str, str]]

BANNER_SECONDS = 3


class Access(NamedTuple):
    """How a ready node can be entered: does it take our key, and which host keys does it show."""

    authorized: bool
    host_keys: tuple[str, ...]


class Driver(Protocol):
    """One way to have machines. ``site`` below is the normalized site."""

    kind: str
    mark: Mark
    manages_access: bool  # makes the key pair work and tells host keys; else the operator's own ssh does

    def items(self) -> Sequence[Item]:
        """The wanted things, in the order of their making."""

    def observe(self) -> Sequence[Thing]:
        """All things that have a wanted name or the site's name in their mark, and what they must not clash with."""

    def prepare(self) -> None:
        """Refuse if new machines cannot be made here at all."""

    def create(self, action: Action) -> None:
        """Make the missing thing, with the mark."""

    def claim(self, action: Action) -> None:
        """Put the mark on a machine that has none."""

    def start(self, action: Action) -> None:
        """Start the machine."""

    def repair(self, action: Action) -> None:
        """Remove what an interrupted step left of the thing and make it anew."""

    def destroy(self, action: Action) -> None:
        """Remove the thing, or only the mark when the machine was there before the site."""

    def reach(self, node: str, public_key: str) -> Access:
        """Wait until the node is up and answers by ssh; ``public_key`` is the one to look for."""

    def authorize(self, node: str, public_key: str) -> None:
        """Let the holder of the key in."""


def wait_for(
    check: Callable[[], tuple[Any, str]], seconds: float, refusal: Callable[[str], CloudError], pause: float = 0.1
) -> Any:
    """Repeat ``check`` until its first result is not None. Its second says what is still missing."""
    deadline = time.monotonic() + seconds
    while True:
        result, missing = check()
        if result is not None:
            return result
        if time.monotonic() >= deadline:
            raise refusal(missing)
        time.sleep(pause)


def answers_ssh(address: str, port: int) -> bool:
    """An SSH server greets us on the address."""
    try:
        with socket.create_connection((address, port), timeout=BANNER_SECONDS) as connection:
            connection.settimeout(BANNER_SECONDS)
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def failure(argv: Sequence[str], err: str) -> CloudError:
    """The refusal for a command that failed: its first words and the last line it said."""
    lines = [line for line in err.strip().splitlines() if line] or ["no message"]
    return refuse("NXC-NODE-0014", command=" ".join(argv[:4]), detail=lines[-1])
