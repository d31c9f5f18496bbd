# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of a site, each made in one place, and what DNS allows of them.

Patterns are written in the subset that Python and ECMAScript share, because the
JSON Schema of the site file publishes them; match them with ``re.fullmatch``.
"""

from __future__ import annotations

import hashlib
import re

LABEL_MAX = 63  # one label, RFC 1035
NAME_MAX = 253  # a whole name without its final dot
USER_MAX = 32  # what Linux' tools accept as the name of a user
HOSTNAME_MAX = 64  # what Linux accepts as a host name and X.509 as a common name

LABEL_PATTERN = "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"
DOMAIN_PATTERN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"

REGISTRY_PORT = 5000
MASTER_PORT = 5050
AGENT_PORT = 5051
ZOOKEEPER_PORT = 2181


def is_label(text: str) -> bool:
    """A name fit to be one part of a DNS name: a letter, then letters, digits and inner hyphens, all lower case."""
    return re.fullmatch(LABEL_PATTERN, text) is not None


def is_domain(text: str) -> bool:
    """Labels joined by dots, the last one starting with a letter, 253 characters at most."""
    return len(text) <= NAME_MAX and re.fullmatch(DOMAIN_PATTERN, text) is not None


def node_fqdn(node: str, domain: str) -> str:
    """``aio-1`` in ``aio.test`` → ``aio-1.aio.test``."""
    return "%s.%s" % (node, domain)


def cloud_domain(cloud: str, domain: str) -> str:
    """``dev`` in ``aio.test`` → ``dev.aio.test``; every name of the cloud ends in it."""
    return "%s.%s" % (cloud, domain)


def wildcard(cloud: str, domain: str) -> str:
    """``dev`` in ``aio.test`` → ``*.dev.aio.test``, the name in the cloud's certificate."""
    return "*.%s" % cloud_domain(cloud, domain)


def service_name(host: str, cloud: str, domain: str) -> str:
    """``keystone`` of cloud ``dev`` in ``aio.test`` → ``keystone.dev.aio.test``."""
    return "%s.%s" % (host, cloud_domain(cloud, domain))


def registry_host(domain: str) -> str:
    """``aio.test`` → ``registry.aio.test``."""
    return "registry.%s" % domain


def registry_address(domain: str) -> str:
    """``aio.test`` → ``registry.aio.test:5000``, the first part of every image reference."""
    return "%s:%d" % (registry_host(domain), REGISTRY_PORT)


def framework_name(cloud: str) -> str:
    """The name of the cloud's Mesos framework."""
    return cloud


def mesos_role(cloud: str) -> str:
    """The Mesos role that holds the cloud's quota and reservations."""
    return cloud


def principal(cloud: str) -> str:
    """Who the cloud's framework is for the masters."""
    return cloud


def cloud_user(cloud: str) -> str:
    """The Unix user of the cloud's tasks on workers: ``dev`` → ``nextgen-dev``.

    A name too long for a user is cut and told apart by a hash; the underscore, which no cloud's name has, keeps such
    names off those of other clouds.
    """
    user = "nextgen-%s" % cloud
    if len(user) <= USER_MAX:
        return user
    mark = "_" + hashlib.sha256(cloud.encode()).hexdigest()[:8]
    return user[: USER_MAX - len(mark)] + mark


def cloud_host(cloud: str) -> str:
    """The inventory host that stands for the cloud: ``dev`` → ``cloud-dev``."""
    return "cloud-%s" % cloud
