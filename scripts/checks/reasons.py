# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a check failed, in a few short lines: they end a run, where a CI that keeps only its tail still shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

# How our callback, Ansible and most tools begin the line that tells what went wrong.
BEGINS = re.compile(r"\* (failed|unreachable) |\[ERROR\]|FAILED |ERROR |E  |fatal: |\S+:\d+:\d+: ")
STARTS = 2
LINES = 5
TESTS = 6
WIDTH = 140


def of_log(lines: list[str]) -> Iterator[str]:
    """The first reasons in a log, each with the lines behind it."""
    left = 0
    starts = 0
    for line in lines:
        if BEGINS.match(line) and starts < STARTS:
            starts += 1
            left = LINES
        if left and line.strip():
            left -= 1
            yield line[:WIDTH]


def of_report(report: Path) -> list[str]:
    """The tests of a JUnit report that failed for a reason of their own: failures before errors, each reason once."""
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    first: dict[str, str] = {}
    for kind in ("failure", "error", "skipped"):
        for case in cases:
            for found in case.iter(kind):
                words = " ".join((found.get("message") or found.text or "").split())
                first.setdefault(words, case.get("name", ""))
    return ["%s: %s" % (name, words)[:WIDTH] for words, name in islice(first.items(), TESTS)]
