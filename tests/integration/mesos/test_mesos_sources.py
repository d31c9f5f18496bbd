# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where Mesos comes from: the published binary, a package, an archive."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

from mesos_cluster import CACHE, FILES, commands
from mesos_packages import make_archive, make_deb

sys.path.insert(0, str(FILES / "embedded"))

from nextgen_mesos import LIBRARY_NAME, elf  # noqa: E402


def tree_of(root):
    """{path: (executable, sha256)} of all files below ``root/usr``."""
    return {
        str(path.relative_to(root)): (bool(path.stat().st_mode & 0o100), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted((root / "usr").rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and "nextgen.cloud" not in path.parts
    }


def test_the_published_library_is_patched_to_the_same_bytes_everywhere():
    library = commands() / "usr/lib/mesos" / LIBRARY_NAME
    assert hashlib.sha256(library.read_bytes()).hexdigest() == elf.PATCHED_SHA256


def test_the_cached_archive_is_not_made_again():
    command = [sys.executable, str(FILES / "embedded_archive.py"), str(CACHE)]
    made = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert made["changed"] is False


def test_check_mode_makes_nothing(tmp_path):
    command = [sys.executable, str(FILES / "embedded_archive.py"), "--check", str(tmp_path / "cache")]
    made = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert made["changed"] is True
    assert not (tmp_path / "cache").exists()


def test_package_and_archive_bring_the_same_commands(tmp_path):
    package, archive = tmp_path / "package", tmp_path / "archive"
    archive.mkdir()
    (tmp_path / "repository").mkdir()
    deb = make_deb(tmp_path / "repository")
    subprocess.run(["dpkg-deb", "--extract", str(deb), str(package)], check=True)
    subprocess.run(["tar", "--extract", "--file", str(make_archive(tmp_path)), "-C", str(archive)], check=True)
    expected = tree_of(commands())
    assert {path for path, (executable, _sum) in expected.items() if executable} == {
        "usr/sbin/mesos-master",
        "usr/sbin/mesos-agent",
        "usr/libexec/mesos/mesos-containerizer",
        "usr/libexec/mesos/mesos-executor",
        "usr/libexec/mesos/mesos-fetcher",
    }
    assert tree_of(package) == expected
    assert tree_of(archive) == expected
    for root in (package, archive):
        for name in ("mesos-master", "mesos-agent"):
            done = subprocess.run(
                [str(root / "usr/sbin" / name), "--version"], capture_output=True, text=True, check=True
            )
            assert done.stdout == "mesos 1.11.0\n"
        done = subprocess.run(
            [str(root / "usr/sbin/mesos-agent"), "--help"], capture_output=True, text=True, check=True
        )
        assert "--reconfiguration_policy" in done.stdout
