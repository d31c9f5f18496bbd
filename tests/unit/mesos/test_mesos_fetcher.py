# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that a task names by URI."""

from __future__ import annotations

import tarfile

import pytest
from nextgen_mesos.fetcher import fetch, local_name


@pytest.mark.parametrize("value", ["http://h/", "file:///a/..", ""])
def test_names_that_leave_the_sandbox_or_say_nothing_are_refused(value):
    with pytest.raises(ValueError, match="no usable file name"):
        local_name({"value": value})
    with pytest.raises(ValueError, match="no usable file name"):
        local_name({"value": "/x", "output_file": "../x"})


def test_names():
    assert local_name({"value": "http://h/a/b.txt?c=d"}) == "b.txt"
    assert local_name({"value": "/x", "output_file": "sub/y"}) == "sub/y"


def test_copy_extract_and_cache(tmp_path):
    source, sandbox, cache = tmp_path / "source", tmp_path / "sandbox", tmp_path / "cache"
    for directory in (source, sandbox, cache):
        directory.mkdir()
    (source / "inner").write_text("text")
    with tarfile.open(source / "a.tar.gz", "w:gz") as archive:
        archive.add(source / "inner", "inner")
    fetch({"uri": {"value": "file://%s" % (source / "a.tar.gz")}}, str(sandbox), "")
    assert (sandbox / "inner").read_text() == "text"
    item = {"uri": {"value": str(source / "inner"), "output_file": "kept", "executable": True}, "cache_filename": "c"}
    fetch({**item, "action": "DOWNLOAD_AND_CACHE"}, str(sandbox), str(cache))
    (source / "inner").unlink()
    (sandbox / "kept").unlink()
    fetch({**item, "action": "RETRIEVE_FROM_CACHE"}, str(sandbox), str(cache))
    assert (sandbox / "kept").read_text() == "text"
    assert (sandbox / "kept").stat().st_mode & 0o111
