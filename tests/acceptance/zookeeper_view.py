# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ZooKeeper as its administrator sees it, asked from a control node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .secret_values import Hidden, stored


def zookeeper_tree(site) -> list[dict[str, Any]]:
    """Path, data (base64) and access list of every node, read with all the site's own users."""
    values = stored(site)
    digests = [(name, values["site/zookeeper/%s" % name]) for name in ("super", "nextgen", "mesos")]
    asked = Hidden("print(json.dumps(tree('127.0.0.1:2181', %s)))" % json.dumps(digests))
    program = Path(__file__).parent / "node_zookeeper.py"
    return site.run_python(site.group("control")[0], program, call=asked)
