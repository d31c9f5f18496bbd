# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A path or bytes → the normalized site, or every problem of the file at once."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path as FilePath

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import (
    CloudError,
    Place,
    Problem,
    refuse,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.document import Document
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.draft import Draft
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.normalize import normalize
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.rules import rule_problems
from ansible_collections.nextgen.cloud.plugins.plugin_utils.site_structure import structure_findings
from ansible_collections.nextgen.cloud.plugins.plugin_utils.yaml_document import parse_leniently

CATALOGUE = FilePath(__file__).resolve().parents[2] / "roles" / "hydrate" / "files" / "components"


def load_site(path: str, catalogue: FilePath = CATALOGUE) -> dict[str, t.Any]:
    """The normalized site of the file. Raises CloudError with all problems, sorted by place."""
    absolute = os.path.abspath(path)
    try:
        raw = FilePath(absolute).read_bytes()
    except OSError as error:
        raise refuse("NXC-SITE-0001", place=Place(path, 1, 1), reason=error.strerror) from error
    document = parse_leniently(raw, path)
    components, unreadable = find_components(document, os.path.dirname(absolute), catalogue)
    problems = [*check(document, components), *unreadable]
    if problems:
        raise CloudError(sorted(problems, key=_order))
    return normalize(document.data, absolute)


def check(document: Document, components: t.Collection[str]) -> list[Problem]:
    """Text, structure and rules; sorted by place. Where the text is wrong already, nothing more is said."""
    findings = structure_findings(document)
    broken = frozenset(path for path, problem in findings if path is not None)
    problems = [problem for path, problem in findings] + rule_problems(Draft(document, broken, components))
    taken = {problem.place for problem in document.problems}
    return sorted([*document.problems, *(one for one in problems if one.place not in taken)], key=_order)


def find_components(document: Document, directory: str, catalogue: FilePath) -> tuple[set[str], list[Problem]]:
    """Names of the components in the built-in catalogue and the site's own directories."""
    names = _components_in(catalogue) if catalogue.is_dir() else set()
    problems = []
    listed = document.data.get("components")
    for index, path in enumerate(listed if isinstance(listed, list) else []):
        if not isinstance(path, str) or "\0" in path:
            continue  # the schema says so
        try:
            names |= _components_in(FilePath(directory, path))
        except OSError as error:
            place = document.place(("components", index))
            problems.append(Problem("NXC-SITE-0504", {"path": path, "reason": error.strerror}, place))
    return names, problems


def _components_in(directory: FilePath) -> set[str]:
    return {entry.name for entry in directory.iterdir() if (entry / "component.yml").is_file()}


def _order(problem: Problem) -> tuple[t.Any, ...]:
    return problem.place or Place(""), problem.code
