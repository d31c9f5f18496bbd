# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Places the checks work in, apart from the checkout: a copy of the collection, a home for ansible-test."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
BIN = ROOT / ".venv" / "bin"
HERE = Path(__file__).resolve().parent


def copy_collection(base: Path) -> Path:
    """Copy what belongs to the repository to ``base``/ansible_collections/nextgen/cloud and return that.

    ansible-test needs this very path, and sees nothing in a folder that git ignores.
    """
    target = base / "ansible_collections" / "nextgen" / "cloud"
    target.mkdir(parents=True)
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, check=True, capture_output=True,
    ).stdout  # fmt: skip
    # A file that is deleted but not yet committed is listed still.
    present = [name for name in listed.split(b"\0") if name and os.path.lexists(os.path.join(os.fsencode(ROOT), name))]
    subprocess.run(
        ["rsync", "--archive", "--from0", "--files-from=-", "%s/" % ROOT, "%s/" % target],
        input=b"\0".join(present), check=True,
    )  # fmt: skip
    return target


def venv_without_spaces(base: Path) -> Path:
    """Another name for ``.venv``: the first lines of the scripts ansible-test writes cannot hold a space."""
    link = base / "venv"
    link.symlink_to(ROOT / ".venv")
    return link


def ansible_test_home() -> Path:
    """A home folder with what ansible-test would fetch from elsewhere, and pip's settings of this machine.

    It hands neither the environment nor the account's files to the pip it runs, so an index or a
    certificate authority that is configured there would be lost.
    """
    home = CACHE / "ansible-test"
    cached = home / ".ansible" / "test" / "cache"
    cached.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "get_pip.py", cached / ("get_pip_%s.py" % _pip_of_ansible_test().replace(".", "_")))
    configuration = home / ".config" / "pip" / "pip.conf"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.write_text(_pip_configuration(), encoding="utf-8")
    return home


def _pip_of_ansible_test() -> str:
    """The version of pip that this ansible-test asks for, which is part of the script's name."""
    import ansible_test

    source = Path(ansible_test.__file__).parent / "_internal" / "python_requirements.py"
    found = re.search(r"pip='([0-9.]+)'|default_version = '([0-9.]+)'", source.read_text(encoding="utf-8"))
    if found is None:
        raise LookupError("%s does not name a version of pip" % source)
    return found.group(1) or found.group(2)


def _pip_configuration() -> str:
    """What ``pip config list`` knows, files and then environment, as one file; the latter wins."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    settings = {}
    for line in listed.splitlines():
        key, mark, value = line.partition("=")
        if mark:
            settings[key.rpartition(".")[2]] = str(ast.literal_eval(value)).replace("\n", "\n  ")
    return "\n".join(["[global]", *("%s = %s" % setting for setting in settings.items()), ""])
