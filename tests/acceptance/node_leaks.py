# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on a node, behind the text of leaks.py: look for secrets in everything that the node keeps or tells."""

from __future__ import annotations

import contextlib
import ctypes
import glob
import os
import pwd
import re
import stat
import subprocess
import zlib
from typing import Any, Dict, Iterable, Iterator, List

ROOTS = ["/etc", "/var", "/run", "/tmp", "/root", "/home", "/opt", "/srv", "/usr/local", "/dev/shm"]
# Unpacked layers of images: what is in them is looked at in the registry, and what containers wrote is added.
LAYERS = "/var/lib/containers/storage/overlay"
REGISTRY_CONFIG = "/etc/docker/registry/config.yml"
CHUNK = 1 << 22
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def parts(stream: Any) -> Iterator[bytes]:
    """A stream in chunks."""
    return iter(lambda: stream.read(CHUNK), b"")


class _Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer."""

    _fields_ = [("address", ctypes.c_void_p), ("size", ctypes.c_size_t), ("position", ctypes.c_size_t)]


def unzstd(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack zstd with the library that dpkg brings; Python has no module for it."""
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_createDStream.restype = ctypes.c_void_p
    library.ZSTD_decompressStream.restype = ctypes.c_size_t
    decoder = ctypes.c_void_p(library.ZSTD_createDStream())
    space = ctypes.create_string_buffer(CHUNK)
    try:
        for chunk in chunks:
            source = _Buffer(ctypes.cast(ctypes.c_char_p(chunk), ctypes.c_void_p), len(chunk), 0)
            full = False
            while source.position < source.size or full:
                target = _Buffer(ctypes.addressof(space), CHUNK, 0)
                code = library.ZSTD_decompressStream(decoder, ctypes.byref(target), ctypes.byref(source))
                if library.ZSTD_isError(ctypes.c_size_t(code)):
                    raise ValueError("not zstd")
                full = target.position == CHUNK
                yield ctypes.string_at(space, target.position)
    finally:
        library.ZSTD_freeDStream(decoder)


def ungzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip."""
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for chunk in chunks:
        yield decoder.decompress(chunk)


def content(path: str) -> Iterator[bytes]:
    """A file in chunks, unpacked if it is packed."""
    with open(path, "rb") as stream:
        start = stream.read(4)
        stream.seek(0)
        unpack = {GZIP: ungzip, ZSTD: unzstd}.get(start[:2] if start[:2] == GZIP else start)
        yield from unpack(parts(stream)) if unpack else parts(stream)


def regular_files(roots: Iterable[str], skip: Iterable[str] = ()) -> Iterator[str]:
    """Every regular file below the roots; no link is followed."""
    skip = set(skip)
    for root in roots:
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if os.path.join(folder, name) not in skip]
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    if stat.S_ISREG(os.lstat(path).st_mode):
                        yield path


def place(path: str) -> Dict[str, Any]:
    """Who may read a file: mode, owner, and mode of its folder."""
    status = os.stat(path)
    with contextlib.suppress(KeyError):
        return {**_modes(path, status), "owner": pwd.getpwuid(status.st_uid).pw_name}
    return {**_modes(path, status), "owner": str(status.st_uid)}


def _modes(path: str, status: os.stat_result) -> Dict[str, Any]:
    folder = os.stat(os.path.dirname(path))
    return {"mode": stat.S_IMODE(status.st_mode), "folder_mode": stat.S_IMODE(folder.st_mode)}


def own_keys(roots: Iterable[str]) -> Dict[str, str]:
    """Private keys that were made here for the site; ``key:<file>`` → PEM. A copy has its first one's name."""
    found: Dict[str, str] = {}
    # The keys of the machine's own SSH server are there before the site and after it.
    for path in sorted(regular_files(roots, ["/etc/ssh"])):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if os.path.getsize(path) < 50000:
                with open(path, encoding="ascii") as stream:
                    text = stream.read()
                if "PRIVATE KEY-----" in text and text not in found.values():
                    found["key:" + path] = text
    return found


class Scan:
    """Collects hits: kind, place, secret, form; for files also who may read them. ``looked``: places by kind."""

    def __init__(self, search: Any):
        self._search = search
        self.hits: List[Dict[str, Any]] = []
        self.looked: Dict[str, int] = {}

    def look(self, kind: str, where: str, chunks: Iterable[bytes], **more: Any) -> None:
        self.looked[kind] = self.looked.get(kind, 0) + 1
        for secret, form in sorted(self._search.find_in(chunks)):
            self.hits.append({"kind": kind, "place": where, "secret": secret, "form": form, **more})

    def journal(self) -> None:
        command = ["journalctl", "--no-pager", "--all", "--output=export"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            self.look("journal", "journal", parts(process.stdout))

    def processes(self) -> None:
        for folder in glob.glob("/proc/[0-9]*"):
            with contextlib.suppress(OSError):
                with open(folder + "/comm", encoding="utf-8", errors="replace") as stream:
                    name = stream.read().strip()
                for kind in ("cmdline", "environ"):
                    with open(os.path.join(folder, kind), "rb") as stream:
                        data = stream.read()
                    self.look(kind, "%s of %s" % (folder, name), [data])

    def files(self, roots: Iterable[str], skip: Iterable[str] = ()) -> None:
        for path in regular_files(roots, skip):
            # A file may go away while it is read; what it held is looked for where it went.
            with contextlib.suppress(OSError):
                self.look("file", path, content_as_is(path), **place(path))

    def layers(self, blobs: Iterable[str]) -> None:
        for path in blobs:
            self.look("layer", path, content(path))


def content_as_is(path: str) -> Iterator[bytes]:
    """A file in chunks."""
    with open(path, "rb") as stream:
        yield from parts(stream)


def written_by_containers() -> List[str]:
    """The folders that hold what containers have changed in their own file systems."""
    listed = subprocess.run(
        "command -v podman >/dev/null && podman ps --all --quiet | xargs -r podman inspect --format "
        "'{{.GraphDriver.Data.UpperDir}}' || true",
        shell=True, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return listed.stdout.split()


def registry_folder() -> str:
    """Where the registry keeps its blobs; "" if there is none here."""
    with contextlib.suppress(OSError), open(REGISTRY_CONFIG, encoding="utf-8") as stream:
        return re.findall(r"rootdirectory: *(\S+)", stream.read())[0]
    return ""


def scan_machine(make_search: Any, secrets: Dict[str, str]) -> Dict[str, Any]:
    """Journal, processes and files of this machine."""
    scan = Scan(make_search({**secrets, **own_keys(["/etc"])}))
    scan.journal()
    scan.processes()
    scan.files([*ROOTS, *written_by_containers()], [LAYERS, registry_folder()])
    return {"hits": scan.hits, "looked": scan.looked}


def scan_layers(make_search: Any, secrets: Dict[str, str]) -> Dict[str, Any]:
    """Everything in the registry: configurations, manifests and unpacked layers of images."""
    scan = Scan(make_search({**secrets, **own_keys(["/etc"])}))
    folder = registry_folder()
    scan.layers(regular_files([folder]) if folder else [])
    return {"hits": scan.hits, "looked": scan.looked}
