# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exact folder of secret files: which steps, in which order."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.tree import (
    Change,
    Entry,
    changes,
    names,
    parse_files,
)

WANTED = {"k/a": b"1", "k/b": b"2"}
RIGHT = {"k": Entry("folder", 0o700), "k/a": Entry("file", 0o600, b"1"), "k/b": Entry("file", 0o600, b"2")}


def steps(observed):
    return [(step.verb, step.path) for step in changes(WANTED, observed)]


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        ({}, [("folder", "k"), ("write", "k/a"), ("write", "k/b")]),
        (RIGHT, []),
        ({**RIGHT, "k/b": Entry("file", 0o600, b"3")}, [("write", "k/b")]),
        ({**RIGHT, "k/b": Entry("file", 0o644, b"2")}, [("mode", "k/b")]),
        ({**RIGHT, "k": Entry("folder", 0o755)}, [("mode", "k")]),
        ({**RIGHT, "x": Entry("file", 0o600)}, [("remove", "x")]),
        (
            {**RIGHT, "x": Entry("folder", 0o700), "x/y": Entry("folder", 0o700), "x/y/z": Entry("file", 0o600)},
            [("remove", "x/y/z"), ("remove", "x/y"), ("remove", "x")],
        ),
        ({**RIGHT, "k/b": Entry("other", 0o777)}, [("remove", "k/b"), ("write", "k/b")]),
        (
            {"k": Entry("file", 0o600)},
            [("remove", "k"), ("folder", "k"), ("write", "k/a"), ("write", "k/b")],
        ),
        (
            {**RIGHT, "k/b": Entry("folder", 0o700), "k/b/c": Entry("file", 0o600)},
            [("remove", "k/b/c"), ("remove", "k/b"), ("write", "k/b")],
        ),
    ],
    ids=["new", "same", "value", "mode", "foldermode", "extra", "tree", "link", "file as folder", "folder as file"],
)
def test_steps(observed, expected):
    assert steps(observed) == expected


def test_nothing_wanted_empties_the_folder():
    assert changes({}, RIGHT) == [Change("remove", "k/a"), Change("remove", "k/b"), Change("remove", "k")]


def test_the_diff_shows_names_only():
    before, after = names({"k/a": b"geheim", "n": b"neu"}, {**RIGHT, "l": Entry("other", 0o777)})
    assert before == "k/a 0600\nk/b 0600\nl 0777 (other)\n"
    assert after == "k/a 0600 (another value)\nn 0600\n"


@pytest.mark.parametrize(
    ("files", "code"),
    [({"../x": "1"}, "NXC-SECR-0006"), ({"a": "1", "a/b": "2"}, "NXC-SECR-0011")],
)
def test_unfit_paths_are_refused(files, code):
    with pytest.raises(CloudError) as caught:
        parse_files(files)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_no_repr_shows_a_value():
    assert "geheim" not in repr(Entry("file", 0o600, b"geheim"))
