# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'mesos'."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-MESO-0001": Entry(
        "the Mesos binary cannot be downloaded: {reason}",
        "Check that pip on the controller reaches your package index (index-url, proxy, cert), or put the file into "
        "the cache directory.",
        retryable=True,
    ),
    "NXC-MESO-0002": Entry(
        "the Mesos binary is not the one that was published: {reason}",
        "Ask whoever runs your package index why the file differs. Nothing was installed.",
    ),
    "NXC-MESO-0003": Entry(
        "no Mesos for {family} on {architecture}",
        "Use a node with Debian on x86_64.",
    ),
    "NXC-MESO-0004": Entry(
        "the Mesos source 'archive' needs an url and a checksum of the form sha256:<hex>",
        "Complete the part 'mesos' of the site file.",
    ),
    "NXC-MESO-0005": Entry(
        "the principals of Mesos are incomplete: {missing}",
        "Give a secret for the operator, the agents and every cloud of the site.",
    ),
    "NXC-MESO-0006": Entry(
        "not a flag of Mesos: {name}",
        "Use the name of a flag in lower case, with underscores.",
    ),
    "NXC-MESO-0007": Entry(
        "the agent {name} has no master",
        "Give mesos_agent_zookeeper, or mesos_agent_master on a site without ZooKeeper.",
    ),
    "NXC-MESO-0008": Entry(
        "the archive of Mesos is not to be had as asked for: {reason}",
        "Check that the controller reaches the url, and that the checksum in the part 'mesos' of the site file is that "
        "of the archive. Nothing was installed.",
        retryable=True,
    ),
    "NXC-MESO-0009": Entry(
        "the package of Mesos cannot be installed: {reason}",
        "Check name and version in the part 'mesos' of the site file, and the package repositories of the node.",
        retryable=True,
    ),
}
