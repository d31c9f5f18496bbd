# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory of manifests on disk. Controller only; PyYAML is imported when manifests are read."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import Any

from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.whole_file import replace_file
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.files import Change, is_ours
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import Place, refuse

_SUFFIX = ".yml"
_NEW = ".yml.new"


class ManifestDirectory:
    """Touches only ``<folder>/*.yml``; files in the directory itself and hidden ones are not looked at."""

    def __init__(self, path: str):
        self.path = path

    def texts(self) -> dict[str, str]:
        """``folder/file.yml`` -> text of every file there is."""
        found = {}
        for folder in self._folders():
            for name in sorted(os.listdir(os.path.join(self.path, folder))):
                if name.endswith(_SUFFIX) and not name.startswith("."):
                    path = "%s/%s" % (folder, name)
                    found[path] = self._read(path)
        return found

    def objects(self, folder: str) -> list[Any]:
        """Every manifest of a cloud (or of ``_site``), in order of file name."""
        texts = {path: text for path, text in self.texts().items() if path.startswith(folder + "/")}
        return [_load(text) for _path, text in sorted(texts.items())]

    def ours(self, texts: dict[str, str], paths: Iterable[str]) -> dict[str, bool]:
        """Whether each of ``paths`` holds what hydrate writes under this name."""
        return {path: is_ours(path, _load(texts[path])) for path in paths}

    def apply(self, changes: Iterable[Change]) -> None:
        """Write and remove, each file at once or not at all."""
        try:
            # Beside it the site's secrets will be.
            os.makedirs(os.path.dirname(os.path.abspath(self.path)), mode=0o700, exist_ok=True)
            for change in changes:
                path = os.path.join(self.path, change.path)
                if change.after is None:
                    os.unlink(path)
                else:
                    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
                    replace_file(path, change.after, 0o644)
            self._tidy()
        except OSError as error:
            detail = error.strerror or str(error)
            raise refuse("NXC-COMP-0035", place=Place(error.filename or self.path), detail=detail) from error

    def _folders(self) -> list[str]:
        if not os.path.isdir(self.path):
            return []
        names = sorted(os.listdir(self.path))
        return [one for one in names if not one.startswith(".") and os.path.isdir(os.path.join(self.path, one))]

    def _read(self, path: str) -> str:
        full = os.path.join(self.path, path)
        if os.path.islink(full) or not os.path.isfile(full):
            raise refuse("NXC-COMP-0027", place=Place(full), path=full)
        with open(full, encoding="utf-8", errors="replace", newline="") as stream:
            return stream.read()

    def _tidy(self) -> None:
        """Remove what a killed run left half written, and folders of clouds that are gone."""
        for folder in self._folders():
            full = os.path.join(self.path, folder)
            for name in os.listdir(full):
                if name.startswith(".") and name.endswith(_NEW):
                    os.unlink(os.path.join(full, name))
            with contextlib.suppress(OSError):  # not empty: it stays
                os.rmdir(full)


def _load(text: str) -> Any:
    """The object in a text, or None if it is no YAML."""
    import yaml

    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return None
