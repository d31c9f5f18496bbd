# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses of nodes in the subnet of a driver that makes them."""

from __future__ import annotations

import ipaddress

FIRST = 10  # a node without an address gets this host number plus its place in the file, counted from 0
SMALLEST_PREFIX = 8


def parse_subnet(text: str) -> ipaddress.IPv4Network:
    """``10.77.0.0/24``. Raises ValueError, with the reason, for what cannot be a network of nodes."""
    try:
        subnet = ipaddress.IPv4Network(text)
    except ValueError as error:
        if "host bits" in str(error):
            raise ValueError("the first address of that network is %s" % _network_of(text)) from error
        raise ValueError("a number in it is too large") from error
    if subnet.prefixlen < SMALLEST_PREFIX or subnet.num_addresses < FIRST + 2:
        raise ValueError("the prefix length must be from %d to 28" % SMALLEST_PREFIX)
    if subnet.is_multicast or subnet.is_loopback or subnet.is_reserved or subnet.network_address.packed[0] == 0:
        raise ValueError("hosts cannot have addresses of that network")
    return subnet


def _network_of(text: str) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(text, strict=False)


def allocate(subnet: ipaddress.IPv4Network, index: int) -> ipaddress.IPv4Address | None:
    """The address of the node at place ``index`` (from 0) of the file; None if the subnet has no such."""
    offset = FIRST + index
    return subnet[offset] if offset < subnet.num_addresses - 1 else None


def reserved(address: ipaddress.IPv4Address, subnet: ipaddress.IPv4Network) -> str:
    """Why no node can have the address; empty if one can."""
    if address == subnet.network_address:
        return "it names the network itself"
    if address == subnet[1]:
        return "it is the controller's end of the network"
    if address == subnet.broadcast_address:
        return "it is the broadcast address"
    return ""
