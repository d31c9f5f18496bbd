# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repository as the contracts see it: its files, roles and Python sources."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import tokenize
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
PLUGINS = ROOT / "plugins"
OUTSIDE = {".git", ".cache", ".venv", "build", ".nextgen", "__pycache__", ".pytest_cache", "output"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository, as git sees it; in a copy without git, all there is."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
        found = [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]
    else:
        found = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [name for name in folders if name not in OUTSIDE]
            found += [Path(folder, name) for name in names]
    return tuple(sorted(path for path in found if path.is_file() and not path.is_symlink()))


@cache
def text(path: Path) -> str | None:
    """The text of a file, None if it is binary."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(folder: Path) -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and folder in path.parents]


@cache
def roles() -> tuple[Path, ...]:
    return tuple(sorted({ROOT / "roles" / path.relative_to(ROOT).parts[1] for path in files() if _in_role(path)}))


def _in_role(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return parts[0] == "roles" and len(parts) > 2


def load(path: Path) -> Any:
    """The content of a YAML file; an absent or empty one is an empty mapping."""
    return (yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None) or {}


def code_lines(path: Path) -> int:
    """Lines that hold code: no comments, no blank lines, no documentation strings."""
    source = text(path) or ""
    lines: set[int] = set()
    nothing = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in nothing:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        documented = ("DOCUMENTATION", "EXAMPLES", "RETURN")
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in documented:
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)
