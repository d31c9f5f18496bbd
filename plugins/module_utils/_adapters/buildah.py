# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images are built here, with buildah and mmdebstrap, in a folder that is thrown away afterwards.

Chroot isolation works in any privileged place, also in a node that is a container itself. The folder is buildah's
own storage: what an interrupted run left in it is removed by the next, and nothing else on the machine is touched.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

from .._domain.errors import refuse
from .._domain.images import BASE_FILES, RECIPE, Base, File, Image, tail
from .kernel_lock import acquire
from .registry import Registry

LOCK_SECONDS = 1800
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d")
# Workers in the same room: little packing beats small files. A worker unpacks zstd three times faster than gzip.
COMPRESSION = ("--compression-format", "zstd", "--compression-level", "1")

# (argv, environment to add) → (return code, stdout, stderr)
Run = Callable[[Sequence[str], "dict[str, str]"], "tuple[int, str, str]"]


class Builder:
    """One folder in which images are built for one registry."""

    def __init__(self, folder: str, registry: Registry, run: Run):
        self._folder = folder
        self._registry = registry.address
        self._access = registry.access
        self._run = run
        self._lists = os.path.join(folder, "lists")

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """The folder, empty, for this process alone; empty again afterwards."""
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        with open(self._folder.rstrip("/") + ".lock", "w", encoding="utf-8") as lock:
            self._lock(lock)
            self._clear()
            for name in ("storage", "run", "tmp", "lists/partial"):
                os.makedirs(os.path.join(self._folder, name), mode=0o755)
            try:
                self._admit()
                yield
            finally:
                self._clear()

    def refresh(self) -> None:
        """Read the node's package sources once for all builds."""
        options = ["-o", "Dir::State::Lists=%s" % self._lists, "-o", "APT::Sandbox::User=root"]
        code, out, err = self._run(["apt-get", "update", "--quiet=1", *options], {})
        if code:
            raise refuse("NXC-IMAGE-0005", reason=tail(out + err))

    def pull(self, base: Base) -> None:
        """Take the base from the registry."""
        code, out, err = self._buildah(["pull", "--quiet", *self._admission(), self._remote(base)])
        if code:
            raise refuse("NXC-IMAGE-0005", reason=tail(out + err))

    def bootstrap(self, base: Base) -> None:
        """Make the base from the distribution's packages."""
        files = os.path.join(self._folder, "base")
        _write(files, [File(path, mode, content) for path, (mode, content) in BASE_FILES.items()])
        container = self._step(["from", "--name", "base", "scratch"])
        root = self._step(["mount", container])
        command = ["mmdebstrap", "--quiet", "--variant=apt", "--format=directory"]
        command += ["--include=%s" % ",".join(base.packages)] if base.packages else []
        command += ["--dpkgopt=%s" % os.path.join(files, "etc/dpkg/dpkg.cfg.d/nextgen")]
        command += ["--customize-hook=sync-in %s /" % files, base.suite, root, *_sources()]
        code, out, err = self._run(command, {"TMPDIR": os.path.join(self._folder, "tmp")})
        if code:
            raise refuse("NXC-IMAGE-0005", reason=tail(out + err))
        self._step(["config", "--env", "LANG=C.UTF-8", "--cmd", "/bin/sh", container])
        self._step(["commit", "--quiet", "--rm", container, self._remote(base)])

    def build(self, image: Image, base: Base) -> None:
        """Build one image on the base. Nothing has a name before it is complete."""
        context = os.path.join(self._folder, "contexts", image.name)
        cache = os.path.join(self._folder, "cache", image.name)
        os.makedirs(os.path.join(cache, "archives", "partial"))
        _write(context, image.files)
        mounts = ["%s:/var/lib/apt/lists:ro" % self._lists, "%s:/var/cache/apt" % cache]
        mounts += ["%s:%s:ro" % (path, path) for path in (*SOURCES, AUTHORITIES) if os.path.exists(path)]
        code, out, err = self._buildah(
            [
                "build",
                "--isolation=chroot",
                "--pull-never",
                "--build-arg=BASE=%s" % self._remote(base),
                *["--volume=%s" % mount for mount in mounts],
                "--tag=%s" % self._remote(image),
                "--file=%s" % os.path.join(context, RECIPE),
                context,
            ]
        )
        if code:
            raise refuse("NXC-IMAGE-0003", name=image.reference, reason=tail(out + err))

    def push(self, image: Image | Base) -> None:
        """Give an image to the registry, which shows it only when it has all of it."""
        code, out, err = self._buildah(["push", "--quiet", *self._admission(), *COMPRESSION, self._remote(image)])
        if code:
            raise refuse("NXC-IMAGE-0004", name=image.reference, registry=self._registry, reason=tail(out + err))

    def _admit(self) -> None:
        """Write down the account and the authorities for buildah; only root gets into the folder."""
        authorities = os.path.join(self._folder, "authorities")
        os.mkdir(authorities, 0o700)
        shutil.copyfile(self._access.authorities, os.path.join(authorities, "ca.crt"))
        account = os.open(os.path.join(self._folder, "account.json"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(account, "w", encoding="utf-8") as stream:
            json.dump({"auths": {self._registry: {"auth": self._access.basic}}}, stream)

    def _admission(self) -> list[str]:
        """The options of a buildah command that speaks to the registry."""
        account, authorities = (os.path.join(self._folder, name) for name in ("account.json", "authorities"))
        return ["--tls-verify=true", "--authfile=%s" % account, "--cert-dir=%s" % authorities]

    def _remote(self, image: Image | Base) -> str:
        return "%s/%s" % (self._registry, image.reference)

    def _step(self, arguments: Sequence[str]) -> str:
        """One buildah command of the base; returns the last line it says."""
        code, out, err = self._buildah(arguments)
        if code:
            raise refuse("NXC-IMAGE-0005", reason=tail(out + err))
        return tail(out, 1)

    def _buildah(self, arguments: Sequence[str]) -> tuple[int, str, str]:
        storage = ["--root", os.path.join(self._folder, "storage"), "--runroot", os.path.join(self._folder, "run")]
        return self._run(
            ["buildah", *storage, "--storage-driver", "overlay", *arguments],
            {"TMPDIR": os.path.join(self._folder, "tmp"), "DEBIAN_FRONTEND": "noninteractive"},
        )

    def _lock(self, lock: TextIO) -> None:
        """Wait until no other run builds in the folder."""
        if not acquire(lock.fileno(), LOCK_SECONDS):
            raise refuse("NXC-IMAGE-0006", directory=self._folder, seconds=LOCK_SECONDS)

    def _clear(self) -> None:
        """Unmount what an interrupted build left mounted below the folder, deepest first, and empty it."""
        with open("/proc/self/mountinfo", encoding="utf-8") as table:
            places = [line.split()[4] for line in table]
        inside = [place for place in places if place.startswith(self._folder + "/")]
        for place in sorted(inside, key=len, reverse=True):
            self._run(["umount", "--lazy", place], {})
        for entry in os.scandir(self._folder):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)


def _sources() -> list[str]:
    """The node's own package sources, as files."""
    found = [SOURCES[0], *sorted(glob.glob(SOURCES[1] + "/*.list")), *sorted(glob.glob(SOURCES[1] + "/*.sources"))]
    return [path for path in found if os.path.exists(path) and os.path.getsize(path)]


def _write(folder: str, files: Sequence[File]) -> None:
    """Write the files of a recipe below a new folder."""
    for file in files:
        path = os.path.join(folder, file.path)
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(file.content)
        os.chmod(path, file.mode)
