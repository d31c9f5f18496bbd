# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All rules that the schema cannot say."""

from __future__ import annotations

from ..errors import Problem
from . import rules_capacity, rules_names, rules_nodes, rules_ports, rules_secrets
from .draft import Draft

RULES = (
    rules_names.name_problems,
    rules_nodes.role_problems,
    rules_nodes.attribute_problems,
    rules_nodes.ssh_problems,
    rules_nodes.address_problems,
    rules_ports.port_problems,
    rules_secrets.secret_problems,
    rules_capacity.quota_problems,
    rules_capacity.component_problems,
)


def rule_problems(draft: Draft) -> list[Problem]:
    """Everything that the rules find, rule by rule."""
    return [problem for rule in RULES for problem in rule(draft)]
