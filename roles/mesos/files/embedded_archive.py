# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the archive of the embedded Mesos on the controller: ``embedded_archive.py CACHE``.

The published binary is resolved by pip (so that the user's index, mirror and certificates
count), fetched once, checked against a fixed checksum, patched, and packed with our programs
into ``CACHE/mesos-<version>-<digest>.tar.gz``, to be unpacked at ``/`` of a node. The digest
covers all inputs; the same inputs give the same archive. Prints one JSON object:
``{"archive": path, "digest": hex, "changed": bool}``; with ``--check`` nothing is written.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import http.client
import io
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "embedded"))
sys.dont_write_bytecode = True

from nextgen_mesos import LIBRARY_NAME, VERSION, elf  # noqa: E402

PROJECT = "mesos.scheduler==%s.linux-x86_64" % VERSION
ARTEFACT = "mesos.scheduler-%s.linux-x86_64.tar.gz" % VERSION
ARTEFACT_SHA256 = "1d376f20bca6d05ee8b90c1c123a452b28753497ccc2f1c80ea3ac94c12e8f6e"
MEMBER = "./usr/local/lib/python2.7/dist-packages/mesos/scheduler/_scheduler.so"
SOURCES = Path(__file__).resolve().parent / "embedded"
# Where the parts of ``embedded/`` go, relative to the root of a node, and whether they are commands.
PLACES = {"sbin": ("usr/sbin", True), "libexec": ("usr/libexec/mesos", True), "nextgen_mesos": ("usr/lib/mesos", False)}
# Isolated from the user's Python and without site-packages: starts in a few milliseconds.
SHEBANG = b"#!/usr/bin/python3 -IS\n"
# Not every index gives a checksum with the address; ours is what counts.
_PIP_FOUND = re.compile(r"from (\S+?/%s)(?:#sha256=([0-9a-f]{64}))?[\s#]" % re.escape(ARTEFACT))
_EPOCH = 1606176000  # the day the binary was built
_SPREAD = 2**24
_TIMEOUT = 60  # seconds without a byte
_TRIES = 3
_FAST = 1  # gzip level: the library is sent once, its size matters little


class ArchiveError(Exception):
    """Code and text for the operator; see the catalogue's area 'mesos'."""


def program_files() -> list[tuple[str, int, bytes]]:
    """(path in the archive, mode, content) of our programs, sorted."""
    found = []
    for part, (place, command) in PLACES.items():
        for path in sorted((SOURCES / part).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                base = SOURCES / part if command else SOURCES
                name = "%s/%s" % (place, path.relative_to(base).as_posix())
                content = path.read_bytes()
                found.append((name, 0o755, SHEBANG + content) if command else (name, 0o644, content))
    return sorted(found)


def digest_of(files: list[tuple[str, int, bytes]]) -> str:
    """64 hex digits over the published binary and our programs."""
    digest = hashlib.sha256(ARTEFACT_SHA256.encode())
    for name, mode, content in files:
        digest.update(b"%s\0%o\0%d\0" % (name.encode(), mode, len(content)) + content)
    return digest.hexdigest()


def build(cache: Path, check: bool = False) -> dict:
    """The archive in ``cache``, made if it is not there. Safe to run twice at once and to interrupt."""
    files = program_files()
    digest = digest_of(files)
    archive = cache / ("mesos-%s-%s.tar.gz" % (VERSION, digest[:12]))
    result = {"archive": str(archive), "digest": digest, "changed": not archive.exists()}
    if archive.exists() or check:
        return result
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / ".mesos.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            library = elf.patch_published(_library(artefact(cache)))
            _write(archive, [*files, ("usr/lib/mesos/" + LIBRARY_NAME, 0o644, library)], digest)
            for old in cache.glob("mesos-%s-*.tar.gz" % VERSION):
                if old != archive:
                    old.unlink()
    return result


def artefact(cache: Path) -> Path:
    """The published file in the cache, fetched if it is missing or damaged. The caller holds the lock."""
    path = cache / ARTEFACT
    if path.exists() and _sha256(path) == ARTEFACT_SHA256:
        return path
    url, published = resolve()
    if published not in (None, ARTEFACT_SHA256):
        raise ArchiveError("NXC-MESO-0002: the index offers another file (sha256 %s)" % published)
    partial = cache / (ARTEFACT + ".part")
    problem = ""
    for _try in range(_TRIES):
        try:
            _download(url, partial)
        except (OSError, http.client.HTTPException) as error:
            problem = "NXC-MESO-0001: cannot download %s: %s" % (ARTEFACT, error)
            continue
        # What broke off is not always told by the connection, but always by this.
        if _sha256(partial) == ARTEFACT_SHA256:
            partial.rename(path)
            return path
        problem = "NXC-MESO-0002: the downloaded file has the wrong checksum"
    raise ArchiveError(problem)


def _download(url: str, path: Path) -> None:
    with urllib.request.urlopen(url, timeout=_TIMEOUT, context=_certificates()) as response:
        with open(path, "wb") as file:
            shutil.copyfileobj(response, file)
            file.flush()
            os.fsync(file.fileno())


def resolve() -> tuple[str, str | None]:
    """(URL, sha256 or None) that pip finds. It cannot install the file (no Python project) and says where it got it."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [*_pip(), "download", "--no-deps", "--no-cache-dir", "--dest", scratch, PROJECT]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    match = _PIP_FOUND.search(done.stderr + "\n")
    if match is None:
        raise ArchiveError("NXC-MESO-0001: pip found no %s: %s" % (PROJECT, done.stderr.strip()[-500:]))
    return match.group(1), match.group(2)


def _pip() -> list[str]:
    module = [sys.executable, "-m", "pip"]
    if subprocess.run([*module, "--version"], capture_output=True, check=False).returncode == 0:
        return module
    found = shutil.which("pip3")
    if found is None:
        raise ArchiveError("NXC-MESO-0001: there is no pip on the controller")
    return [found]


def _certificates() -> ssl.SSLContext:
    """The system's certificates and the ones pip was told to trust."""
    context = ssl.create_default_context()
    found = subprocess.run([*_pip(), "config", "get", "global.cert"], capture_output=True, text=True, check=False)
    for path in (os.environ.get("PIP_CERT"), found.stdout.strip()):
        if path and os.path.exists(path):
            context.load_verify_locations(path)
    return context


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _library(path: Path) -> bytes:
    with tarfile.open(path) as published:
        member = published.extractfile(MEMBER)
        if member is None:
            raise ArchiveError("NXC-MESO-0002: %s holds no library" % path)
        return member.read()


def _write(archive: Path, files: list[tuple[str, int, bytes]], digest: str) -> None:
    # Python trusts bytecode whose source has the same time and size: each content gets a time of its own.
    time = _EPOCH + int(digest, 16) % _SPREAD
    partial = archive.with_suffix(".part")
    with open(partial, "wb") as raw:
        with gzip.GzipFile("", "wb", _FAST, raw, mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
            for name, mode, content in files:
                entry = tarfile.TarInfo("./" + name)
                entry.size, entry.mode, entry.mtime = len(content), mode, time
                entry.uname = entry.gname = "root"
                tar.addfile(entry, io.BytesIO(content))
        raw.flush()
        os.fsync(raw.fileno())
    partial.rename(archive)


def main(arguments: list[str]) -> int:
    check = "--check" in arguments
    places = [argument for argument in arguments if not argument.startswith("--")]
    if len(places) != 1:
        sys.stderr.write("usage: embedded_archive.py [--check] CACHE\n")
        return 2
    try:
        print(json.dumps(build(Path(places[0]), check)))
    except (ArchiveError, elf.ElfError, OSError) as error:
        sys.stderr.write("%s\n" % error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
