# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports point down only, and the pure part is pure."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from ansible_collections.nextgen.cloud.tests.unit.contracts.repository import PLUGINS, ROOT, python_files, relative

COLLECTION = ("ansible_collections", "nextgen", "cloud")
# Each layer may import itself and what stands below it in its row.
BELOW = {
    "_domain": {"_domain"},
    "_adapters": {"_adapters", "_domain"},
    "_ansible": {"_ansible", "_adapters", "_domain"},
    "plugin_utils": {"plugin_utils", "_ansible", "_adapters", "_domain"},
}
# Reading a clock, the machine or the environment is not pure, though it is in the standard library.
IMPURE = {
    "asyncio", "ctypes", "fcntl", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "platform",
    "pwd", "secrets", "select", "shutil", "signal", "socket", "ssl", "subprocess", "sys", "tempfile", "threading",
    "time", "urllib.request", "uuid",
}  # fmt: skip
IMPURE_CALLS = {"open", "input", "print", "exec", "eval", "breakpoint", "__import__"}


def layer(path: Path) -> str:
    parts = path.relative_to(PLUGINS).parts
    return parts[1] if parts[0] == "module_utils" else parts[0]


def imports(path: Path) -> list[tuple[str, ...]]:
    """Every imported module as its parts, relative ones resolved."""
    package = (*COLLECTION, *path.relative_to(ROOT).with_suffix("").parts)
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: -node.level] if node.level else ()
            module = (*base, *(node.module.split(".") if node.module else ()))
            found += [(*module, alias.name) for alias in node.names]
    return found


def imported_layer(parts: tuple[str, ...]) -> str | None:
    """The layer of an import of this collection, None for anything else."""
    if parts[:3] != COLLECTION or len(parts) < 5:
        return None
    rest = parts[4:]
    return rest[1] if rest[0] == "module_utils" and len(rest) > 1 else rest[0]


@pytest.mark.parametrize("path", python_files(PLUGINS), ids=relative)
def test_imports_point_down_only(path):
    here = layer(path)
    allowed = BELOW.get(here, {"_domain", "_adapters", "_ansible", "plugin_utils"})
    wrong = [".".join(parts) for parts in imports(path) if (imported_layer(parts) or here) not in {*allowed, here}]
    assert not wrong, "%s may not import %s" % (here, wrong)


@pytest.mark.parametrize("path", python_files(PLUGINS / "modules"), ids=relative)
def test_modules_do_not_import_what_stays_on_the_controller(path):
    assert "plugin_utils" not in {imported_layer(parts) for parts in imports(path)}


@pytest.mark.parametrize("path", python_files(PLUGINS / "module_utils"), ids=relative)
def test_what_goes_to_nodes_needs_the_standard_library_only(path):
    allowed = {"_domain": set(), "_adapters": {"kazoo"}, "_ansible": {"ansible"}}.get(layer(path), set())
    others = {parts[0] for parts in imports(path)} - set(sys.stdlib_module_names) - {COLLECTION[0]} - allowed
    assert not others


@pytest.mark.parametrize("path", python_files(PLUGINS / "module_utils" / "_domain"), ids=relative)
def test_the_pure_part_reads_no_machine_no_clock_no_environment(path):
    names = {".".join(parts[:length]) for parts in imports(path) for length in (1, 2)}
    assert not names & IMPURE
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not calls & IMPURE_CALLS
    now = {
        "%s.%s" % (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert not now & {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "random.random"}


@pytest.mark.parametrize("path", python_files(PLUGINS), ids=relative)
def test_shipped_code_does_not_assert(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
