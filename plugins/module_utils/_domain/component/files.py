# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manifests as files: which file holds which object, and what has to change in a directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import CloudError, Place, Problem
from ..tokens import tokens_of
from .canonical import canonical_yaml

SITE_FOLDER = "_site"


@dataclass(frozen=True)
class Change:
    """One file that differs; ``None`` stands for no file. Paths are relative to the manifest directory."""

    path: str
    before: str | None
    after: str | None


def folder_of(manifest: Mapping[str, Any]) -> str:
    """The cloud's name, or ``_site`` for what belongs to no cloud."""
    return manifest.get("cloud") or SITE_FOLDER


def path_of(manifest: Mapping[str, Any]) -> str:
    """``dev/secret-keystone.database_password.yml``: a slash in a name becomes a dot."""
    return "%s/%s-%s.yml" % (folder_of(manifest), manifest["kind"], manifest["name"].replace("/", "."))


def as_files(manifests: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Path -> canonical text."""
    return {path_of(manifest): canonical_yaml(manifest) for manifest in manifests}


def changes(root: str, wanted: Mapping[str, str], present: Mapping[str, str], ours: Mapping[str, bool]) -> list[Change]:
    """What makes the directory ``root`` hold the wanted files: new and other texts first, then removals, by path.

    ``ours`` tells of a present file that is not wanted whether hydrate wrote it; another's file is refused.
    """
    leftover = sorted(set(present) - set(wanted))
    foreign = [path for path in leftover if not ours[path]]
    if foreign:
        paths = ["%s/%s" % (root.rstrip("/"), path) for path in foreign]
        raise CloudError([Problem("NXC-COMP-0027", {"path": path}, Place(path)) for path in paths])
    written = [Change(path, present.get(path), text) for path, text in sorted(wanted.items())]
    return [one for one in written if one.before != one.after] + [
        Change(path, present[path], None) for path in leftover
    ]


def is_ours(path: str, value: Any) -> bool:
    """Is ``value``, read from ``path``, an object that hydrate would have put there?"""
    if not isinstance(value, Mapping) or value.get("schema") != 1:
        return False
    if not isinstance(value.get("kind"), str) or not isinstance(value.get("name"), str):
        return False
    return path_of(value) == path


def counts(manifests: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Folder -> kind -> how many."""
    result: dict[str, dict[str, int]] = {}
    for manifest in manifests:
        kinds = result.setdefault(folder_of(manifest), {})
        kinds[manifest["kind"]] = kinds.get(manifest["kind"], 0) + 1
    return result


def secret_declarations(manifests: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``{path, kind[, length, staged], owner, consumers}`` of every secret of every cloud, as the module ``secret``
    takes them. ``owner`` is the component that declares it, ``consumers`` are the services and jobs that use it."""
    manifests = list(manifests)
    users = _users(manifests)
    return [
        {
            "path": "clouds/%s/%s" % (manifest["cloud"], manifest["name"]),
            **manifest["secret"],
            "owner": manifest["name"].partition("/")[0],
            "consumers": sorted(users.get((manifest["cloud"], manifest["name"]), ())),
        }
        for manifest in manifests
        if manifest["kind"] == "secret"
    ]


def _users(manifests: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], set[str]]:
    """(cloud, ``component/name`` of a secret) -> names of the services and jobs that use it."""
    users: dict[tuple[str, str], set[str]] = {}
    for manifest in manifests:
        if manifest["kind"] in ("service", "job"):
            for token in tokens_of(manifest):
                users.setdefault((manifest["cloud"], token.name), set()).add(manifest["name"])
    return users


def certificate_declarations(manifests: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``{cloud, name, dns, usages}`` of every certificate of every cloud; ``name`` is ``component/name``."""
    return [
        {"cloud": manifest["cloud"], "name": manifest["name"], **manifest["certificate"]}
        for manifest in manifests
        if manifest["kind"] == "certificate"
    ]
