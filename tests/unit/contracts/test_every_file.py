# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every file of the repository."""

from __future__ import annotations

import ast
import re

import pytest
from ansible_collections.nextgen.cloud.tests.unit.contracts.repository import (
    PLUGINS,
    ROOT,
    files,
    python_files,
    relative,
    text,
)

# REUSE.toml says the licence of files whose format has no comments, and of templates: a header would land on nodes.
NO_HEADER = {".j2", ".json", ".txt", ".pem", ".crt", ".sha256", ".svg", ".png"}
LICENCES = {"LICENSE"}
TAG = re.compile(r"SPDX-License-Identifier[:] GPL-3\.0-or-later")
# A path of somebody's machine, or where packages come from here: both end a checkout's freedom to be anywhere.
MACHINE = re.compile(r"/work/(main|shared)\b|/home/[a-z]+/|/root/\.pyenv|\.pyenv/versions")
ADDRESS = re.compile(
    r"--(extra-)?index-url|--find-links|files\.pythonhosted\.org|https?://[^\s/]*(artifactory|nexus|proxy)"
)
ANY_ADDRESS = re.compile(r"https?://\S+|--\w+-url")


def has_header(path, content):
    if path.suffix in NO_HEADER or path.name in LICENCES or {"LICENSES", "golden"} & set(path.parts):
        return True
    return TAG.search("\n".join(content.splitlines()[:8])) is not None


def test_every_file_says_its_licence():
    silent = [relative(path) for path in files() if text(path) and not has_header(path, text(path))]
    assert not silent


def test_no_file_knows_a_machine_or_an_index():
    found = []
    for path in files():
        content = text(path) or ""
        if path.name == "test_every_file.py":
            continue
        found += ["%s: %s" % (relative(path), hit.group()) for hit in MACHINE.finditer(content)]
        if path.parent.name == "requirements":
            found += ["%s: %s" % (relative(path), hit.group()) for hit in ANY_ADDRESS.finditer(content)]
        elif path.name != "lock.sh":
            found += ["%s: %s" % (relative(path), hit.group()) for hit in ADDRESS.finditer(content)]
    assert not found


def test_text_files_end_with_one_newline_and_have_no_tabs_at_the_end():
    wrong = [relative(path) for path in files() if text(path) and not re.search(r"[^\n]\n\Z", text(path))]
    assert not [name for name in wrong if not name.startswith("LICENSE")]


def locked(name):
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", (ROOT / "requirements" / name).read_text(), re.M))


def test_the_lock_for_development_holds_the_lock_of_the_controller():
    development = locked("dev.txt")
    assert locked("controller.txt").items() <= development.items()


@pytest.mark.parametrize("name", ["bootstrap", "controller", "dev", "galaxy-importer"])
def test_every_locked_package_has_a_hash(name):
    content = (ROOT / "requirements" / ("%s.txt" % name)).read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9])", content, flags=re.M)[1:]
    assert blocks
    assert not [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block]


@pytest.mark.parametrize("path", python_files(PLUGINS / "modules"), ids=relative)
def test_every_module_documents_check_mode(path):
    documented = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper()
        and isinstance(node.value, ast.Constant)
    }  # fmt: skip
    assert {"DOCUMENTATION", "EXAMPLES", "RETURN"} <= documented.keys()
    assert "nextgen.cloud.attributes" in documented["DOCUMENTATION"]
    action = PLUGINS / "action" / path.name
    # A module that runs on the controller is documentation here and an action plugin there.
    code = (action if action.exists() else path).read_text(encoding="utf-8")
    assert "supports_check_mode=True" in code or "_supports_check_mode = True" in code
