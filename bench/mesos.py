# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task through a real Mesos on loopback: from accepting the offer to TASK_RUNNING, by our executor."""

from __future__ import annotations

import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path

from measure import Row, seconds

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "integration"))

from mesos_cluster import Cluster  # noqa: E402
from mesos_scheduler import Scheduler  # noqa: E402

TASKS = 15


def launch(folder: Path) -> Row:
    """The floor is a Python program of the same kind that is forked, runs and says so on a pipe."""
    folder.chmod(0o755)  # the user of a cloud has to get through
    cluster = Cluster(folder)
    try:
        cluster.start()
        scheduler = Scheduler(cluster)
        times = []
        for index in range(TASKS):
            name = "bench-%d" % index
            offer = scheduler.offer()
            times.append(seconds(partial(_run, scheduler, name, offer)))
            scheduler.kill(name, offer["agent_id"])
        scheduler.teardown()
    finally:
        cluster.stop()
    floor = statistics.median(seconds(_fork) for _index in range(TASKS))
    ours = statistics.median(times)
    return Row("Mesos task: accept to running", "ms", ours * 1e3, floor * 1e3, "fork of a Python program", 20.0)


def _run(scheduler: Scheduler, name: str, offer: dict) -> None:
    scheduler.launch(name, "sleep 600", offer=offer)
    scheduler.reached(name, "TASK_RUNNING")


def _fork() -> None:
    command = ["/usr/bin/python3", "-IS", "-c", "print('running', flush=True)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()


ROWS = [launch]
