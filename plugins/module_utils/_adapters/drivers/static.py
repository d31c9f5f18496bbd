# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Driver ``static``: the machines are there. They are reached with the operator's own ssh and carry a mark file.

Nothing else on them is this driver's business, and destroying the site only takes the mark away.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ..._domain.errors import refuse
from ..._domain.nodes.model import NODE, READY, UNCLAIMED, UNREACHABLE, Action, Item, Mark, Thing, parse_mark
from .base import Access, Run, failure

MARK_FILE = "/etc/nextgen.cloud/site"
CONNECT_SECONDS = 10
SSH_FAILED = 255

_READ = "if [ -e {file} ]; then cat {file}; fi"
# ln refuses to replace: of two sites that claim at the same time, one gets the machine.
_CLAIM = (
    "set -eu; umask 022; mkdir -p {folder}; new=$(mktemp {folder}/.site.XXXXXX);"
    ' trap "rm -f $new" EXIT; cat > "$new"; chmod 0644 "$new"; ln "$new" {file}'
)
_RELEASE = 'set -eu; if [ "$(cat {file})" = "$(cat)" ]; then rm -f {file}; fi'


class StaticDriver:
    """``ssh_args`` go to every ssh call, such as a key to use. Other users than root need sudo without a password."""

    kind = "static"
    manages_access = False

    def __init__(self, site: Mapping[str, Any], mark: Mark, run: Run, *, ssh_args: Sequence[str]):
        self.mark = mark
        self._nodes: Mapping[str, Mapping[str, Any]] = site["nodes"]
        self._run = run
        self._ssh_args = tuple(ssh_args)

    def items(self) -> Sequence[Item]:
        return tuple(Item(NODE, node, node) for node in self._nodes)

    def observe(self) -> Sequence[Thing]:
        return tuple(self._observe(node) for node in self._nodes)

    def prepare(self) -> None:
        """There is nothing to make machines from."""

    def create(self, action: Action) -> None:
        raise refuse("NXC-NODE-0005", name=action.name, detail="no such machine")

    def claim(self, action: Action) -> None:
        rc, _out, err = self._on(action.node, _CLAIM, self.mark.to_line())
        if rc != 0 and self._observe(action.node).mark != self.mark:
            raise failure(["ssh", action.node, "claim"], err)

    def start(self, action: Action) -> None:
        raise refuse("NXC-NODE-0005", name=action.name, detail="it is not running")

    def repair(self, action: Action) -> None:
        """Marks are written whole; there is nothing half-made."""

    def destroy(self, action: Action) -> None:
        rc, _out, err = self._on(action.node, _RELEASE, self.mark.to_line())
        if rc != 0:
            raise failure(["ssh", action.node, "release"], err)

    def reach(self, node: str, public_key: str) -> Access:
        """Observing has reached it, and with keys that are not ours to manage."""
        return Access(True, ())

    def authorize(self, node: str, public_key: str) -> None:
        """The operator's own ssh is used."""

    def _observe(self, node: str) -> Thing:
        rc, out, err = self._on(node, _READ, None)
        if rc != 0:
            lines = err.strip().splitlines() or ["exit status %d" % rc]
            return Thing(NODE, node, UNREACHABLE, node=node, detail=lines[-1])
        if not out.strip():
            return Thing(NODE, node, UNCLAIMED, node=node)
        return Thing(NODE, node, READY, parse_mark(out), node=node)

    def _on(self, node: str, script: str, stdin: str | None) -> tuple[int, str, str]:
        row = self._nodes[node]
        ssh = row.get("ssh") or {}
        user, port = ssh.get("user", "root"), ssh.get("port", 22)
        command = "sh -c %s" % shlex.quote(script.format(file=MARK_FILE, folder=MARK_FILE.rpartition("/")[0]))
        argv = [
            *("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=%d" % CONNECT_SECONDS, "-p", str(port)),
            *self._ssh_args,
            "%s@%s" % (user, row["address"]),
            command if user == "root" else "sudo -n " + command,
        ]
        return self._run(argv, stdin)
