# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model behind the callback: phases, counts, times."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.progress import Progress, problem_lines


@pytest.fixture
def run():
    """Preflight 2 s, Install 8 s in two plays (one change, one failure), Deploy 1 s."""
    progress = Progress(100.0)
    progress.play_started("Preflight | components", 100.0)
    progress.play_started("Install | control nodes", 102.0)
    progress.task_started("t1", "zookeeper : Write the configuration", 102.0)
    progress.result("t1", "aio-1", "changed", 107.0)
    progress.play_started("Install | workers", 107.0)
    progress.task_started("t2", "engine : Start", 107.0)
    progress.result("t2", "aio-1", "failed", 110.0)
    progress.play_started("Deploy | clouds", 110.0)
    progress.phase_ended(111.0)
    return progress


def test_neighbouring_plays_of_one_phase_are_one_phase(run):
    assert [(phase.name, phase.seconds) for phase in run.phases] == [("Preflight", 2), ("Install", 8), ("Deploy", 1)]


def test_a_play_ends_the_phase_before_it_and_only_that():
    progress = Progress(0.0)
    assert progress.play_started("Install | a", 0.0) is None
    assert progress.play_started("Install | b", 1.0) is None
    ended = progress.play_started("Deploy | clouds", 3.0)
    assert (ended.name, ended.seconds) == ("Install", 3.0)


def test_a_phase_is_one_line_of_what_changed_and_failed(run):
    assert [phase.line().split(maxsplit=1) for phase in run.phases] == [
        ["Preflight", "2.0 s  no change"],
        ["Install", "8.0 s  1 changed, 1 failed"],
        ["Deploy", "1.0 s  no change"],
    ]


def test_a_play_without_a_bar_is_a_phase_of_its_name():
    progress = Progress(0.0)
    progress.play_started("Verify", 0.0)
    assert progress.phase_ended(1.0).name == "Verify"


def test_the_figures_for_programs(run):
    figures = run.as_dict()
    assert (figures["seconds"], figures["changed"], figures["failed"]) == (11.0, 1, 1)
    assert figures["phases"][1] == {"name": "Install", "seconds": 8.0, "changed": 1, "failed": 1}
    assert figures["hosts"]["aio-1"]["changed"] == 1
    assert figures["slowest"][0] == {"phase": "Install", "task": "zookeeper : Write the configuration", "seconds": 5.0}


def test_recap_has_phases_only_where_there_are_several(run):
    assert [line.split()[0] for line in run.recap() if line] == ["Preflight", "Install", "Deploy", "Total", "aio-1"]
    assert [line.split()[0] for line in run.recap(phases=False)] == ["aio-1"]


def test_problems_show_code_place_and_remedy():
    problem = {"code": "NXC-SITE-0001", "message": "No.", "hint": "Did you mean x?", "remedy": "Do."}
    assert problem_lines([{**problem, "file": "site.yml", "line": 3, "column": 5}]) == [
        "NXC-SITE-0001: site.yml:3:5: No. Did you mean x?",
        "    Remedy: Do.",
    ]
    assert problem_lines([{**problem, "file": "", "line": 0, "column": 0}])[0] == "NXC-SITE-0001: No. Did you mean x?"
