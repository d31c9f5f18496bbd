# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run modules and playbooks of the collection as real processes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
COLLECTIONS = ROOT / ".cache" / "collections"
RUNNER = ROOT / "tests" / "integration" / "edge" / "run_module.py"


def start(name: str, **options) -> subprocess.Popen:
    """Start a module of the collection; ``finish`` waits for its result."""
    check, diff = options.pop("check", False), options.pop("diff", True)
    limit = options.pop("file_size_limit", None)
    process = subprocess.Popen(
        [*(("prlimit", "--fsize=%d" % limit) if limit else ()), sys.executable, str(RUNNER), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
    )
    process.stdin.write(json.dumps({**options, "_ansible_check_mode": check, "_ansible_diff": diff}))
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen) -> dict:
    """The module's result."""
    out, err = process.communicate(timeout=60)
    try:
        return json.loads(out)
    except ValueError:
        raise AssertionError("no result: %s %s" % (out, err)) from None


def module(name: str, **options) -> dict:
    """Run a module to its end."""
    return finish(start(name, **options))


def writer(folder: Path, state: str, *batches: str, file_size_limit: int = 0) -> subprocess.Popen:
    """Start a process that keeps secrets in the state folder ``folder/state``; see ``file_store_writer.py``."""
    limit = ("prlimit", "--fsize=%d" % file_size_limit) if file_size_limit else ()
    program = str(Path(__file__).with_name("file_store_writer.py"))
    return subprocess.Popen(
        [*limit, sys.executable, program, str(folder / "state"), state, *batches],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment(folder), "PYTHONPATH": str(COLLECTIONS)},
    )


def environment(folder: Path) -> dict[str, str]:
    """For processes whose home, settings and folders of runs are in ``folder``."""
    kept = {name: value for name, value in os.environ.items() if name not in ("ANSIBLE_CONFIG", "ANSIBLE_INVENTORY")}
    (folder / "runs").mkdir(mode=0o700, exist_ok=True)
    return {
        **kept,
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_NOCOLOR": "1",
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_RUNTIME_DIR": str(folder / "runs"),
    }


def command(*arguments: str, hosts: str = "localhost,") -> list[str]:
    """``ansible-playbook`` against this machine."""
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    variables = json.dumps({"ansible_python_interpreter": sys.executable})
    return [program, "-i", hosts, "-c", "local", "-e", variables, *arguments]


def playbook(folder: Path, *arguments: str, hosts: str = "localhost,", **more: str) -> subprocess.CompletedProcess:
    """Run ``ansible-playbook`` in ``folder``; ``more`` are environment variables."""
    return subprocess.run(
        command(*arguments, hosts=hosts),
        cwd=folder,
        env={**environment(folder), **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def prompted(folder: Path, play: str, *answers: str, vault_id: str = "nextgen") -> tuple[int, str]:
    """Run with ``--vault-id <vault_id>@prompt`` for each answer, on a terminal; (return code, all output)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        words = command(*["--vault-id", vault_id + "@prompt"] * len(answers), play)
        os.execve(words[0], words, environment(folder))
    output = b""
    left = list(answers)
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        output += piece
        if left and output.count(b"assword (") > len(answers) - len(left):
            os.write(terminal, left.pop(0).encode() + b"\n")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output.decode()
