# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'node'."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-NODE-0001": Entry(
        "The {kind} {name} exists and carries no site's mark; it is not touched.",
        "Rename the site {site} or its node, or remove the {kind} yourself if nobody needs it.",
    ),
    "NXC-NODE-0002": Entry(
        "The {kind} {name} belongs to the site {other}; it is not touched.",
        "Give the site {site} machines of its own, or destroy the site {other} first.",
    ),
    "NXC-NODE-0003": Entry(
        "The {kind} {name} belongs to another site that is also called {site}.",
        "Rename this site or destroy the other one from where it was made. If its state directory is lost,"
        " run the playbook destroy with -e nextgen_adopt=true: it takes over what is marked with the site's name.",
    ),
    "NXC-NODE-0004": Entry(
        "The {kind} {name} exists with {fact} {found}, the site file says {wanted}.",
        "Write {found} into the site file, or destroy the site and make it again.",
    ),
    "NXC-NODE-0005": Entry(
        "The node {name} cannot be reached: {detail}",
        "Check its address, that it runs, and that ssh from here works without a question.",
        True,
    ),
    "NXC-NODE-0006": Entry(
        "The subnet {subnet} overlaps with {other} of the network {name}.",
        "Choose another driver.subnet in the site file.",
    ),
    "NXC-NODE-0007": Entry(
        "The address {address} of node {node} is held by {name}, which is no longer in the site file.",
        "Give the node another address, or run provision with -e nextgen_prune=true to destroy what the site"
        " no longer lists.",
    ),
    "NXC-NODE-0008": Entry(
        "The address {address} of node {node} cannot be used in the subnet {subnet}.",
        "Choose an address of the subnet; its first two addresses are the network's own.",
    ),
    "NXC-NODE-0009": Entry(
        "Nodes of the driver podman are reached as root on port 22, node {node} asks for something else.",
        "Leave ssh out of the node {node}.",
    ),
    "NXC-NODE-0010": Entry(
        "No container runtime of this machine works with its control groups ({groups}).",
        "Install runc.",
    ),
    "NXC-NODE-0011": Entry(
        "There is no driver {driver}.",
        "Choose one of: {known}.",
    ),
    "NXC-NODE-0012": Entry(
        "The driver podman needs root on the controller.",
        "Run the playbook as root.",
    ),
    "NXC-NODE-0013": Entry(
        "The image {image} of the nodes is not on this machine.",
        "Run the playbook nextgen.cloud.provision, which builds it, or pull the image that the site file names.",
    ),
    "NXC-NODE-0014": Entry(
        "'{command}' failed: {detail}",
        "Look at the message; when the cause is removed, run again: the work continues where it stopped.",
        True,
    ),
    "NXC-NODE-0015": Entry(
        "The node {node} is not ready after {seconds} seconds: {detail}",
        "Look into it with: podman exec {name} journalctl -b",
        True,
    ),
    "NXC-NODE-0016": Entry(
        "The ssh key {path} cannot be read: {detail}",
        "Restore it from a backup, or move it away: the next run makes another one and gives it to the nodes.",
    ),
    "NXC-NODE-0017": Entry(
        "podman holds the address {address} of node {node} for another start, which was killed halfway.",
        "Give the node another address, or restart this machine: only that makes podman forget.",
    ),
    "NXC-NODE-0020": Entry(
        "The apt sources of the controller have no suite {suite}.",
        "Run on Debian {suite}, or set node_image_suite to a suite that the controller's sources list.",
    ),
    "NXC-NODE-0021": Entry(
        "The node runs {found}.",
        "Use Debian 12 or newer on every node.",
    ),
    "NXC-NODE-0022": Entry(
        "The variable {variable} is empty.",
        "Set it to the domain of the site.",
    ),
    "NXC-NODE-0023": Entry(
        "zookeeper_servers has no server {address}, or an id twice.",
        "List every server once, with an id of its own and the address that zookeeper_address has on it.",
    ),
    "NXC-NODE-0024": Entry(
        "The ZooKeeper server {server} does not serve: {problem}",
        "Look into it on the node with journalctl -u zookeeper. An ensemble serves only with the majority of its "
        "servers.",
        retryable=True,
    ),
    "NXC-NODE-0025": Entry(
        "The secrets of ZooKeeper are incomplete: {missing}.",
        "Give a secret for each of super, mesos and nextgen.",
    ),
    "NXC-NODE-0026": Entry(
        "The tunnel to ZooKeeper has no servers.",
        "List the address of every server in zookeeper_tunnel_servers.",
    ),
}
