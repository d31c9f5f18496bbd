# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a cloud shall be: its manifests, checked and put in the order of their dependencies."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping

from ..errors import CloudError, Problem, refuse
from ..tokens import is_source, tokens_of

_KINDS = ("cloud", "service", "job", "route", "secret", "certificate")
# What may change without a task having to be replaced.
_NOT_OF_A_TASK = ("instances", "requires", "update", "timeout")
# The kernel takes 128 KiB for one variable of a process's environment. Mesos hands a task over in one, as JSON
# within JSON, together with some KiB of its own.
_TASK_BYTES = 112 * 1024
_EPSILON = 1e-6


@dataclass(frozen=True)
class Work:
    """One service or job. ``manifest`` is the whole object; ``routed``: has it a route; ``revisions``: of the secrets
    and certificates it uses, as far as they are known."""

    kind: str
    name: str
    digest: str
    manifest: Mapping[str, Any]
    routed: bool = False
    revisions: Mapping[str, str] = field(default_factory=dict)

    @property
    def instances(self) -> int:
        return int(self.manifest.get("instances", 1))

    @property
    def requires(self) -> tuple[str, ...]:
        return tuple(sorted(self.manifest.get("requires") or ()))

    @property
    def recreate(self) -> bool:
        return self.manifest.get("update", "recreate") == "recreate"

    @property
    def needs(self) -> dict[str, float]:
        """cpus (cores), mem and disk (MiB) of one task, without its volumes."""
        resources = self.manifest.get("resources") or {}
        return {key: float(resources.get(key) or 0) for key in ("cpus", "mem", "disk")}

    @property
    def ports(self) -> dict[str, int]:
        """Port name to the port inside the container."""
        return dict(self.manifest.get("ports") or {})

    @property
    def volumes(self) -> tuple[Mapping[str, Any], ...]:
        """``name``, ``path``, ``size`` (MiB) of each."""
        return tuple(self.manifest.get("volumes") or ())

    @property
    def health(self) -> Mapping[str, Any] | None:
        return self.manifest.get("health") or None

    @property
    def attributes(self) -> dict[str, str]:
        placement = self.manifest.get("placement") or {}
        return {key: str(value) for key, value in (placement.get("attributes") or {}).items()}

    @property
    def kill_grace(self) -> float:
        """Seconds between SIGTERM and SIGKILL."""
        return float(self.manifest.get("kill_grace") or 10)

    @property
    def timeout(self) -> float:
        """Seconds a job may take."""
        return float(self.manifest.get("timeout") or 600)


@dataclass(frozen=True)
class Wanted:
    """A cloud as wanted. ``works`` are in dependency order; ports are inclusive ranges."""

    cloud: str
    quota: Mapping[str, float]
    weight: float
    ports: tuple[int, int]
    route_ports: tuple[int, int]
    works: tuple[Work, ...]

    def work(self, name: str) -> Work | None:
        return next((work for work in self.works if work.name == name), None)


def canonical(value: Any) -> str:
    """One text for one value: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """sha256 of the canonical text, hex."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def work_digest(manifest: Mapping[str, Any], revisions: Mapping[str, str] | None = None) -> str:
    """The digest a task carries: over all that a task is made of, ``revisions`` of secrets and certificates included.

    Without revisions it is over the manifest alone.
    """
    parts = {key: value for key, value in manifest.items() if key not in _NOT_OF_A_TASK}
    return digest({**parts, "revisions": dict(revisions)} if revisions else parts)


def revisions_of(manifest: Mapping[str, Any], revisions: Mapping[str, str]) -> dict[str, str]:
    """Those of ``revisions`` on which the tasks of a service or job depend."""
    used = {token.source for token in tokens_of(manifest, restarting=True)}
    return {source: str(revisions[source]) for source in sorted(used) if source in revisions}


def task_bytes(manifest: Mapping[str, Any]) -> int:
    """How long the manifest is on its way to a worker."""
    return len(json.dumps(canonical(manifest), ensure_ascii=False).encode())


def read_manifests(
    cloud: str, manifests: Iterable[Mapping[str, Any]], revisions: Mapping[str, str] | None = None
) -> Wanted:
    """Check all manifests of one cloud and order them; every problem is reported at once.

    ``revisions``: ``secret:component/name``, ``certificate:component/name`` and ``trust`` to the revision of each.
    """
    manifests = sorted(manifests, key=lambda item: (str(item.get("kind")), str(item.get("name"))))
    problems = [problem for item in manifests for problem in _problems(cloud, item)]
    names = sorted(name for name in revisions or () if not is_source(name))
    problems += [Problem("NXC-PLAN-0018", {"name": name, "cloud": cloud}) for name in names]
    if problems:
        raise CloudError(problems)
    clouds = [item for item in manifests if item["kind"] == "cloud"]
    if len(clouds) != 1:
        raise refuse("NXC-PLAN-0002", cloud=cloud, count=len(clouds))
    works = _works(cloud, manifests, revisions or {})
    ordered = _in_order(cloud, works)
    top = clouds[0]
    wanted = Wanted(
        cloud=cloud,
        quota={key: float(top["quota"][key]) for key in ("cpus", "mem")},
        weight=float(top.get("weight") or 1.0),
        ports=_pair(top["ports"]),
        route_ports=_pair(top.get("route_ports") or (0, -1)),
        works=ordered,
    )
    _must_fit(wanted)
    return wanted


def _pair(value: Any) -> tuple[int, int]:
    first, last = value
    return int(first), int(last)


def _problems(cloud: str, item: Mapping[str, Any]) -> list[Problem]:
    label = "%s/%s" % (item.get("kind"), item.get("name"))
    found = ""
    if item.get("schema") != 1:
        found = "schema %r is not known" % (item.get("schema"),)
    elif item.get("kind") not in _KINDS:
        found = "kind %r is not known" % (item.get("kind"),)
    elif item.get("cloud") != cloud:
        found = "it belongs to cloud %r" % (item.get("cloud"),)
    elif not isinstance(item.get("name"), str) or not item["name"]:
        found = "it has no name"
    elif item["kind"] == "cloud" and not (item.get("quota") and item.get("ports")):
        found = "quota and ports are needed"
    elif item["kind"] == "job" and (item.get("volumes") or item.get("ports")):
        found = "a job has neither volumes nor ports"
    elif item["kind"] in ("service", "job") and task_bytes(item) > _TASK_BYTES:
        found = "it takes %d bytes on its way to a worker, at most %d are possible; shorten its files" % (
            task_bytes(item),
            _TASK_BYTES,
        )
    if not found:
        return []
    return [Problem("NXC-PLAN-0001", {"manifest": label, "cloud": cloud, "problem": found})]


def _works(cloud: str, manifests: list[Mapping[str, Any]], revisions: Mapping[str, str]) -> dict[str, Work]:
    works: dict[str, Work] = {}
    routed = {item["service"] for item in manifests if item["kind"] == "route"}
    problems = []
    for item in manifests:
        if item["kind"] not in ("service", "job"):
            continue
        if item["name"] in works:
            values = {"manifest": item["name"], "cloud": cloud, "problem": "two of this name"}
            problems.append(Problem("NXC-PLAN-0001", values))
        used = revisions_of(item, revisions)
        routes = item["name"] in routed
        works[item["name"]] = Work(item["kind"], item["name"], work_digest(item, used), item, routes, used)
    for name in sorted(routed - set(works)):
        values = {"manifest": "route to %s" % name, "cloud": cloud, "problem": "there is no such service"}
        problems.append(Problem("NXC-PLAN-0001", values))
    for work in works.values():
        for missing in sorted(set(work.requires) - set(works)):
            values = {"kind": work.kind, "name": work.name, "missing": missing, "cloud": cloud}
            problems.append(Problem("NXC-PLAN-0003", values))
    if problems:
        raise CloudError(problems)
    return works


def _in_order(cloud: str, works: Mapping[str, Work]) -> tuple[Work, ...]:
    """Required before requiring, otherwise by name: one order for one set."""
    left = {name: set(work.requires) for name, work in works.items()}
    ordered: list[Work] = []
    while left:
        free = sorted(name for name, needs in left.items() if not needs)
        if not free:
            raise refuse("NXC-PLAN-0004", cloud=cloud, chain=" -> ".join(_circle(left)))
        ordered.append(works[free[0]])
        del left[free[0]]
        for needs in left.values():
            needs.discard(free[0])
    return tuple(ordered)


def _circle(left: Mapping[str, set[str]]) -> list[str]:
    """One circle in a graph in which everything waits for something."""
    path = [min(left)]
    while path.count(path[-1]) == 1:
        path.append(min(left[path[-1]]))
    return path[path.index(path[-1]) :]


def _must_fit(wanted: Wanted) -> None:
    """All services at once and the largest job beside them have to fit into the quota."""
    problems = []
    for key in ("cpus", "mem"):
        services = sum(work.needs[key] * work.instances for work in wanted.works if work.kind == "service")
        job = max([work.needs[key] for work in wanted.works if work.kind == "job"], default=0.0)
        if max(services, job) > wanted.quota[key] + _EPSILON:
            values = {"cloud": wanted.cloud, "resource": key, "needed": max(services, job), "limit": wanted.quota[key]}
            problems.append(Problem("NXC-PLAN-0005", values))
    if problems:
        raise CloudError(problems)
