# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References inside components: every name that is used must be declared within reach.

Within reach of a component is what it declares itself and what the components it requires declare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..site.suggest import did_you_mean
from .closure import reach
from .model import Component, Findings, listing
from .parameters import check_declarations

WORK = (("service", "services"), ("job", "jobs"))


def works_of(component: Component) -> Iterator[tuple[str, str, Mapping[str, Any], Sequence[str]]]:
    """(kind, name, declaration, path in component.yml) of every service and job, in order of name."""
    for kind, section in WORK:
        for name, declaration in sorted(component.section(section).items()):
            yield kind, name, declaration, [section, name]


def check_component(component: Component, among: Mapping[str, Component], findings: Findings) -> None:
    """Add a finding for everything the component names and nobody within its reach declares."""
    near = reach(component, among)
    check_declarations(component, findings)
    _check_recipes(component, findings)
    images = {name for one in near for name in one.section("images")}
    names = {name for one in near for section in ("services", "jobs") for name in one.section(section)}
    for kind, name, work, path in works_of(component):
        user = "%s '%s'" % (kind.capitalize(), name)
        check = _Check(component, user, findings)
        check.name("NXC-COMP-0014", work["image"], images, [*path, "image"])
        for index, required in enumerate(work["requires"]):
            check.name("NXC-COMP-0017", required, names, [*path, "requires", index])
        for index, entry in enumerate(work["files"]):
            if "secret" in entry:
                check.name("NXC-COMP-0015", entry["secret"], component.section("secrets"), [*path, "files", index])
            if "template" in entry:
                check.name("NXC-COMP-0018", entry["template"], component.templates, [*path, "files", index])
        check.paths(work, path)
        check.variables(work, path)
        health = work.get("health") or {}
        if "port" in health:
            check.name("NXC-COMP-0016", health["port"], work["ports"], [*path, "health", "port"], service=name)
    _check_routes(component, findings)
    _check_certificates(component, findings)


class _Check:
    """Findings about one service or job."""

    def __init__(self, component: Component, user: str, findings: Findings):
        self.component, self.user, self.findings = component, user, findings

    def name(self, code: str, name: str, known: Iterable[str], path: Sequence[str | int], **more: Any) -> None:
        known = sorted(known)
        if name not in known:
            self.findings.add(
                code,
                place=self.component.locate(path),
                hint=did_you_mean(name, known),
                user=self.user,
                name=name,
                component=self.component.name,
                known=listing(known),
                **more,
            )

    def paths(self, work: Mapping[str, Any], path: Sequence[str | int]) -> None:
        seen = set()
        for section in ("files", "volumes"):
            for index, entry in enumerate(work.get(section, ())):
                if entry["path"] in seen:
                    place = self.component.locate([*path, section, index, "path"])
                    self.findings.add("NXC-COMP-0032", place=place, user=self.user, path=entry["path"])
                seen.add(entry["path"])

    def variables(self, work: Mapping[str, Any], path: Sequence[str | int]) -> None:
        for name in sorted(set(work["environment"]) & set(work.get("secret_environment", ()))):
            place = self.component.locate([*path, "secret_environment", name])
            self.findings.add("NXC-COMP-0040", place=place, user=self.user, name=name)


def _check_recipes(component: Component, findings: Findings) -> None:
    for name in sorted(component.section("images")):
        if "Containerfile" not in {item.path for item in component.recipes.get(name, ())}:
            place = component.locate(["images", name, "context"])
            findings.add("NXC-COMP-0031", place=place, name=name, detail="it has no Containerfile")


def _check_routes(component: Component, findings: Findings) -> None:
    services = component.section("services")
    for name, route in sorted(component.section("routes").items()):
        service = services.get(route["service"])
        if service is None:
            findings.add(
                "NXC-COMP-0029",
                place=component.locate(["routes", name, "service"]),
                hint=did_you_mean(route["service"], services),
                name=name,
                service=route["service"],
                component=component.name,
                known=listing(services),
            )
        else:
            check = _Check(component, "Route '%s'" % name, findings)
            path = ["routes", name, "port"]
            check.name("NXC-COMP-0016", route["port"], service["ports"], path, service=route["service"])


def _check_certificates(component: Component, findings: Findings) -> None:
    """A certificate is for names of its own component: nobody else's clients come here."""
    for name, certificate in sorted(component.section("certificates").items()):
        check = _Check(component, "Certificate '%s'" % name, findings)
        for index, route in enumerate(certificate.get("routes", ())):
            check.name("NXC-COMP-0038", route, component.section("routes"), ["certificates", name, "routes", index])


def check_unique(cloud: str, components: Sequence[Component], findings: Findings) -> None:
    """Services and jobs share one space of names in a cloud; routes, hosts and images have one each."""
    for label, sections in (("Service or job", ("services", "jobs")), ("Route", ("routes",)), ("Image", ("images",))):
        owners: dict[str, str] = {}
        for component in components:
            for section in sections:
                for name in sorted(component.section(section)):
                    first = owners.setdefault(name, component.name)
                    if first != component.name or (section == "jobs" and name in component.section("services")):
                        findings.add(
                            "NXC-COMP-0021",
                            place=component.locate([section, name]),
                            kind=label,
                            name=name,
                            cloud=cloud,
                            first=first,
                            second=component.name,
                        )
    _check_hosts(cloud, components, findings)


def _check_hosts(cloud: str, components: Sequence[Component], findings: Findings) -> None:
    hosts: dict[str, str] = {}
    for component in components:
        for name, route in sorted(component.section("routes").items()):
            host = route.get("host", name)
            first = hosts.setdefault(host, name)
            if first != name:
                place = component.locate(["routes", name])
                findings.add("NXC-COMP-0022", place=place, first=first, second=name, cloud=cloud, host=host)
