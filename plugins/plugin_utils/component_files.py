# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read catalogues: directories that hold one directory per component."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.model import (
    Component,
    Findings,
    RecipeFile,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.schema import SCHEMA, with_defaults
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, Place, Problem, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.document import Document
from ansible_collections.nextgen.cloud.plugins.plugin_utils.component_schema import check_schema
from ansible_collections.nextgen.cloud.plugins.plugin_utils.yaml_document import parse_document

_DESCRIPTION = "component.yml"


def read_catalogues(directories: Iterable[str]) -> dict[str, Component]:
    """Component name -> component for all directories; every problem of every component is reported at once."""
    findings = Findings()
    catalogue: dict[str, Component] = {}
    for directory in directories:
        for path in _components_in(directory):
            component = _read_component(path, findings)
            if component is None:
                continue
            first = catalogue.setdefault(component.name, component)
            if first is not component:
                place = Place(os.path.join(path, _DESCRIPTION))
                values = {"name": component.name, "first": first.directory, "second": path}
                findings.add("NXC-COMP-0008", place=place, **values)
    findings.stop_if_any()
    return catalogue


def _components_in(directory: str) -> list[str]:
    try:
        names = sorted(os.listdir(directory))
    except OSError as error:
        raise refuse("NXC-COMP-0001", place=Place(directory), detail=error.strerror or str(error)) from error
    paths = [os.path.join(directory, name) for name in names]
    return [path for path in paths if os.path.isfile(os.path.join(path, _DESCRIPTION))]


def _read_component(directory: str, findings: Findings) -> Component | None:
    file = os.path.join(directory, _DESCRIPTION)
    before = len(findings.problems)
    try:
        document = parse_document(_bytes(file), file)
    except CloudError as error:
        findings.problems.extend(_of_a_component(problem) for problem in error.problems)
        return None
    check_schema(document, findings)
    if len(findings.problems) > before:
        return None
    data = with_defaults(document.data, SCHEMA)
    if data["component"] != os.path.basename(os.path.normpath(directory)):
        place = document.place(("component",))
        values = {"directory": os.path.basename(directory), "name": data["component"]}
        findings.add("NXC-COMP-0007", place=place, **values)
    templates = {item.path: item.content for item in _tree(os.path.join(directory, "templates"), findings)}
    return Component(
        name=data["component"],
        directory=directory,
        document=data,
        templates=templates,
        recipes=_recipes(directory, data, document, findings),
        locate=lambda path: document.key_place(tuple(path)),
    )


def _of_a_component(problem: Problem) -> Problem:
    """Codes of the YAML reader whose remedies speak of site.yml get one that speaks of components."""
    if problem.code in ("NXC-SITE-0006", "NXC-SITE-0008"):
        return Problem("NXC-COMP-0002", {"detail": problem.message.rstrip(".")}, problem.place)
    return problem


def _recipes(
    directory: str, data: Mapping[str, Any], document: Document, findings: Findings
) -> dict[str, list[RecipeFile]]:
    recipes = {}
    for name, image in sorted(data["images"].items()):
        context = os.path.normpath(os.path.join(directory, image["context"]))
        if not context.startswith(os.path.normpath(directory) + os.sep):
            place = document.place(("images", name, "context"))
            findings.add("NXC-COMP-0031", place=place, name=name, detail="it lies outside of the component")
            continue
        recipes[name] = _tree(context, findings)
    return recipes


def _tree(top: str, findings: Findings) -> list[RecipeFile]:
    """All files below a directory in order of path; none if there is no such directory."""
    found = []
    for folder, folders, names in os.walk(top):
        folders.sort()
        for name in names:
            path = os.path.join(folder, name)
            try:
                # Only the execute bit counts: what the umask of a checkout made of the rest is nobody's intention.
                mode = "0755" if os.stat(path).st_mode & 0o100 else "0644"
                found.append(RecipeFile(os.path.relpath(path, top).replace(os.sep, "/"), mode, _read(path)))
            except CloudError as error:
                findings.problems.extend(error.problems)
    return sorted(found, key=lambda item: item.path)


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise refuse("NXC-COMP-0001", place=Place(path), detail=error.strerror or str(error)) from error


def _read(path: str) -> str:
    try:
        return _bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise refuse("NXC-COMP-0001", place=Place(path), detail="it is not UTF-8 text") from error


class SiteFile:
    """Finds places in site.yml, which is read only when something is wrong in it."""

    def __init__(self, path: str):
        self._path = path
        self._document: Document | None = None

    def locate(self, path: Sequence[str | int]) -> Place:
        """Where a key of the site is written, or the file alone if that cannot be told."""
        try:
            self._document = self._document or parse_document(_bytes(self._path), self._path)
        except CloudError:
            return Place(self._path)
        return self._document.key_place(tuple(path))
