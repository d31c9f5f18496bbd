# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What templates see and how rendering fails: the variables of one component in one cloud, and the renderer's face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, Protocol

from ..naming import cloud_domain
from ..site.suggest import did_you_mean
from ..tokens import PAIR_FILES, Token, parts_of
from .model import Component, listing
from .routes import Route


class RenderError(Exception):
    """A template failed. ``line`` counts from 1 in the template, 0 if unknown; ``undefined``: a name was missing."""

    def __init__(self, detail: str, line: int = 0, undefined: bool = False):
        super().__init__(detail)
        self.detail, self.line, self.undefined = detail, line, undefined


class LookupProblem(Exception):
    """A template asked route(), secret(), certificate() or component() for a name that is not within reach."""

    def __init__(self, code: str, known: Mapping[str, Any], **values: Any):
        super().__init__(code)
        self.code, self.values = code, {**values, "known": listing(known)}
        self.hint = did_you_mean(values["name"], known)


class Renderer(Protocol):
    """Both raise RenderError; what functions among the variables raise passes through."""

    def text(self, source: str, variables: Mapping[str, Any]) -> str:
        """Render a template of any length."""

    def value(self, source: str, variables: Mapping[str, Any]) -> Any:
        """Render a short string; one that is a single ``{{ expression }}`` keeps its type."""


class Function:
    """A function among the variables. As text it is an error: its address would be another in every run."""

    def __init__(self, usage: str, call: Callable[..., Any]):
        self._usage, self._call = usage, call

    def __call__(self, *words: str) -> Any:
        return self._call(*words)

    def __str__(self) -> str:
        raise TypeError("write %s" % self._usage)


@dataclass(frozen=True)
class Pair:
    """What ``certificate('name')`` gives in a template: a token for each of its files."""

    cert: str
    key: str
    ca: str
    combined: str

    def __str__(self) -> str:
        raise TypeError('write certificate("<name>").cert, .key, .ca or .combined')


@dataclass(frozen=True)
class Other:
    """What ``component('name')`` gives in a template."""

    name: str
    version: str
    parameters: Mapping[str, Any]
    secret: Function

    def __str__(self) -> str:
        return self.name


class Context:
    """The variables of one component in one cloud; ``near`` is everything within its reach, by name."""

    def __init__(
        self,
        component: Component,
        near: Mapping[str, Component],
        parameters: Mapping[str, Mapping[str, Any]],
        routes: Mapping[str, Route],
    ):
        self.component, self._near, self._parameters = component, near, parameters
        self._routes = {name: route for name, route in routes.items() if route.component in near}

    def variables(self, site: Mapping[str, Any], cloud: str) -> dict[str, Any]:
        return {
            "site": {"name": site["site"], "domain": site["domain"]},
            "cloud": {"name": cloud, "domain": cloud_domain(cloud, site["domain"])},
            "parameters": dict(self._parameters[self.component.name]),
            "route": Function('route("<name>")', self._route),
            "secret": self._function_secret(self.component),
            "certificate": Function('certificate("<name>").cert', self._certificate),
            "trust": Function("trust()", lambda: str(Token("trust"))),
            "component": Function('component("<name>")', self._other),
        }

    def secrets(self) -> dict[str, Mapping[str, Any]]:
        """``component/name`` -> declaration of every secret within reach."""
        near = self._near.values()
        return {"%s/%s" % (one.name, name): item for one in near for name, item in one.section("secrets").items()}

    def certificates(self) -> list[str]:
        """``component/name`` of every certificate within reach: a component uses its own ones only."""
        return ["%s/%s" % (self.component.name, name) for name in self.component.section("certificates")]

    def _route(self, name: str) -> Route:
        if name not in self._routes:
            raise LookupProblem("NXC-COMP-0030", self._routes, name=name, component=self.component.name)
        return self._routes[name]

    def _function_secret(self, component: Component) -> Function:
        return Function('secret("<name>")', lambda name, which="": self._secret(component, name, which))

    def _secret(self, component: Component, name: str, which: str) -> str:
        declared = component.section("secrets")
        if name not in declared:
            raise LookupProblem("NXC-COMP-0015", declared, name=name, component=component.name)
        path, parts = "%s/%s" % (component.name, name), parts_of(declared[name])
        if which and which not in parts:
            raise LookupProblem("NXC-COMP-0036", dict.fromkeys(parts), name=which, secret=path)
        return str(Token("secret", path, which))

    def _certificate(self, name: str) -> Pair:
        declared = self.component.section("certificates")
        if name not in declared:
            raise LookupProblem("NXC-COMP-0037", declared, name=name, component=self.component.name)
        path = "%s/%s" % (self.component.name, name)
        return Pair(**{file: str(Token("certificate", path, file)) for file in PAIR_FILES})

    def _other(self, name: str) -> Other:
        if name not in self._near:
            asker = "A template of component '%s'" % self.component.name
            raise LookupProblem("NXC-COMP-0009", self._near, name=name, asker=asker, component=self.component.name)
        other = self._near[name]
        return Other(name, other.version, dict(self._parameters[name]), self._function_secret(other))
