# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Container images: what is wanted, what is missing, and the base they all stand on. Pure.

An image is named by its recipe: the tag ends in a digest of it, so an image that is in the
registry under its tag is the right one and never has to be looked into.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .errors import CloudError, Problem

BASE_NAME = "nextgen-base"
RECIPE = "Containerfile"
MODE = 0o644

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*\Z")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z")
_MODE = re.compile(r"0?[0-7]{3}\Z")

# Files that every image begins with, by path. A build's file system is thrown away when it fails, so nothing waits
# for the disk; manuals and translations are of no use in a container; nothing may start a service.
BASE_FILES: Mapping[str, tuple[int, str]] = {
    "etc/dpkg/dpkg.cfg.d/nextgen": (
        0o644,
        "force-unsafe-io\nforce-confold\n"
        "path-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*/*\npath-exclude=/usr/share/info/*\n"
        "path-exclude=/usr/share/locale/*\npath-exclude=/usr/share/lintian/*\n",
    ),
    "etc/apt/apt.conf.d/90nextgen": (
        0o644,
        'APT::Install-Recommends "false";\nAPT::Get::Assume-Yes "true";\nAPT::Color "false";\n'
        'Dpkg::Use-Pty "false";\nAcquire::Retries "3";\nquiet "1";\n'
        # The package lists are the node's, mounted while an image is built; the sandbox user could not read them.
        'APT::Sandbox::User "root";\n',
    ),
    "usr/sbin/policy-rc.d": (0o755, "#!/bin/sh\nexit 101\n"),
    "usr/local/sbin/clean-image": (
        0o755,
        "#!/bin/sh\n# The last step of a recipe: takes away what installing has left and nobody needs.\nset -eu\n"
        "rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old "
        "/var/cache/ldconfig/aux-cache /tmp/* /var/tmp/*\n",
    ),
}


class File(NamedTuple):
    """One file of a recipe: path relative to its folder, permission bits, text."""

    path: str
    mode: int
    content: str


class Image(NamedTuple):
    """One image and the recipe it is built from."""

    name: str
    tag: str
    files: tuple[File, ...]

    @property
    def reference(self) -> str:
        """``name:tag``, without the registry."""
        return "%s:%s" % (self.name, self.tag)


class Base(NamedTuple):
    """The image below all others: a suite of the distribution and some packages."""

    tag: str
    suite: str
    packages: tuple[str, ...]

    @property
    def reference(self) -> str:
        """``name:tag``, without the registry."""
        return "%s:%s" % (BASE_NAME, self.tag)


def base(suite: str, packages: Iterable[str]) -> Base:
    """The base image of a suite with these packages; its tag is a digest of all that goes into it."""
    wanted = tuple(sorted(set(packages)))
    recipe = json.dumps([suite, wanted, sorted(BASE_FILES.items())], sort_keys=True)
    return Base("%s-%s" % (suite, hashlib.sha256(recipe.encode()).hexdigest()[:12]), suite, wanted)


def parse(manifests: Sequence[Mapping[str, Any]]) -> tuple[Image, ...]:
    """Image manifests to images, sorted and each once. Every problem is collected."""
    problems: list[Problem] = []
    images: dict[str, Image] = {}
    for index, manifest in enumerate(manifests):
        found = list(_faults(manifest))
        for fault in found:
            name = manifest.get("name") if isinstance(manifest, Mapping) else None
            problems.append(Problem("NXC-IMAGE-0001", {"name": name or "number %d" % (index + 1), "fault": fault}))
        if not found:
            image = _image(manifest)
            images[image.reference] = image
    if problems:
        raise CloudError(problems)
    return tuple(images[reference] for reference in sorted(images))


def missing(images: Iterable[Image], present: Collection[str]) -> tuple[Image, ...]:
    """The images whose reference (``name:tag``) is not in ``present``."""
    return tuple(image for image in images if image.reference not in present)


def difference(images: Iterable[Image], present: Collection[str]) -> tuple[str, str]:
    """Before and after of the registry, as far as these images go: one reference a line."""
    wanted = [image.reference for image in images]
    before = "".join("%s\n" % reference for reference in wanted if reference in present)
    return before, "".join("%s\n" % reference for reference in wanted)


def tail(output: str, lines: int = 15) -> str:
    """The end of a program's output, where the reason is."""
    kept = [line.rstrip() for line in output.splitlines() if line.strip()]
    return "\n".join(kept[-lines:])


def _image(manifest: Mapping[str, Any]) -> Image:
    files = tuple(
        File(item["path"], int(str(item.get("mode", "0644")), 8), item["content"]) for item in manifest["files"]
    )
    return Image(manifest["name"], str(manifest["tag"]), tuple(sorted(files)))


def _faults(manifest: Any) -> Iterable[str]:
    """What is wrong with one manifest, in words."""
    if not isinstance(manifest, Mapping):
        yield "it is not a mapping"
        return
    if manifest.get("schema") != 1 or manifest.get("kind") != "image":
        yield "it is not an image manifest of schema 1"
    if not _NAME.match(str(manifest.get("name", ""))):
        yield "its name is not the name of an image"
    if not _TAG.match(str(manifest.get("tag", ""))):
        yield "its tag is not the tag of an image"
    files = manifest.get("files")
    if not isinstance(files, Sequence) or isinstance(files, str):
        yield "it has no list of files"
        return
    yield from _file_faults(files)


def _file_faults(files: Sequence[Any]) -> Iterable[str]:
    if not any(isinstance(item, Mapping) and item.get("path") == RECIPE for item in files):
        yield "it has no file %s" % RECIPE
    for item in files:
        if not isinstance(item, Mapping) or not isinstance(item.get("content"), str):
            yield "a file of it has no text"
        elif not _inside(str(item.get("path", ""))):
            yield "the path '%s' leads out of its folder" % item.get("path")
        elif not _MODE.match(str(item.get("mode", "0644"))):
            yield "the mode of %s is not like 0644" % item["path"]


def _inside(path: str) -> bool:
    parts = path.split("/")
    return all(part not in ("", ".", "..") for part in parts) and "\0" not in path
