# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make test``: run the stages, two at a time where that is harmless, and count honestly.

A stage that fails does not keep the others from running. A skipped test counts as failed: here
everything a test needs has been installed, so what cannot run is broken. The last line is
``N passed, N failed`` over all stages.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import reasons
from stages import LOGS, Check, Stage, stages
from workspace import ansible_test_home, copy_collection, venv_without_spaces

LANES = 2
TAIL = 60
# What pip says while ansible-test makes its environments would push the reasons out of the tail.
CHATTER = re.compile(r"\s*(Collecting|Downloading|Using cached|Looking in|Installing|Successfully installed|━)")


@dataclass
class Outcome:
    """Counts of one stage, its wall time in seconds, and the names of what failed."""

    stage: str
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    broken: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    def line(self) -> str:
        verdict = "failed: %s" % ", ".join(self.broken) if self.broken else "ok"
        counts = "%5d passed %4d failed" % (self.passed, self.failed)
        return "%-14s %7.1f s  %s  %s" % (self.stage, self.seconds, counts, verdict)


def count(check: Check, status: int) -> tuple[int, int]:
    """(passed, failed) of a check that has ended with ``status``."""
    if check.report is None:
        return (1, 0) if status == 0 else (0, 1)
    if not check.report.exists():
        return 0, 1
    suites = list(ElementTree.parse(check.report).getroot().iter("testsuite"))
    total = sum(int(suite.get("tests", 0)) for suite in suites)
    failed = sum(int(suite.get(kind, 0)) for suite in suites for kind in ("failures", "errors", "skipped"))
    passed = total - failed
    # What failed outside of any test (an import, an earlier step, no test at all) counts too.
    if failed == 0 and (status != 0 or total == 0):
        failed = 1
    return passed, failed


def run_check(check: Check, log: Path) -> int:
    """Run one command, its output appended to ``log``; a command that is not there is status 127."""
    if check.report is not None:
        check.report.unlink(missing_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write("== %s: %s\n" % (check.name, " ".join(check.command)))
        file.flush()
        try:
            return subprocess.run(
                check.command, cwd=check.cwd, env={**os.environ, **check.environment},
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, check=False,
            ).returncode  # fmt: skip
        except OSError as error:
            file.write("%s\n" % error)
            return 127


def run_stage(stage: Stage) -> Outcome:
    log = LOGS / ("%s.log" % stage.name)
    log.write_text("", encoding="utf-8")
    outcome = Outcome(stage.name)
    began = time.monotonic()
    for check in stage.checks:
        start = log.stat().st_size
        passed, failed = count(check, run_check(check, log))
        outcome.passed += passed
        outcome.failed += failed
        if failed:
            outcome.broken += (check.name,)
            lines = told(log, start)
            show_tail(check, log, lines)
            reported = reasons.of_report(check.report) if check.report and check.report.exists() else ()
            outcome.reasons += tuple(reported or reasons.of_log(lines))
    outcome.seconds = time.monotonic() - began
    print(outcome.line(), flush=True)
    return outcome


def told(log: Path, start: int) -> list[str]:
    """What a check wrote to its log from ``start`` (bytes) on."""
    with log.open("rb") as file:
        file.seek(start)
        return [line for line in file.read().decode("utf-8", "replace").splitlines() if not CHATTER.match(line)]


def show_tail(check: Check, log: Path, lines: list[str]) -> None:
    """The end of what the failed check wrote, in one piece even when two stages run."""
    shown = "\n".join("  | %s" % line for line in lines[-TAIL:])
    print("-- %s failed; the end of %s:\n%s" % (check.name, log, shown), flush=True)


def lanes(chosen: list[Stage]) -> Iterator[list[Stage]]:
    """Groups that run one after another; within a group two at a time."""
    together = [stage for stage in chosen if not stage.alone]
    if together:
        yield together
    for stage in chosen:
        if stage.alone:
            yield [stage]


def run(chosen: list[Stage]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for group in lanes(chosen):
        with ThreadPoolExecutor(max_workers=LANES) as pool:
            outcomes += pool.map(run_stage, group)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(prog="make test", description=__doc__)
    parser.add_argument("stage", nargs="*", help="run only these")
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nextgen-cloud-test-") as base:
        table = stages(copy_collection(Path(base)), ansible_test_home(), venv_without_spaces(Path(base)))
        unknown = set(options.stage) - {stage.name for stage in table}
        if unknown:
            parser.error("no such stage: %s" % ", ".join(sorted(unknown)))
        outcomes = run([stage for stage in table if not options.stage or stage.name in options.stage])
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    print("%-14s %7.1f s" % ("all", time.monotonic() - began))
    for outcome in outcomes:
        for line in outcome.reasons:
            print("  ! %s" % line)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
