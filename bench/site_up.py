# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What needs a site that is up: a run that has nothing to do."""

from __future__ import annotations

import json
from pathlib import Path

from controller import ROOT, ansible
from measure import Row, compare

SITE = ROOT / "inventories" / "aio" / "site.yml"
BUILD = ROOT / "build"


def is_up() -> bool:
    """Whether every node of the sample site answers and its clients' file has been written."""
    if not (BUILD / "clouds.yaml").exists():
        return False
    try:
        ansible(ROOT, "ansible", "-i", str(SITE), "nodes", "-m", "ansible.builtin.ping")
    except RuntimeError:
        return False
    return True


def converged(_folder: Path) -> Row:
    """The whole site a second time against one ping of its nodes, which is what reaching them costs."""
    access = json.dumps({"nextgen_access_dir": str(BUILD)})
    ours, reference = compare(
        lambda: ansible(ROOT, "ansible-playbook", "-i", str(SITE), "nextgen.cloud.site", "-e", access),
        lambda: ansible(ROOT, "ansible", "-i", str(SITE), "nodes", "-m", "ansible.builtin.ping"),
        1,
    )
    return Row("site: second run, nothing to do", "s", ours, reference, "ansible -m ping", 40.0)


def deploy(_folder: Path) -> Row:
    """The clouds a second time against the same ping."""
    ours, reference = compare(
        lambda: ansible(ROOT, "ansible-playbook", "-i", str(SITE), "nextgen.cloud.deploy"),
        lambda: ansible(ROOT, "ansible", "-i", str(SITE), "nodes", "-m", "ansible.builtin.ping"),
        2,
    )
    return Row("deploy: two settled clouds", "s", ours, reference, "ansible -m ping", 10.0)


ROWS = [converged, deploy]
