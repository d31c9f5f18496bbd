# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``make up`` ends with: the clouds, where they are, a command to try, and the time of each phase.

Reads only what the run wrote: ``build/clouds.yaml`` (the clients' file) and ``build/timings.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from pathlib import Path

import yaml

BUILD = Path(os.environ.get("NEXTGEN_BUILD") or Path(__file__).resolve().parent.parent / "build")


def table(rows: list[tuple[str, ...]]) -> str:
    """Columns as wide as their widest cell; the last one is not padded."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)
    return "\n".join("  %s" % line for line in lines)


def cloud_rows(document: dict) -> list[tuple[str, ...]]:
    """One row per cloud of a clouds.yaml: name, endpoint, a command that uses it."""
    rows = [("CLOUD", "ENDPOINT", "TRY")]
    for name, cloud in sorted((document.get("clouds") or {}).items()):
        endpoint = str((cloud.get("auth") or {}).get("auth_url", "-"))
        rows.append((name, endpoint, "openstack --os-cloud %s token issue" % name))
    return rows


def phase_rows(timings: dict, setup: float) -> list[tuple[str, ...]]:
    """One row per phase in the order they ran, the setup of this machine first."""
    rows = [("PHASE", "SECONDS", "CHANGED"), ("Setup", "%.1f" % setup, "")]
    for phase in timings["phases"]:
        rows.append((phase["name"], "%.1f" % phase["seconds"], str(phase["changed"] or "")))
    rows.append(("Total", "%.1f" % (timings["seconds"] + setup), str(timings["changed"])))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--setup", type=float, default=0.0, help="seconds spent before the playbook")
    options = parser.parse_args()
    clouds = BUILD / "clouds.yaml"
    if clouds.exists():
        print("\n%s\n" % table(cloud_rows(yaml.safe_load(clouds.read_text(encoding="utf-8")) or {})))
        print("  The commands need:  cd %s && source scripts/env.sh\n" % shlex.quote(str(BUILD.parent)))
    timings = BUILD / "timings.json"
    if timings.exists():
        print(table(phase_rows(json.loads(timings.read_text(encoding="utf-8")), options.setup)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
