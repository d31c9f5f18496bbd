# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands in scripts/: what they refuse, and what they say then."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SAY = ROOT / "scripts" / "say.sh"


def bash(script, cwd="/"):
    return subprocess.run(["bash", "-c", script], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", ["refuse 'no sudo' 'install it'", "{ echo 'no sudo' >&2; return 3; }"])
def test_a_phase_that_fails_shows_why(command):
    done = bash("set -euo pipefail; source '%s'; deed() { %s; }; phase Deed deed; echo on" % (SAY, command))
    assert done.returncode != 0
    assert "no sudo" in done.stderr and "failed" in done.stderr
    assert done.stdout == ""


def test_a_phase_does_not_move_who_called_it(tmp_path):
    done = bash("set -euo pipefail; source '%s'; deed() { cd /; }; phase Deed deed; pwd" % SAY, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == str(tmp_path)


@pytest.mark.parametrize("command", ["up", "down"])
def test_a_site_file_that_is_not_there_is_refused_before_anything_is_installed(tmp_path, command):
    done = bash("'%s' other/site.yml" % (ROOT / "scripts" / ("%s.sh" % command)), cwd=tmp_path)
    assert done.returncode == 1
    assert "there is no site file '%s'" % (tmp_path / "other" / "site.yml") in done.stderr
    assert "Remedy: " in done.stderr
    assert done.stdout == ""
