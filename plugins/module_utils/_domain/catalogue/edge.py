# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'edge'."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-EDGE-0001": Entry(
        "The edge cannot use {what} '{name}' of cloud '{cloud}': {field} is '{value}', which is not {wanted}.",
        "Correct it where it comes from (the component or site.yml), hydrate again and repeat the deploy.",
    ),
    "NXC-EDGE-0002": Entry(
        "The name {host} of cloud '{cloud}' is already routed to {backend}.",
        "Give one of the two routes another host. If the other cloud is gone, remove it from the edge with "
        "nextgen.cloud.edge (state: absent).",
    ),
    "NXC-EDGE-0003": Entry(
        "HAProxy refuses the configuration for cloud '{cloud}': {output}",
        "Nothing was changed. If the message names /etc/haproxy/haproxy.cfg run the role edge again; "
        "if it names a certificate run the role certificates.",
    ),
    "NXC-EDGE-0004": Entry(
        "HAProxy could not load the new configuration for cloud '{cloud}': {output}",
        "The earlier configuration is back in place and serving. See 'journalctl -u haproxy' on the node; "
        "a port that another program holds is the usual cause.",
    ),
    "NXC-EDGE-0005": Entry(
        "There is no HAProxy set up on this node: {missing} does not exist.",
        "Run the role edge on the node (ansible-playbook nextgen.cloud.install) and repeat.",
    ),
    "NXC-EDGE-0006": Entry(
        "The HAProxy configuration stayed locked by another process for {seconds} seconds.",
        "Wait until the other run has ended and repeat; the lock goes away with the process that holds it.",
        retryable=True,
    ),
    "NXC-EDGE-0007": Entry(
        "The routes '{name}' and '{other}' of cloud '{cloud}' both want {what}.",
        "Give one of them another one. Ports of tcp routes come from hydrate; hydrate again if they were edited.",
    ),
}
