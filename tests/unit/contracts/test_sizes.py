# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files stay small enough to be read at one sitting."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.tests.unit.contracts.repository import (
    PLUGINS,
    ROOT,
    code_lines,
    files,
    python_files,
    relative,
)

LIMITS = [(PLUGINS / "modules", 250), (PLUGINS / "module_utils", 300), (PLUGINS / "plugin_utils", 300)]


@pytest.mark.parametrize("folder, limit", LIMITS, ids=[relative(folder) for folder, _limit in LIMITS])
def test_python_files_are_small(folder, limit):
    sizes = {relative(path): code_lines(path) for path in python_files(folder)}
    assert not {name: size for name, size in sizes.items() if size > limit}


def test_task_files_are_small():
    lengths = {
        relative(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in files()
        if path.suffix == ".yml" and "tasks" in path.relative_to(ROOT).parts[:-1]
    }
    assert not {name: length for name, length in lengths.items() if length > 120}


def test_there_are_no_grab_bags():
    assert not [relative(path) for path in files() if path.stem in ("utils", "helpers", "common", "misc")]
