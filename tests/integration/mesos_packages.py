# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrap the embedded Mesos as an operator would ship it: ``mesos_packages.py deb|archive DIRECTORY``.

For tests of the sources ``package`` and ``archive``. Prints the path of what it made; for ``deb`` the
directory is then also a flat apt repository (``deb [trusted=yes] file:DIRECTORY ./``).
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from mesos_cluster import commands

NAME, VERSION = "mesos", "1.11.0-1+test"
DEPENDS = "python3, libapr1, libaprutil1, libcurl4, libsasl2-2, libsasl2-modules, libssl3, libsvn1"
CONTROL = """Package: %s
Version: %s
Architecture: amd64
Maintainer: nobody <nobody@example.invalid>
Depends: %s
Description: Apache Mesos, wrapped for a test
"""


def make_archive(directory: Path) -> Path:
    """A tar file with a tree to unpack at ``/``."""
    made = directory / ("mesos-%s.tar" % VERSION)
    tree = commands()
    subprocess.run(
        ["tar", "--create", "--file", str(made), "--exclude=__pycache__", "-C", str(tree)]
        + ["usr/sbin", "usr/lib/mesos", "usr/libexec/mesos"],
        check=True,
    )
    return made


def make_deb(directory: Path) -> Path:
    """A Debian package with the same content, and the index of a repository beside it."""
    root = directory / "root"
    shutil.rmtree(root, ignore_errors=True)
    tree = commands()
    for part in ("usr/sbin", "usr/lib/mesos", "usr/libexec/mesos"):
        shutil.copytree(tree / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "DEBIAN").mkdir()
    control = CONTROL % (NAME, VERSION, DEPENDS)
    (root / "DEBIAN" / "control").write_text(control)
    made = directory / ("%s_%s_amd64.deb" % (NAME, VERSION))
    command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(root), str(made)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(root)
    content = made.read_bytes()
    index = "Filename: ./%s\nSize: %d\nSHA256: %s\n" % (made.name, len(content), hashlib.sha256(content).hexdigest())
    (directory / "Packages").write_text(control + index)
    return made


if __name__ == "__main__":
    where = Path(sys.argv[2])
    where.mkdir(parents=True, exist_ok=True)
    print({"deb": make_deb, "archive": make_archive}[sys.argv[1]](where))
