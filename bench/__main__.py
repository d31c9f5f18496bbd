# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make bench``: a table for people, ``build/bench.json`` for programs. Everything is measured in this run.

Arguments choose single rows. What needs a site is measured when the sample site is up (``make up``),
and absent otherwise.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def measure_all(chosen: list[str]) -> list:
    """Rows of everything, or of the ``chosen``, that can be measured now; says on
    standard error what it is doing."""
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader([str(ROOT / ".cache" / "collections")])
    import certificates
    import controller
    import mesos
    import secret_rows
    import site_up

    deeds = [*controller.ROWS, *certificates.ROWS, *secret_rows.ROWS, *mesos.ROWS]
    if site_up.is_up():
        deeds += site_up.ROWS
    else:
        print("No site is up, so runs on a site are not measured: make up, then make bench.", file=sys.stderr)
    rows = []
    for deed in deeds:
        if chosen and deed.__name__ not in chosen:
            continue
        print("measuring %s ..." % deed.__name__, file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="nextgen-cloud-bench-") as folder:
            rows.append(deed(Path(folder)))
    return rows


def table(rows: list) -> str:
    cells = [("NAME", "OURS", "REFERENCE", "", "RATIO", "GOAL", "MET")]
    for row in rows:
        figures = ["%.2f %s" % (value, row.unit) for value in (row.ours, row.reference)]
        met = "yes" if row.met else "NO"
        cells.append((row.name, *figures, row.reference_name, "%.2f" % row.ratio, "<= %g" % row.goal, met))
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells)


def main() -> int:
    rows = measure_all(sys.argv[1:])
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([row.as_dict() for row in rows], indent=2) + "\n", encoding="utf-8")
    print(table(rows))
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
