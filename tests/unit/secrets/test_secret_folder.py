# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of secret files on a real file system: values with their parts, and who may see them."""

from __future__ import annotations

import os
import stat

from ansible_collections.nextgen.cloud.plugins.module_utils._adapters import secret_files as folder
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.tree import changes, parse_files

FILES = {"mariadb/root": "one", "mariadb/root.previous": "two", "mariadb/root.slot": "a"}


def lay(root, files):
    wanted = parse_files(files)
    steps = changes(wanted, folder.observe(root) or {})
    folder.prepare(root)
    folder.apply(root, steps, wanted)
    return [(step.verb, step.path) for step in steps]


def modes(top):
    return {
        os.path.relpath(os.path.join(place, name), top): stat.S_IMODE(os.lstat(os.path.join(place, name)).st_mode)
        for place, folders, names in os.walk(top)
        for name in folders + names
    }


def test_a_value_and_its_parts_lie_side_by_side_and_only_their_owner_sees_them(tmp_path):
    root = str(tmp_path / "clouds" / "dev" / "secrets")
    lay(root, FILES)
    assert {path: (tmp_path / "clouds/dev/secrets" / path).read_text() for path in FILES} == FILES
    found = modes(str(tmp_path / "clouds"))
    assert {path: mode for path, mode in found.items() if mode & 0o077} == {}
    assert found["dev"] == found["dev/secrets"] == found["dev/secrets/mariadb"] == 0o700
    assert lay(root, FILES) == []


def test_a_rotation_touches_the_files_that_differ_and_no_others(tmp_path):
    root = str(tmp_path / "dev" / "secrets")
    lay(root, FILES)
    steps = lay(root, {"mariadb/root": "three", "mariadb/root.slot": "a", "mariadb/root.staged": "four"})
    assert steps == [
        ("remove", "mariadb/root.previous"),
        ("write", "mariadb/root"),
        ("write", "mariadb/root.staged"),
    ]
