# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators put out, and in whose name: the access rules of masters and agents follow from it.

An operator declares what it writes: verb and kind of its mutations, the calls of Mesos that these become, on whose
behalf, and the rights that takes with their bounds. What nobody declares, nobody may do: the rules begin with
``permissive: false``. There is a principal for each cloud, which acts in the role of its own name and only there, one
for the operator, and one for agents.

Mesos bounds the views of frameworks, tasks and sandboxes by Unix user, never by cloud. Each cloud has a user of its
own on workers; it runs tasks as that user only, and sees what runs as that user only.
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator, NamedTuple

from ..naming import cloud_user

CLOUD, OPERATOR, AGENT = "cloud", "operator", "agent"
OWN, ANY, METRICS = "own", "any", "metrics"


class Right(NamedTuple):
    """An action of Mesos' access rules on objects of one kind. ``bound``: the cloud's own, any, or a named one."""

    action: str
    objects: str
    bound: str


class Output(NamedTuple):
    """What one operator writes. ``behalf``: whose principal makes the ``calls``; ``rights``: what masters check."""

    operator: str
    verb: str
    kind: str
    behalf: str
    calls: tuple[str, ...]
    rights: tuple[Right, ...]


# A launch brings its reservations and volumes along, in the same ACCEPT.
_LAUNCH = ("REVIVE", "SUPPRESS", "DECLINE", "ACCEPT", "RESERVE", "CREATE", "LAUNCH")
_LAUNCH_RIGHTS = (
    Right("run_tasks", "users", OWN),
    Right("reserve_resources", "roles", OWN),
    Right("create_volumes", "roles", OWN),
)
_QUOTA = (Right("update_quotas", "roles", ANY),)

OUTPUTS = (
    Output(
        "services", "register", "framework", CLOUD, ("SUBSCRIBE", "RECONCILE", "ACKNOWLEDGE"),
        (Right("register_frameworks", "roles", OWN),),
    ),
    Output("services", "launch", "service", CLOUD, _LAUNCH, _LAUNCH_RIGHTS),
    Output("services", "kill", "task", CLOUD, ("KILL",), ()),
    Output("jobs", "run", "job", CLOUD, _LAUNCH, _LAUNCH_RIGHTS),
    Output("jobs", "record", "job", CLOUD, ("ACKNOWLEDGE",), ()),
    Output("tenancy", "set", "quota", OPERATOR, ("UPDATE_QUOTA",), _QUOTA),
    Output("tenancy", "set", "weight", OPERATOR, ("UPDATE_WEIGHTS",), (Right("update_weights", "roles", ANY),)),
    Output(
        "removal", "teardown", "framework", CLOUD, ("TEARDOWN",),
        (Right("teardown_frameworks", "framework_principals", OWN),),
    ),
    Output(
        "removal", "destroy", "volume", CLOUD, ("DESTROY_VOLUMES",),
        (Right("destroy_volumes", "creator_principals", OWN),),
    ),
    Output(
        "removal", "unreserve", "reservation", CLOUD, ("UNRESERVE_RESOURCES",),
        (Right("unreserve_resources", "reserver_principals", OWN),),
    ),
    Output("removal", "remove", "quota", OPERATOR, ("UPDATE_QUOTA",), _QUOTA),
    Output("removal", "remove", "records", CLOUD, (), ()),
)  # fmt: skip

# What every operator reads before it plans, as the principal of the operator: of masters, and of agents.
READS = ("GET_STATE", "GET_TASKS", "GET_QUOTA", "GET_WEIGHTS", "READ_FILE")
_VIEWS = (
    Right("view_frameworks", "users", ANY),
    Right("view_tasks", "users", ANY),
    Right("view_executors", "users", ANY),
    Right("view_roles", "roles", ANY),
)
_MASTER_READS = (*_VIEWS, Right("get_quotas", "roles", ANY))
_AGENT_READS = (*_VIEWS, Right("access_sandboxes", "users", ANY))

# The same for a cloud, of what runs as its own user.
_OWN_VIEWS = tuple(right._replace(bound=OWN) for right in _VIEWS)
_OWN_SANDBOXES = Right("access_sandboxes", "users", OWN)

# What no operator of ours puts out, but people do who have the secret of the principal, by hand or with tools.
_LOOKS = (
    Right("view_containers", "users", ANY),
    Right("access_mesos_logs", "logs", ANY),
    Right("view_flags", "flags", ANY),
    Right("get_endpoints", "paths", ANY),
    Right("set_log_level", "level", ANY),
)
_BY_HAND = {
    CLOUD: (
        *_OWN_VIEWS,
        _OWN_SANDBOXES,
        Right("get_quotas", "roles", OWN),
        Right("resize_volumes", "roles", OWN),
    ),
    OPERATOR: (
        *_LOOKS,
        Right("access_sandboxes", "users", ANY),
        Right("register_frameworks", "roles", ANY),
        Right("run_tasks", "users", ANY),
        Right("teardown_frameworks", "framework_principals", ANY),
        Right("reserve_resources", "roles", ANY),
        Right("unreserve_resources", "reserver_principals", ANY),
        Right("create_volumes", "roles", ANY),
        Right("destroy_volumes", "creator_principals", ANY),
        Right("resize_volumes", "roles", ANY),
        Right("get_maintenance_schedules", "machines", ANY),
        Right("update_maintenance_schedules", "machines", ANY),
        Right("start_maintenances", "machines", ANY),
        Right("stop_maintenances", "machines", ANY),
        Right("get_maintenance_statuses", "machines", ANY),
        Right("mark_agents_gone", "agents", ANY),
        Right("drain_agents", "agents", ANY),
        Right("deactivate_agents", "agents", ANY),
        Right("reactivate_agents", "agents", ANY),
    ),
}


def behalf(verb: str, kind: str) -> str:
    """Whose principal writes mutations of this verb and kind; ``KeyError`` for what nobody declares."""
    return {(output.verb, output.kind): output.behalf for output in OUTPUTS}[verb, kind]


def master_acls(clouds: Iterable[str]) -> dict[str, Any]:
    """The masters' rules as Mesos reads them. The first that names a principal decides."""
    rules = [(OPERATOR, right) for right in _of(OPERATOR, _MASTER_READS)]
    rules += [(cloud, right) for cloud in sorted(clouds) for right in _of(CLOUD)]
    rules.append((AGENT, Right("register_agents", "agents", ANY)))
    return _document(rules)


def agent_acls(clouds: Iterable[str]) -> dict[str, Any]:
    """The agents' rules: once more, a cloud runs tasks as its own user only. Agents take tasks from masters only."""
    rules = [(OPERATOR, right) for right in dict.fromkeys((*_AGENT_READS, *_LOOKS))]
    rules.append((AGENT, Right("get_endpoints", "paths", METRICS)))
    for cloud in sorted(clouds):
        rules += [(cloud, right) for right in (Right("run_tasks", "users", OWN), *_OWN_VIEWS, _OWN_SANDBOXES)]
    return _document(rules)


def _of(who: str, more: Iterable[Right] = ()) -> Iterator[Right]:
    """All rights of one kind of principal, each once."""
    declared = [right for output in OUTPUTS if output.behalf == who for right in output.rights]
    return iter(dict.fromkeys((*declared, *more, *_BY_HAND[who])))


def _document(rules: Iterable[tuple[str, Right]]) -> dict[str, Any]:
    document: dict[str, Any] = {"permissive": False}
    for principal, right in rules:
        rule = {"principals": {"values": [principal]}, right.objects: _objects(principal, right)}
        document.setdefault(right.action, []).append(rule)
    return document


def _objects(principal: str, right: Right) -> dict[str, Any]:
    if right.bound == ANY:
        return {"type": "ANY"}
    own = cloud_user(principal) if right.objects == "users" else principal
    return {"values": [own if right.bound == OWN else "/metrics/snapshot"]}
