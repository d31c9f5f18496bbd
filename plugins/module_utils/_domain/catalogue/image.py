# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'image'."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-IMAGE-0001": Entry(
        "The manifest of image '{name}' cannot be used: {fault}.",
        "Manifests are written by the playbook nextgen.cloud.hydrate from the components; "
        "correct the component's image and run it again, and don't edit manifests.",
    ),
    "NXC-IMAGE-0002": Entry(
        "The registry {registry} does not answer as a registry: {reason}.",
        "Look at 'systemctl status docker-registry' on the node with the role registry, "
        "and run the playbook nextgen.cloud.install again.",
        retryable=True,
    ),
    "NXC-IMAGE-0003": Entry(
        "The image '{name}' cannot be built: {reason}",
        "Correct the Containerfile of the component if the output above names a step of it; "
        "if packages could not be downloaded, see that the node reaches its package sources and run again.",
        retryable=True,
    ),
    "NXC-IMAGE-0004": Entry(
        "The image '{name}' was built but cannot be pushed to {registry}: {reason}",
        "See that the registry's node has space in /var/lib/docker-registry and run again; "
        "a registry never shows an image that is not complete.",
        retryable=True,
    ),
    "NXC-IMAGE-0005": Entry(
        "The base image cannot be made: {reason}",
        "See that the node reaches the package sources in /etc/apt and run again.",
        retryable=True,
    ),
    "NXC-IMAGE-0006": Entry(
        "Another run has been building images in {directory} for more than {seconds} seconds.",
        "Wait until it is done, or end it, and run again.",
        retryable=True,
    ),
    "NXC-IMAGE-0008": Entry(
        "The registry {registry} refuses the account '{user}'.",
        "Run the playbook nextgen.cloud.install, which gives the registry its accounts before it is asked; "
        "see that the account's name belongs to the slot of its password (registry_a or registry_b).",
    ),
}
