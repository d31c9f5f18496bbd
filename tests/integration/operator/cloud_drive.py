# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the use case behind the module with plain processes as tasks; by hand or as a process to be killed.

As a program it reads one JSON object from stdin: the keyword arguments of ``drive``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.http import Credential  # noqa: E402
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.run import CloudRun, Settings  # noqa: E402
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.manifests import canonical  # noqa: E402


def command(spec):
    """The workload instead of a container."""
    return {
        "shell": False,
        "value": "/usr/bin/python3",
        "arguments": ["python3", str(Path(__file__).with_name("cloud_workload.py"))],
        "environment": {"variables": [{"name": "NEXTGEN_CONTAINER", "type": "VALUE", "value": canonical(spec)}]},
    }


def drive(*, cloud, secret, operator_secret, masters, zookeeper, run_dir, manifests, routed=(), **more):
    """One call; ``manifests`` None takes the cloud away."""
    settings = Settings(
        site="test",
        cloud=cloud,
        masters=masters,
        zookeeper=zookeeper,
        cloud_credential=Credential(cloud, secret),
        operator_credential=Credential("operator", operator_secret),
        run_dir=run_dir,
        command=command,
        **more,
    )
    return CloudRun(settings, manifests, routed).run()


if __name__ == "__main__":
    outcome = drive(**json.load(sys.stdin))
    print(json.dumps({"settled": outcome.settled, "done": [mutation.line for mutation in outcome.done]}))
