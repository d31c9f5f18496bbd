# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failed run says in its last lines, from a report that pytest itself has written."""

from __future__ import annotations

import subprocess
import sys

from ansible_collections.nextgen.cloud.tests.unit.contracts.repository import ROOT

TESTS = """
import pytest

@pytest.fixture
def left():
    yield
    assert ["a"] == []

@pytest.mark.parametrize("number", range(3))
def test_left(left, number):
    assert True

def test_root():
    raise KeyError("the reason")

def test_skipped():
    pytest.skip("not here")
"""


def test_each_reason_is_told_once_and_failures_before_what_follows_from_them(tmp_path, monkeypatch):
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", str(tmp_path)]
    subprocess.run([*command, "--junitxml=%s" % report, str(tmp_path)], cwd=tmp_path, capture_output=True, check=False)
    monkeypatch.syspath_prepend(str(ROOT / "scripts" / "checks"))
    import reasons

    told = reasons.of_report(report)
    assert [line.partition(":")[0] for line in told] == ["test_root", "test_left[0]", "test_skipped"]
    assert "the reason" in told[0] and all(len(line) <= reasons.WIDTH for line in told)
