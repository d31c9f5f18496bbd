# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hydrate: site and components become manifests. No input but the arguments, no order but that of names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Place
from .certificates import certificates_of
from .check import check_component, check_unique, works_of
from .closure import closure, in_order, reach
from .context import Context, Renderer
from .images import image_manifest
from .model import Component, Findings, Locate
from .parameters import parameters_of
from .quota import check_quota
from .rendering import Rendering
from .routes import Route, route_range, routes_of

Manifest = dict[str, Any]


def hydrate(
    site: Mapping[str, Any], catalogue: Mapping[str, Component], render: Renderer, locate_site: Locate
) -> list[Manifest]:
    """All manifests of a site: per cloud and for the site itself (images), in order of cloud, kind and name.

    Raises CloudError with every problem found.
    """
    findings = Findings()
    chosen = {name: _choose(site, name, catalogue, findings, locate_site) for name in sorted(site["clouds"])}
    findings.stop_if_any()
    manifests: list[Manifest] = []
    images: dict[str, Component] = {}
    for cloud, components in chosen.items():
        one = _Cloud(site, cloud, components, findings, locate_site)
        manifests += one.manifests(render)
        images.update(one.images)
    findings.stop_if_any()
    manifests += [image_manifest(component, image) for image, component in images.items()]
    return sorted(manifests, key=lambda item: (item.get("cloud", ""), item["kind"], item["name"]))


def _choose(
    site: Mapping[str, Any], cloud: str, catalogue: Mapping[str, Component], findings: Findings, locate_site: Locate
) -> list[Component]:
    """The components of one cloud, with all their references checked; none if the set itself is wrong."""
    before = len(findings.problems)
    components = closure(site["clouds"][cloud]["components"], catalogue, findings, cloud, locate_site)
    if len(findings.problems) > before:
        return []
    among = {component.name: component for component in components}
    for component in components:
        check_component(component, among, findings)
    check_unique(cloud, components, findings)
    return components


class _Cloud:
    """One cloud whose components are known to be sound."""

    def __init__(
        self,
        site: Mapping[str, Any],
        name: str,
        components: list[Component],
        findings: Findings,
        locate_site: Locate,
    ):
        self.site, self.name, self.components = site, name, components
        self.findings, self.locate_site = findings, locate_site
        self.place = locate_site(["clouds", name])
        self.among = {component.name: component for component in components}
        self.images = {
            image: self.among[component.name] for component in components for image in component.section("images")
        }
        given = site["clouds"][name]["components"]
        self.parameters = {
            component.name: parameters_of(component, given.get(component.name) or {}, name, findings, locate_site)
            for component in components
        }
        self.routes = routes_of(site, name, components, findings, self.place)

    def manifests(self, render: Renderer) -> list[Manifest]:
        if self.findings.problems:
            return []
        top = self._cloud()
        works: list[Manifest] = []
        others: list[Manifest] = [self._route(route) for route in self.routes.values()]
        for component in self.components:
            near = {one.name: one for one in reach(component, self.among)}
            context = Context(component, near, self.parameters, self.routes)
            rendering = Rendering(component, context, render, self.site, self.name, self.findings)
            for kind, name, declaration, _path in works_of(component):
                works.append(rendering.work(kind, name, declaration, self.images))
            others += rendering.secrets()
            others += certificates_of(component, self.routes, self.name, self.site["domain"])
        self._check_circle(works)
        if not self.findings.problems:
            check_quota(top, works, self.findings, self.locate_site(["clouds", self.name, "quota"]))
        return [top, *works, *others]

    def _check_circle(self, works: list[Manifest]) -> None:
        _order, circle = in_order({work["name"]: work["requires"] for work in works})
        if circle:
            owner = {name: one for one in self.components for _kind, name, _work, _path in works_of(one)}[circle[0]]
            place = Place(owner.locate([]).file)
            self.findings.add("NXC-COMP-0025", place=place, cloud=self.name, circle=" -> ".join(circle))

    def _cloud(self) -> Manifest:
        given = self.site["clouds"][self.name]
        return {
            "schema": 1,
            "kind": "cloud",
            "cloud": self.name,
            "name": self.name,
            "quota": {"cpus": float(given["quota"]["cpus"]), "mem": int(given["quota"]["mem"])},
            "weight": float(given["weight"]),
            "ports": list(given["ports"]),
            "route_ports": list(route_range(given["ports"])),
        }

    def _route(self, route: Route) -> Manifest:
        return {
            "schema": 1,
            "kind": "route",
            "cloud": self.name,
            "name": route.name,
            "service": route.declaration["service"],
            "port": route.declaration["port"],
            "protocol": route.declaration["kind"],
            "host": route.host,
            "listen": route.listen,
            "container_port": route.container_port,
        }
