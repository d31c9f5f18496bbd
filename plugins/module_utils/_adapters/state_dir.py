# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nodes' part of the state directory: the site's id, the ssh key, known_hosts, engine settings.

Layout, all of it 0700 and kept out of version control by its own ``.gitignore``::

    site-id  ssh/id_ed25519  ssh/id_ed25519.pub  ssh/known_hosts  podman/containers.conf  podman/making/
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator

from .._domain.errors import refuse
from .._domain.nodes.model import Mark
from .drivers.base import Run
from .whole_file import read_text, replace_file

ID_BYTES = 8
FILE_MODE = 0o600


class StateDir:
    """Reads at any time; writing methods want ``with state.locked():`` around them."""

    def __init__(self, path: str, site: str, run: Run):
        self.path = os.path.abspath(path)
        self._site = site
        self._run = run
        self._ssh = os.path.join(self.path, "ssh")
        self.key_path = os.path.join(self._ssh, "id_ed25519")
        self.known_hosts_path = os.path.join(self._ssh, "known_hosts")
        self.engine_settings_path = os.path.join(self.path, "podman", "containers.conf")
        self.journal_path = os.path.join(self.path, "podman", "making")
        self._mark_path = os.path.join(self.path, "site-id")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One run at a time works on the nodes of a site; the kernel drops the lock of a run that is killed."""
        os.makedirs(self.path, mode=0o700, exist_ok=True)
        with open(os.path.join(self.path, ".nodes.lock"), "w", encoding="ascii") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def make(self) -> None:
        """The directories, for the owner alone."""
        for folder in (self.path, self._ssh, os.path.dirname(self.engine_settings_path)):
            os.makedirs(folder, mode=0o700, exist_ok=True)
        os.chmod(self.path, 0o700)
        ignore = os.path.join(self.path, ".gitignore")
        if not os.path.exists(ignore):
            replace_file(ignore, "*\n", FILE_MODE)

    def mark(self) -> Mark:
        """The mark kept here; one with a new id when there is none (``keep_mark`` makes it last)."""
        return Mark(self._site, (read_text(self._mark_path) or "").strip() or os.urandom(ID_BYTES).hex())

    def keep_mark(self, mark: Mark) -> None:
        """Write the id before anything is made that carries it."""
        if read_text(self._mark_path) != mark.id + "\n":
            replace_file(self._mark_path, mark.id + "\n", FILE_MODE)

    def keep_engine_settings(self, text: str) -> str:
        """Write the settings if they differ; return their path."""
        if read_text(self.engine_settings_path) != text:
            replace_file(self.engine_settings_path, text, FILE_MODE)
        return self.engine_settings_path

    def key(self, *, write: bool) -> tuple[str, bool]:
        """The public key, and whether the pair is made by this call (or has to be: then without ``write`` it is '').

        The private half alone counts: it appears whole by a rename, and the public half follows from it.
        """
        made = not os.path.exists(self.key_path)
        if made and write:
            self._generate()
        elif made:
            return "", True
        rc, out, err = self._run(("ssh-keygen", "-y", "-P", "", "-f", self.key_path), None)
        if rc != 0:
            raise refuse("NXC-NODE-0016", path=self.key_path, detail=(err.strip().splitlines() or ["unknown"])[-1])
        public_key = "%s nextgen-%s" % (" ".join(out.split()[:2]), self._site)
        if write and read_text(self.key_path + ".pub") != public_key + "\n":
            replace_file(self.key_path + ".pub", public_key + "\n", 0o644)
        return public_key, made

    def _generate(self) -> None:
        workshop = os.path.join(self._ssh, ".new")
        shutil.rmtree(workshop, ignore_errors=True)
        os.mkdir(workshop, 0o700)
        fresh = os.path.join(workshop, "key")
        argv = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "nextgen-%s" % self._site, "-f", fresh)
        rc, _out, err = self._run(argv, None)
        if rc != 0:
            raise refuse("NXC-NODE-0014", command="ssh-keygen", detail=err.strip())
        os.chmod(fresh, FILE_MODE)
        os.replace(fresh, self.key_path)
        shutil.rmtree(workshop)

    def known_hosts(self) -> str | None:
        """What is known; None without a file."""
        return read_text(self.known_hosts_path)

    def write_known_hosts(self, text: str) -> None:
        """Replace the file whole."""
        replace_file(self.known_hosts_path, text, FILE_MODE)

    def forget_known_hosts(self) -> None:
        """Remove the file."""
        os.unlink(self.known_hosts_path)
