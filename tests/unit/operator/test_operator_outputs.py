# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written is what is declared, no more and no less; and the access rules follow from the declarations."""

from __future__ import annotations

import ast
from types import SimpleNamespace

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.apply import Applier
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator import outputs
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.mutation import Mutation
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.outputs import OUTPUTS, READS
from ansible_collections.nextgen.cloud.tests.unit.contracts.repository import PLUGINS, python_files

OPERATORS = PLUGINS / "module_utils" / "_domain" / "operator"
ADAPTERS = PLUGINS / "module_utils" / "_adapters" / "mesos"
# Words that stand beside "type" as well.
NO_CALLS = {"CLOSED", "DYNAMIC", "SCALAR", "RANGES", "VALUE", "ANY"}


def constants(node):
    return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def sent():
    """Every ``"type": "CALL"`` that stands in an operator or in the adapter."""
    found = set()
    for path in (*python_files(OPERATORS), *python_files(ADAPTERS)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values):
                    if isinstance(key, ast.Constant) and key.value == "type":
                        found |= {text for text in constants(value) if text.isupper()}
    return found


def drawn():
    """Verb and kind of every mutation that an operator draws up."""
    found = set()
    for path in python_files(OPERATORS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) > 3:
                words = [arg.value if isinstance(arg, ast.Constant) else "" for arg in node.args[:2]]
                if words[0] in {output.verb for output in OUTPUTS}:
                    found.add(tuple(words))
    return found


@pytest.fixture
def applier():
    return Applier(*[SimpleNamespace()] * 6)


def test_every_mutation_that_can_be_applied_is_declared_and_the_other_way_round(applier):
    launches = {("launch", "service"), ("run", "job")}
    assert set(applier.verbs) | launches == {(output.verb, output.kind) for output in OUTPUTS}


def test_every_mutation_that_is_drawn_up_is_declared(applier):
    assert {pair for pair in drawn() if pair[1]} <= {(output.verb, output.kind) for output in OUTPUTS}
    assert ("set", "quota") in drawn(), "this test reads the operators"


def test_every_call_to_mesos_is_declared_and_the_other_way_round():
    declared = {call for output in OUTPUTS for call in output.calls} | set(READS)
    assert sent() - NO_CALLS == declared


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: "%s %s" % (output.verb, output.kind))
def test_a_call_is_made_in_the_name_that_is_declared(output):
    asked = []
    masters = SimpleNamespace(call=lambda body, credential: asked.append(credential))
    applier = Applier(masters, "the cloud", "the operator", *[SimpleNamespace()] * 3)
    applier._call(Mutation(1, output.verb, output.kind, "x", "", {"type": "X"}, (), ""))
    assert asked == ["the " + output.behalf]


def test_what_nobody_declares_is_not_written():
    with pytest.raises(KeyError):
        outputs.behalf("set", "password")


def test_a_cloud_gets_only_what_its_outputs_need_and_only_of_its_own():
    document = outputs.master_acls(["dev", "qa"])
    assert document["permissive"] is False
    rules = {
        action: [rule for rule in rules if rule["principals"] == {"values": ["dev"]}]
        for action, rules in document.items()
        if action != "permissive"
    }
    own = {action: [objects for key, objects in rule.items() if key != "principals"] for action, [rule] in
           ((action, several) for action, several in rules.items() if several)}  # fmt: skip
    for action in ("run_tasks", "view_frameworks", "view_tasks", "view_executors", "access_sandboxes"):
        assert own.pop(action) == [{"values": ["nextgen-dev"]}]
    assert set(own) == {
        "register_frameworks", "teardown_frameworks", "reserve_resources", "unreserve_resources", "create_volumes",
        "destroy_volumes", "resize_volumes", "view_roles", "get_quotas",
    }  # fmt: skip
    assert all(objects == [{"values": ["dev"]}] for objects in own.values())


def test_every_right_of_an_output_is_in_the_rules():
    document = outputs.master_acls(["dev"])
    for output in OUTPUTS:
        who = {"values": ["dev" if output.behalf == outputs.CLOUD else "operator"]}
        for right in output.rights:
            assert who in [rule["principals"] for rule in document[right.action]], (output, right)


def test_agents_are_registered_by_agents_alone_and_take_no_task_as_root():
    document = outputs.master_acls(["dev"])
    assert document["register_agents"] == [{"principals": {"values": ["agent"]}, "agents": {"type": "ANY"}}]
    agents = outputs.agent_acls(["dev"])
    assert agents["run_tasks"] == [{"principals": {"values": ["dev"]}, "users": {"values": ["nextgen-dev"]}}]
    assert agents["get_endpoints"] == [
        {"principals": {"values": ["operator"]}, "paths": {"type": "ANY"}},
        {"principals": {"values": ["agent"]}, "paths": {"values": ["/metrics/snapshot"]}},
    ]


def test_a_cloud_more_or_less_leaves_the_rules_of_the_others_as_they_are():
    both, one = outputs.master_acls(["dev", "qa"]), outputs.master_acls(["dev"])
    for action, rules in one.items():
        if action != "permissive":
            assert [rule for rule in both[action] if rule["principals"] != {"values": ["qa"]}] == rules


def test_the_order_of_clouds_changes_nothing():
    assert outputs.master_acls(["qa", "dev"]) == outputs.master_acls(["dev", "qa"])
    assert outputs.agent_acls(["qa", "dev"]) == outputs.agent_acls(["dev", "qa"])
