# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cache of a run as its processes see it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from secret_harness import COLLECTIONS, environment

PROGRAM = Path(__file__).with_name("run_cache_forks.py")


def forks(folder, story):
    """(what each fork got, how often the value was made)"""
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), story],
        env={**environment(folder), "PYTHONPATH": str(COLLECTIONS)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    return row["results"], row["made"]


def test_a_value_is_made_once_for_all_forks(tmp_path):
    assert forks(tmp_path, "once") == (["value 1"] * 6, 1)


def test_folders_may_be_deeper_than_names_of_sockets_are_long(tmp_path):
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    assert forks(deep, "once") == (["value 1"] * 6, 1)


def test_a_maker_that_dies_is_followed_by_another(tmp_path):
    assert forks(tmp_path, "dying") == (["", *["value 2"] * 5], 2)


def test_an_error_stays_with_its_maker_and_nothing_is_kept(tmp_path):
    assert forks(tmp_path, "failing") == (["no %d" % number for number in range(6)], 6)


def test_what_was_being_made_when_it_was_forgotten_is_not_kept(tmp_path):
    assert forks(tmp_path, "forgotten") == (["value 1", "forgot", "value 2"], 2)


def test_forgetting_goes_by_the_prefix(tmp_path):
    assert forks(tmp_path, "kept") == (["value 2", *[""] * 5], 2)


def test_one_run_knows_nothing_of_another(tmp_path):
    assert forks(tmp_path, "once")[1] == 1
    assert forks(tmp_path, "once") == (["value 2"] * 6, 2)
