# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair on a node: key, certificate, both in one file, and the trust bundle, which change together or not at all.

``<path>`` is a symbolic link to ``.<name>.<version>`` beside it. A new version is written whole and synced under its
own name; then the link is renamed over the old one. Whoever opens the folder once reads files that belong together.
A key that waits for its certificate is in ``.<name>.next.pem``; the next run finds it there if this one is killed.
Many pairs go through these steps together, so that the disk is waited for once and not once per file.
"""

from __future__ import annotations

import contextlib
import ctypes
import grp
import hashlib
import os
import pwd
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .._domain.errors import refuse
from .kernel_lock import acquire
from .whole_file import replace_file

KEY, CERTIFICATE, COMBINED, BUNDLE = "key.pem", "cert.pem", "combined.pem", "ca.pem"
SECRET = (KEY, COMBINED)
LOCK_SECONDS = 60
# Up to so many pairs each file is synced by itself; above, a sync of the whole file system is the shorter wait.
FEW = 4


@dataclass(frozen=True)
class Access:
    """Who may read the key: names of owner and group (empty: those of this process) and the mode of its files."""

    owner: str = ""
    group: str = ""
    mode: int = 0o600

    def ids(self, name: str) -> tuple[int, int]:
        """Numbers of owner and group; NXC-PKI-0018 if the node does not know them."""
        try:
            uid = pwd.getpwnam(self.owner).pw_uid if self.owner else os.geteuid()
        except KeyError:
            raise refuse("NXC-PKI-0018", name=self.owner, certificate=name) from None
        try:
            return uid, grp.getgrnam(self.group).gr_gid if self.group else os.getegid()
        except KeyError:
            raise refuse("NXC-PKI-0018", name=self.group, certificate=name) from None


class Pair:
    """The pair at ``path``. Reads at any time; writing methods want ``locked(folder)`` around them."""

    def __init__(self, path: str, access: Access):
        self.path = path
        self.access = access
        self.folder, self.name = os.path.split(path)
        self._next = os.path.join(self.folder, ".%s.next.pem" % self.name)

    def read(self) -> dict[str, bytes]:
        """Content by file name; empty if there is no pair. NXC-PKI-0014 if something else is there."""
        if not os.path.lexists(self.path):
            return {}
        if not os.path.islink(self.path):
            raise refuse("NXC-PKI-0014", path=self.path, found="it is no symbolic link")
        found = {}
        for name in (KEY, CERTIFICATE, COMBINED, BUNDLE):
            with contextlib.suppress(FileNotFoundError), open(os.path.join(self.path, name), "rb") as stream:
                found[name] = stream.read()
        return found

    def is_kept(self, files: dict[str, bytes], bundle: bytes) -> bool:
        """Is everything but the certificate as it has to be: combined file, bundle, owners and modes."""
        whole = files.get(COMBINED) == files.get(KEY, b"") + files.get(CERTIFICATE, b"")
        return whole and files.get(BUNDLE) == bundle and self._access_is_right()

    def _access_is_right(self) -> bool:
        uid, gid = self.access.ids(self.name)
        for name in (KEY, CERTIFICATE, COMBINED, BUNDLE):
            status = os.stat(os.path.join(self.path, name))
            mode = self.access.mode if name in SECRET else 0o644
            if (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) != (uid, gid, mode):
                return False
        return True

    def waiting_key(self) -> bytes | None:
        """The key of a request that has no certificate yet."""
        try:
            with open(self._next, "rb") as stream:
                return stream.read()
        except FileNotFoundError:
            return None

    def keep_waiting(self, key: bytes) -> None:
        """Put a new key aside until its certificate comes."""
        candidate = self._next + ".new"
        # Not synced: one that a crash of the machine loses is made again.
        _write(candidate, key, os.geteuid(), os.getegid(), 0o600)
        os.rename(candidate, self._next)

    def install(self, key: bytes, certificate: bytes, bundle: bytes) -> None:
        """Make these the pair. They have been found to belong together."""
        install_pairs([(self, key, certificate, bundle)])

    def prepare(self, key: bytes, certificate: bytes, bundle: bytes) -> str:
        """Write a new version beside the pair, not synced yet; the path of its folder."""
        uid, gid = self.access.ids(self.name)
        files = {KEY: key, CERTIFICATE: certificate, COMBINED: key + certificate, BUNDLE: bundle}
        version = os.path.join(self.folder, ".%s.%s" % (self.name, self._version(files)))
        # One of this name is left from a run that was killed, or is in use and damaged: it is made anew beside it.
        if os.path.lexists(version):
            version += "x" if os.path.realpath(self.path) == os.path.realpath(version) else ""
            shutil.rmtree(version, ignore_errors=True)
        os.mkdir(version, 0o700)
        for name, content in files.items():
            mode = self.access.mode if name in SECRET else 0o644
            _write(os.path.join(version, name), content, uid, gid, mode)
        os.chmod(version, 0o755)
        return version

    def _version(self, files: dict[str, bytes]) -> str:
        total = hashlib.sha256(("%s %s %o" % (self.access.owner, self.access.group, self.access.mode)).encode())
        for name in (CERTIFICATE, BUNDLE):
            total.update(files[name])
        return total.hexdigest()[:16]

    def switch(self, version: str) -> None:
        """Make a version that was prepared and synced the one that is in use."""
        candidate = os.path.join(self.folder, ".%s.link" % self.name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(candidate)
        os.symlink(os.path.basename(version), candidate)
        os.rename(candidate, self.path)

    def tidy(self, kept: str, versions: Iterable[str]) -> None:
        """Take away all ``versions`` but the one ``kept``, and the key that waited for it."""
        for entry in versions:
            if entry != os.path.basename(kept):
                shutil.rmtree(os.path.join(self.folder, entry), ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._next)

    def leftovers(self) -> list[str]:
        """Everything there is of the pair, as paths."""
        own = [self.path, self._next, self._next + ".new", os.path.join(self.folder, ".%s.link" % self.name)]
        own += [os.path.join(self.folder, entry) for entry in _versions(self.folder).get(self.name, ())]
        return [path for path in own if os.path.lexists(path)]

    def remove(self) -> None:
        """Take it away: first the link, so that nobody finds half of it."""
        for path in self.leftovers():
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)


def install_pairs(new: Iterable[tuple[Pair, bytes, bytes, bytes]]) -> None:
    """Make (key, certificate, bundle) each the pair; of each pair the old one or the new one is there at any time."""
    prepared = [(pair, pair.prepare(*content)) for pair, *content in new]
    _sync_versions([version for _pair, version in prepared])
    for pair, version in prepared:
        pair.switch(version)
    versions = {}
    for folder in sorted({pair.folder for pair, _version in prepared}):
        _sync(folder)
        versions[folder] = _versions(folder)
    for pair, version in prepared:
        pair.tidy(version, versions[pair.folder].get(pair.name, ()))


def _versions(folder: str) -> dict[str, list[str]]:
    """Entries that are versions of pairs, by name of the pair."""
    found: dict[str, list[str]] = {}
    with contextlib.suppress(FileNotFoundError):
        for entry in os.listdir(folder):
            # A name may begin as another one does, so only what a version's name can be is taken for one.
            start, _dot, version = entry.rpartition(".")
            if start.startswith(".") and len(version.rstrip("x")) == 16:
                found.setdefault(start[1:], []).append(entry)
    return found


@contextlib.contextmanager
def locked(folder: str) -> Iterator[None]:
    """Make the folder if it is missing and hold the only right to change its pairs; the kernel drops the lock."""
    os.makedirs(folder, mode=0o755, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if not acquire(descriptor, LOCK_SECONDS):
            raise refuse("NXC-PKI-0008", path=folder, seconds=LOCK_SECONDS)
        yield
    finally:
        os.close(descriptor)


def read_bundle(path: str) -> bytes:
    """A trust bundle on its own; empty if it is missing."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return b""


def write_bundle(path: str, content: bytes) -> None:
    """Replace it atomically; everybody may read it."""
    with locked(os.path.dirname(path)):
        replace_file(path, content, 0o644)


def _write(path: str, content: bytes, uid: int, gid: int, mode: int) -> None:
    """Without waiting for the disk: that is done once for all files of a call."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "wb") as stream:
        os.fchown(stream.fileno(), uid, gid)
        os.fchmod(stream.fileno(), mode)
        stream.write(content)


def _sync_versions(versions: list[str]) -> None:
    """What was written to these folders is on the disk afterwards."""
    if len(versions) > FEW:
        for folder in {os.stat(version).st_dev: version for version in versions}.values():
            _sync(folder, whole=True)
        return
    for version in versions:
        for name in (KEY, CERTIFICATE, COMBINED, BUNDLE):
            _sync(os.path.join(version, name))
        _sync(version)


def _sync(path: str, whole: bool = False) -> None:
    """Sync a file or folder, or the ``whole`` file system that it is in."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if not whole:
            os.fsync(descriptor)
        elif ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)
    finally:
        os.close(descriptor)
