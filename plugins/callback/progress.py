# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events of a run in, lines for a person out; what they say is decided in ``_domain/progress``."""

from __future__ import annotations

DOCUMENTATION = r"""
name: progress
type: stdout
short_description: One line per phase, and everything that changed or failed
version_added: 0.1.0
author: the nextgen.cloud authors (!UNKNOWN)
description:
  - A play named C(Phase | detail) belongs to the phase before the bar; neighbouring plays of one phase are one.
  - Prints tasks that changed something, failures in full with the findings of this collection's modules,
    differences with C(--diff), and one line per phase with its time. Ends with the results per host.
  - With C(-v) every result is printed.
options:
  timings_file:
    description: Where to write time and counts per phase as JSON, an absolute path. Not written when empty.
    type: str
    default: ""
    env:
      - name: NEXTGEN_TIMINGS_FILE
    ini:
      - section: callback_progress
        key: timings_file
  live:
    description: Show the running task in a line that is overwritten. Only where the output is a terminal.
    type: bool
    default: true
    env:
      - name: NEXTGEN_LIVE
    ini:
      - section: callback_progress
        key: live
  recap:
    description: What comes at the end, V(full) is time per phase and results per host.
    type: str
    default: full
    choices: [full, hosts]
    env:
      - name: NEXTGEN_RECAP
    ini:
      - section: callback_progress
        key: recap
  result_format:
    default: yaml
extends_documentation_fragment:
  - ansible.builtin.result_format_callback
"""

import json
import os
import shutil
import sys
import time

from ansible import constants as C
from ansible import context
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback import CallbackBase
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.progress import Progress, problem_lines

COLORS = {
    "ok": C.COLOR_OK,
    "changed": C.COLOR_CHANGED,
    "failed": C.COLOR_ERROR,
    "unreachable": C.COLOR_UNREACHABLE,
    "skipped": C.COLOR_SKIP,
    "ignored": C.COLOR_WARN,
    "difference": None,
}

# Keys of a failed result that are said in other words, or say nothing to a person.
TOLD = ("msg", "problems", "results", "changed", "failed", "unreachable", "exception", "warnings", "deprecations")


def _problems(values):
    """The findings in a result, as ``fail_from_exception`` puts them; empty if there are none."""
    problems = values.get("problems")
    if isinstance(problems, list) and all(isinstance(problem, dict) for problem in problems):
        return problems
    return []


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "nextgen.cloud.progress"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._progress = Progress(time.monotonic())

    # -- output ---------------------------------------------------------------------------------

    def _say(self, text, color=None):
        self._wipe()
        self._display.display(text, color=color)

    def _wipe(self):
        if self._is_live():
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()

    def _is_live(self):
        return self.get_option("live") and sys.stdout.isatty() and not self._display.verbosity

    def _show_running(self, task_name):
        if self._is_live():
            text = "%s: %s" % (self._progress.now_doing, task_name)
            # The cursor stays at the left edge, so that whatever is printed next covers the line.
            sys.stdout.write("\r\x1b[K%s\r" % text[: shutil.get_terminal_size().columns - 1])
            sys.stdout.flush()

    def _line(self, status, result, text=""):
        """``* changed  [aio-1] zookeeper : Write the configuration``"""
        line = "* %-11s [%s] %s%s" % (status, self._host(result), self._name(result), text)
        self._say(line, COLORS[status])

    def _host(self, result):
        # Within a loop the delegated host is still a template here; then the host itself has to do.
        label = self.host_label(result)
        return result.host.get_name() if "{{" in label else label

    def _name(self, result):
        # The name as templated for this host, where the strategy gave one.
        return (result.task_name or result.task.get_name()).strip()

    def _detail(self, result):
        """With -v the whole result of a task that did not fail."""
        if self._run_is_verbose(result) and "results" not in result.result:
            self._clean_results(result.result, result.task.action)
            return " => %s" % self._dump_results(result.result)
        return ""

    def _failure(self, values):
        """All there is to say about one failed result: findings first, else the message, then the rest."""
        problems = _problems(values)
        lines = problem_lines(problems) if problems else str(values.get("msg", "")).splitlines()
        text = "".join("\n    %s" % line for line in lines)
        rest = {key: values[key] for key in values if key not in TOLD}
        shown = self._dump_results(rest).strip("\n") if rest else ""
        return "%s\n%s" % (text, shown) if shown.strip(" {}") else text

    def _mishaps(self, result):
        """Warnings always; the exception too, unless the findings say the same better."""
        self._wipe()
        if _problems(result.result) and self._display.verbosity < 3:
            self._handle_warnings(result.result)
        else:
            self._handle_warnings_and_exception(result)

    # -- results --------------------------------------------------------------------------------

    def _count(self, status, result):
        self._progress.result(result.task._uuid, result.host.get_name(), status, time.monotonic())

    def v2_runner_on_ok(self, result):
        if isinstance(result.task, TaskInclude):
            return
        status = "changed" if result.result.get("changed", False) else "ok"
        self._count(status, result)
        self._mishaps(result)
        if result.task.action in C._ACTION_DEBUG:
            self._clean_results(result.result, result.task.action)
            message = result.result.get("msg") if "msg" in result.result else None
            self._say(message if isinstance(message, str) else self._dump_results(result.result).strip("\n"))
        elif status == "changed" or self._run_is_verbose(result):
            self._line(status, result, self._detail(result))

    def v2_runner_on_failed(self, result, ignore_errors=False):
        status = "ignored" if ignore_errors else "failed"
        self._count(status, result)
        if ignore_errors and not self._run_is_verbose(result):
            self._wipe()
            self._handle_warnings(result.result)
            self._line(status, result, ": %s" % str(result.result.get("msg", "")).partition("\n")[0])
            return
        self._mishaps(result)
        # A loop has told its failed items one by one already; what is left to say is the sum.
        self._line(status, result, self._failure(result.result))

    def v2_runner_on_unreachable(self, result):
        ignored = bool(result.task.ignore_unreachable)
        self._count("ignored" if ignored else "unreachable", result)
        self._mishaps(result)
        self._line("unreachable", result, self._failure(result.result))

    def v2_runner_on_skipped(self, result):
        self._count("skipped", result)
        self._mishaps(result)
        if self._run_is_verbose(result):
            self._line("skipped", result)

    def v2_runner_item_on_ok(self, result):
        self._mishaps(result)
        if isinstance(result.task, TaskInclude):
            return
        if result.task.action in C._ACTION_DEBUG and isinstance(result.result.get("msg"), str):
            self._say(result.result["msg"])
        elif self._run_is_verbose(result):
            self._item("changed" if result.result.get("changed", False) else "ok", result, self._detail(result))

    def v2_runner_item_on_failed(self, result):
        self._mishaps(result)
        status = "ignored" if result.task.ignore_errors is True else "failed"
        self._item(status, result, self._failure(result.result))

    def v2_runner_item_on_skipped(self, result):
        self._mishaps(result)
        if self._run_is_verbose(result):
            self._item("skipped", result, "")

    def _item(self, status, result, text):
        self._line(status, result, " (item=%s)%s" % (self._get_item_label(result.result), text))

    def v2_runner_retry(self, result):
        if self._run_is_verbose(result):
            left = result.result["retries"] - result.result["attempts"]
            self._line("skipped", result, ": trying again, %d left" % left)

    def v2_on_file_diff(self, result):
        results = [result.result]
        if result.task.loop and "results" in result.result:
            results = result.result["results"]
        for one in results:
            diff = self._get_diff(one["diff"]) if one.get("diff") and one.get("changed", False) else ""
            if diff:
                self._line("difference", result)
                self._say(diff.rstrip("\n"))

    # -- the run --------------------------------------------------------------------------------

    def v2_playbook_on_start(self, playbook):
        self._progress = Progress(time.monotonic())
        if context.CLIARGS["check"]:
            self._say("Check mode: nothing is changed; what is said to change would.", C.COLOR_HIGHLIGHT)

    def v2_playbook_on_play_start(self, play):
        self._phase_line(self._progress.play_started(play.get_name(), time.monotonic()))
        if self._display.verbosity:
            self._say("%s" % play.get_name(), C.COLOR_HIGHLIGHT)

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._progress.task_started(task._uuid, task.get_name().strip(), time.monotonic())
        self._show_running(task.get_name().strip())

    def v2_playbook_on_handler_task_start(self, task):
        self.v2_playbook_on_task_start(task, False)

    def v2_playbook_on_no_hosts_matched(self):
        if self._display.verbosity:
            self._say("  no hosts matched", C.COLOR_SKIP)

    def v2_playbook_on_no_hosts_remaining(self):
        self._say("  no hosts left", C.COLOR_ERROR)

    def v2_playbook_on_stats(self, stats):
        self._phase_line(self._progress.phase_ended(time.monotonic()))
        self._say("")
        for line in self._progress.recap(phases=self.get_option("recap") == "full"):
            self._say(line)
        path = self.get_option("timings_file")
        if path:
            self._write(path, self._progress.as_dict())

    def _phase_line(self, phase):
        if phase is not None:
            color = "failed" if phase.failed else "changed" if phase.counts["changed"] else "ok"
            self._say(phase.line(), COLORS[color])

    @staticmethod
    def _write(path, values):
        # Renamed into place: a reader sees the whole file or none.
        part = "%s.part" % path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(part, "w", encoding="utf-8") as file:
            json.dump(values, file, indent=2, sort_keys=True)
            file.write("\n")
        os.replace(part, path)
