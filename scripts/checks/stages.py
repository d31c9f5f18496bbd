# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is checked: a table of stages, each a row of commands. No command here may be skipped quietly."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from workspace import BIN, CACHE, HERE, ROOT

LOGS = ROOT / "build" / "logs"
PYTHON = "%d.%d" % sys.version_info[:2]


@dataclass(frozen=True)
class Check:
    """One command. It counts as one test, or as the tests in ``report`` (JUnit XML) if it writes one."""

    name: str
    command: tuple[str, ...]
    cwd: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    report: Path | None = None


@dataclass(frozen=True)
class Stage:
    """Checks that run one after another. ``alone``: nothing else runs meanwhile, for the sake of its timing."""

    name: str
    checks: tuple[Check, ...]
    alone: bool = False


def _tool(name: str) -> str:
    return str(BIN / name)


def _pytest(name: str, *arguments: str, environment: dict[str, str] | None = None) -> Check:
    report = LOGS / ("%s.xml" % name)
    command = (_tool("python"), "-m", "pytest", "-q", "--junitxml=%s" % report, *arguments)
    return Check("pytest %s" % name, command, environment=environment or {}, report=report)


def _shell_scripts() -> list[str]:
    """Every tracked or new file of ours that is Bash, by its name or its first line."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in (".git", ".cache", ".venv", "build", ".nextgen")]
        for name in files:
            path = Path(folder, name)
            if path.is_symlink() or path.suffix == ".j2":
                continue
            with path.open("rb") as file:
                first = file.readline(80)
            if name.endswith(".sh") or (first.startswith(b"#!") and first.strip().endswith((b"bash", b"/sh"))):
                found.append(str(path.relative_to(ROOT)))
    return sorted(found)


def stages(copy: Path, home: Path, venv: Path) -> list[Stage]:
    """All stages in the order they start.

    ``copy``: the collection apart; ``home``: of ansible-test; ``venv``: ours by a name that ansible-test stands.
    """
    path = "%s:%s" % (venv / "bin", os.environ["PATH"])
    ansible_test = {"HOME": str(home), "ANSIBLE_CONFIG": os.devnull, "PATH": path}
    program = str(venv / "bin" / "python"), str(venv / "bin" / "ansible-test")
    tree = CACHE / "collections"
    return [
        Stage(
            "lint",
            (
                Check("ruff", (_tool("ruff"), "check", "--no-cache", "--output-format=concise", ".")),
                Check(
                    "mypy",
                    (
                        _tool("mypy"),
                        "--config-file",
                        str(ROOT / "pyproject.toml"),
                        "--cache-dir",
                        str(CACHE / "mypy"),
                        "-p",
                        "ansible_collections.nextgen.cloud.plugins.module_utils._domain",
                    ),
                    cwd=tree,
                ),
                Check("ansible-lint", (_tool("ansible-lint"), "--strict", "--nocolor", "-q")),
                Check("shellcheck", ("shellcheck", *_shell_scripts())),
                Check("antsibull-changelog", (_tool("antsibull-changelog"), "lint")),
                Check(
                    "antsibull-docs",
                    (_tool("antsibull-docs"), "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "."),
                ),
                Check("reuse", (_tool("reuse"), "lint", "--lines")),
            ),
        ),
        Stage(
            "sanity",
            (
                Check(
                    "ansible-test sanity",
                    (*program, "sanity", "--local", "--python", PYTHON, "--color", "no"),
                    cwd=copy,
                    environment=ansible_test,
                ),
                Check(
                    "ansible-test units",
                    (*program, "units", "--local", "--python", PYTHON, "--color", "no"),
                    cwd=copy,
                    environment=ansible_test,
                ),
            ),
        ),
        Stage("unit", (_pytest("unit", "-n2", "tests/unit"),)),
        Stage("build", (Check("collection", (str(HERE / "build.sh"), str(copy))),)),
        Stage("integration", (_pytest("integration", "-n2", "tests/integration"),), alone=True),
        Stage(
            "molecule",
            (
                Check(
                    "molecule default",
                    (_tool("molecule"), "test", "--no-command-borders", "--scenario-name", "default"),
                    environment={"NO_COLOR": "1", "NEXTGEN_CACHE": str(CACHE / "downloads")},
                    report=LOGS / "molecule.xml",
                ),
            ),
            alone=True,
        ),
    ]
