# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secrets that the services of a site need, as the module ``secret`` takes them. Pure.

Those of clouds come with the manifests of their components.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import naming

AGENT, OPERATOR = "agent", "operator"


def principals(site: Mapping[str, Any]) -> list[str]:
    """Who the Mesos masters know."""
    return [OPERATOR, AGENT, *map(naming.principal, site["clouds"])]


def site_secrets(site: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``{path, kind, owner, consumers}`` of each."""
    rows = [
        ("mesos/principals/%s" % name, "password", "mesos", ["masters", "agents" if name == AGENT else "operators"])
        for name in principals(site)
    ]
    rows += [
        ("site/registry/password", "htpasswd", "registry", ["registry", "workers"]),
        ("site/zookeeper/mesos", "password", "zookeeper", ["masters", "agents"]),
        ("site/zookeeper/nextgen", "password", "zookeeper", ["operators"]),
        ("site/zookeeper/super", "password", "zookeeper", ["zookeeper"]),
    ]
    return [dict(zip(("path", "kind", "owner", "consumers"), row)) for row in rows]
