# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HAProxy on a node: its configuration folder, its check and its reload.

Layout below the folder (``/etc/haproxy``):
  haproxy.cfg        base configuration, of the role ``edge``
  clouds.d/X.cfg     the sections of cloud X
  maps/hosts.map     host name → backend, all clouds
  certs/X.pem        certificate, chain and key of cloud X, a link into its pair, pairs/X (see pair_directory.py)
  .loaded            digest of what HAProxy has loaded, so that an interrupted run is noticed by the next
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from .._domain.errors import refuse
from .kernel_lock import acquire
from .pair_directory import Access, Pair
from .whole_file import replace_file

LOCK_SECONDS = 60
RELOAD_SECONDS = 15
_OLD_WORKER = re.compile(r"^# old workers\n\d+\s+worker\s", re.MULTILINE)

# (argv) → (return code, stdout, stderr), as AnsibleModule.run_command
Run = Callable[[Sequence[str]], "tuple[int, str, str]"]


class Haproxy:
    """The files of one HAProxy and the two things that can be asked of it: check and reload."""

    def __init__(self, folder: str, run: Run, binary: str, reload_command: Sequence[str], master: str):
        self.folder = folder
        self._run = run
        self._binary = binary
        self._reload_command = list(reload_command)
        self._master = master
        self.clouds = os.path.join(folder, "clouds.d")
        self.map = os.path.join(folder, "maps", "hosts.map")
        self.base = os.path.join(folder, "haproxy.cfg")

    def fragment(self, cloud: str) -> str:
        """Path of a cloud's own file."""
        return os.path.join(self.clouds, cloud + ".cfg")

    def certificate(self, cloud: str) -> str:
        """Path of a cloud's certificate."""
        return os.path.join(self.folder, "certs", cloud + ".pem")

    def leftovers(self, cloud: str) -> list[str]:
        """What exists of a cloud's certificate: the file HAProxy reads and the pair it is of.

        Earlier releases kept the parts in ``keys``.
        """
        paths = (self.certificate(cloud), os.path.join(self.folder, "keys", cloud))
        pair = Pair(os.path.join(self.folder, "pairs", cloud), Access())
        return [path for path in paths if os.path.lexists(path)] + pair.leftovers()

    def missing(self) -> str:
        """The first thing that has to be there and is not, or an empty string."""
        if not shutil.which(self._binary):
            return self._binary
        return next((path for path in (self.base, self.clouds) if not os.path.exists(path)), "")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the only right to change the folder. The kernel drops the lock with the process."""
        lock = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if not acquire(lock, LOCK_SECONDS):
                raise refuse("NXC-EDGE-0006", seconds=LOCK_SECONDS)
            yield
        finally:
            os.close(lock)

    def check(self, cloud: str, text: str) -> None:
        """Let HAProxy read everything as it would be with ``text`` as the cloud's file; NXC-EDGE-0003 if it refuses."""
        with tempfile.TemporaryDirectory(prefix="nextgen-edge-") as stage:
            for name in os.listdir(self.clouds):
                if name.endswith(".cfg") and name != cloud + ".cfg":
                    os.symlink(os.path.join(self.clouds, name), os.path.join(stage, name))
            if text:
                replace(os.path.join(stage, cloud + ".cfg"), text)
            code, out, err = self._run([self._binary, "-c", "-f", self.base, "-f", stage])
        if code != 0:
            raise refuse("NXC-EDGE-0003", cloud=cloud, output=_alerts(out + err))

    def digest(self) -> str:
        """Digest of every file that HAProxy reads."""
        total = hashlib.sha256()
        for path in [self.base, self.map, *_files(self.clouds), *_files(os.path.join(self.folder, "certs"))]:
            total.update(("%s\0" % path).encode("utf-8"))
            total.update(hashlib.sha256(_bytes(path)).digest())
        return total.hexdigest()

    def is_loaded(self) -> bool:
        """Does HAProxy run with the files as they are now? True as long as nothing was ever changed here."""
        return read(self._stamp) in ("", self.digest() + "\n")

    def begin(self) -> None:
        """Say that files are about to change. If this run dies, the next one sees that a reload is due."""
        replace(self._stamp, "changing\n")

    @property
    def _stamp(self) -> str:
        return os.path.join(self.folder, ".loaded")

    def load(self, cloud: str) -> None:
        """Reload without dropping a connection and wait for the new worker; NXC-EDGE-0004 if there is none."""
        digest = self.digest()
        before = self._reloads()
        code, out, err = self._run(self._reload_command)
        output = (out + err).strip() if code != 0 else self._outcome(before)
        if output:
            raise refuse("NXC-EDGE-0004", cloud=cloud, output=output)
        replace(self._stamp, digest + "\n")

    def _outcome(self, before: tuple[int, int] | None) -> str:
        """Wait until the master has dealt with the reload; what went wrong, or an empty string."""
        deadline = time.monotonic() + RELOAD_SECONDS
        while time.monotonic() < deadline:
            now = self._reloads()
            if now is not None and now != before:
                return "the new process could not start" if now[1] else ""
            time.sleep(0.02)
        return "the master process did not answer within %d seconds" % RELOAD_SECONDS

    def drain(self, gone: Iterable[tuple[str, int]], seconds: float) -> None:
        """Wait up to ``seconds`` until no earlier process can lead a request to ``gone`` (address, port) any more.

        After a reload the former process goes on with its idle connections, as it knew the servers. Whoever ends
        a server after this has lost no request. Servers that do not answer anyway are not waited for.
        """
        if not any(_answers(server) for server in gone):
            return
        deadline = time.monotonic() + seconds
        while _OLD_WORKER.search(self._processes()) and time.monotonic() < deadline:
            time.sleep(0.1)

    def _reloads(self) -> tuple[int, int] | None:
        """(reloads so far, how many failed since the last good one) from the master's socket, if it is there."""
        found = re.search(r"^\d+\s+master\s+(\d+) \[failed: (\d+)\]", self._processes(), re.MULTILINE)
        return (int(found.group(1)), int(found.group(2))) if found else None

    def _processes(self) -> str:
        """What the master tells of itself and its workers; empty if it does not answer."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(2)
                connection.connect(self._master)
                connection.sendall(b"show proc\n")
                connection.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: connection.recv(4096), b"")).decode("ascii", "replace")
        except OSError:
            return ""


def _answers(server: tuple[str, int]) -> bool:
    try:
        socket.create_connection(server, 1).close()
    except OSError:
        return False
    return True


def _files(folder: str) -> list[str]:
    """The files of a folder in the order HAProxy reads them, without hidden ones."""
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    return [os.path.join(folder, name) for name in names if not name.startswith(".")]


def _alerts(output: str) -> str:
    """HAProxy's errors without its notices."""
    lines = [line for line in output.splitlines() if "[ALERT]" in line]
    return " ".join(lines or output.split("\n")).strip()


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return b""


def read(path: str) -> str:
    """Text of a file, empty when it is not there."""
    return _bytes(path).decode("utf-8")


def replace(path: str, text: str) -> None:
    """Put a file in place atomically, readable by all (no secret is ever in it); an empty text removes it."""
    if not text:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return
    # What is beside it for a moment is hidden, and HAProxy reads no hidden files.
    replace_file(path, text, 0o644)


def remove(path: str) -> None:
    """Take a file or a folder away."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)
