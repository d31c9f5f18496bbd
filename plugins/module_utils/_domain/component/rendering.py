# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Render the declarations of one component into manifests of services, jobs, routes and secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import Place
from ..naming import registry_address
from ..site.suggest import did_you_mean
from ..tokens import PAIR_FILES, Token, parts_of, tokens_in, too_wide
from .context import Context, LookupProblem, Renderer, RenderError
from .images import tag_of
from .model import Component, Findings, listing

_FAILED = object()
# Keys of a service or job that have a rendering of their own.
_APART = ("files", "image", "secret_environment")
_NUMBERS = ("instances", "cpus", "mem", "disk", "size")


class Rendering:
    """One component in one cloud. Problems go to ``findings``; what failed is left as it was."""

    def __init__(
        self,
        component: Component,
        context: Context,
        render: Renderer,
        site: Mapping[str, Any],
        cloud: str,
        findings: Findings,
    ):
        self.component, self.context, self.render = component, context, render
        self.site, self.cloud, self.findings = site, cloud, findings
        self.variables = context.variables(site, cloud)

    def work(self, kind: str, name: str, declaration: Mapping[str, Any], images: Mapping[str, Component]) -> dict:
        """The manifest of one service or job. ``images``: image name -> component that builds it."""
        path = ["services" if kind == "service" else "jobs", name]
        user = "%s '%s'" % (kind.capitalize(), name)
        plain = {key: value for key, value in declaration.items() if key not in _APART}
        body = self._strings(plain, path, user)
        body["files"] = [self._file(entry, [*path, "files", i], user) for i, entry in enumerate(declaration["files"])]
        if declaration.get("secret_environment"):
            body["secret_environment"] = self._secret_environment(declaration["secret_environment"], path, user)
        if (body.get("health") or {}).get("kind") == "http":
            body["health"].setdefault("path", "/")
        image = declaration["image"]
        if self._numbers_fit(body, path, user):
            body["resources"]["cpus"] = float(body["resources"]["cpus"])
        return {
            **body,
            "schema": 1,
            "kind": kind,
            "cloud": self.cloud,
            "name": name,
            "component": {"name": self.component.name, "version": self.component.version},
            "image": "%s/%s:%s" % (registry_address(self.site["domain"]), image, tag_of(images[image], image)),
        }

    def secrets(self) -> list[dict[str, Any]]:
        return [
            {
                "schema": 1,
                "kind": "secret",
                "cloud": self.cloud,
                "name": "%s/%s" % (self.component.name, name),
                "secret": {key: value for key, value in declaration.items() if value is not False},
            }
            for name, declaration in sorted(self.component.section("secrets").items())
        ]

    def _strings(self, value: Any, path: Sequence[str | int], user: str) -> Any:
        """Render every string below ``value``; none of them may hold a secret."""
        if isinstance(value, Mapping):
            return {key: self._strings(item, [*path, key], user) for key, item in value.items()}
        if isinstance(value, list):
            return [self._strings(item, [*path, index], user) for index, item in enumerate(value)]
        if not isinstance(value, str):
            return value
        place = self.component.locate(path)
        # Where a number stands, an expression keeps its type; all else is text, whatever a parameter's type is.
        typed = path[-1] in _NUMBERS and path[-2] != "environment" and path[-2] != "attributes"
        result = self._rendered(self.render.value if typed else self.render.text, value, place, user)
        if result is _FAILED:
            return value
        if isinstance(result, str) and tokens_in(result):
            self.findings.add("NXC-COMP-0026", place=place, user=user, where=".".join(map(str, path)))
        return result

    def _file(self, entry: Mapping[str, Any], path: Sequence[str | int], user: str) -> dict[str, Any]:
        place = self.component.locate(path)
        if "secret" in entry:
            content = self._token(entry["secret"], entry.get("which", ""))
        elif "template" in entry:
            source = self.component.templates[entry["template"]]
            file = Place(self.component.template_file(entry["template"]))
            content = self._rendered(self.render.text, source, file, user)
        else:
            content = self._rendered(self.render.text, entry["content"], place, user)
        if content is not _FAILED:
            self._check_tokens(content, place, user)
            if too_wide(entry["mode"], tokens_in(content)):
                values = {"user": user, "path": entry["path"], "mode": entry["mode"]}
                self.findings.add("NXC-COMP-0039", place=place, **values)
        result = {"path": entry["path"], "mode": entry["mode"], "content": "" if content is _FAILED else content}
        return {**result, "rotation": "ignore"} if entry.get("rotation") == "ignore" else result

    def _token(self, name: str, which: str) -> str:
        return str(Token("secret", "%s/%s" % (self.component.name, name), which))

    def _secret_environment(self, wanted: Mapping[str, str], path: Sequence[str | int], user: str) -> dict[str, str]:
        """Variable -> token; ``wanted`` has ``name`` or ``name.part`` of a secret of this component."""
        values = {}
        for variable, text in sorted(wanted.items()):
            name, _dot, which = text.partition(".")
            values[variable] = self._token(name, which)
            place = self.component.locate([*path, "secret_environment", variable])
            self._check_tokens(values[variable], place, user)
        return values

    def _rendered(self, render: Any, source: str, place: Place, user: str) -> Any:
        try:
            return render(source, self.variables)
        except RenderError as error:
            # A string inside component.yml has its own place; only in a template file does the line count on.
            where = Place(place.file, error.line, 1) if error.line and not place.line else place
            self.findings.add("NXC-COMP-0019" if error.undefined else "NXC-COMP-0020", place=where, detail=error.detail)
        except LookupProblem as problem:
            values = {"user": user, **problem.values}
            self.findings.add(problem.code, place=place, hint=problem.hint, **values)
        return _FAILED

    def _check_tokens(self, content: str, place: Place, user: str) -> None:
        secrets, certificates = self.context.secrets(), self.context.certificates()
        for token in sorted(tokens_in(content)):
            if token.kind == "secret" and token.name not in secrets:
                self._unknown("NXC-COMP-0015", token.name, secrets, place, user, component=self.component.name)
            elif token.kind == "secret" and token.part:
                self._known_part(token, parts_of(secrets[token.name]), place, user)
            elif token.kind == "certificate" and token.name not in certificates:
                self._unknown("NXC-COMP-0037", token.name, certificates, place, user, component=self.component.name)
            elif token.kind == "certificate":
                self._known_part(token, PAIR_FILES, place, user)

    def _known_part(self, token: Token, parts: Sequence[str], place: Place, user: str) -> None:
        if token.part not in parts:
            self._unknown("NXC-COMP-0036", token.part, parts, place, user, secret=token.name)

    def _unknown(self, code: str, name: str, known: Iterable[str], place: Place, user: str, **more: Any) -> None:
        values = {"user": user, "name": name, "known": listing(known), **more}
        self.findings.add(code, place=place, hint=did_you_mean(name, sorted(known)), **values)

    def _numbers_fit(self, body: Mapping[str, Any], path: Sequence[str], user: str) -> bool:
        """Numbers that came out of expressions: the schema saw only the expression."""
        fit, told = True, {problem.place for problem in self.findings.problems}
        rows: list[tuple[list[str | int], Any, float]] = [
            (["resources", "cpus"], body["resources"]["cpus"], 0.001),
            (["resources", "mem"], body["resources"]["mem"], 16),
            (["resources", "disk"], body["resources"]["disk"], 1),
        ]
        if "instances" in body:
            rows.append((["instances"], body["instances"], 0))
        for index, volume in enumerate(body.get("volumes", ())):
            rows.append((["volumes", index, "size"], volume["size"], 1))
        for keys, value, least in rows:
            fraction = isinstance(value, float) and keys[-1] == "cpus"
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (fraction or whole) or value < least:
                fit, place = False, self.component.locate([*path, *keys])
                if isinstance(value, str) and "{{" in value and place in told:
                    continue  # it could not be rendered, and that has been said
                kind = "a number" if keys[-1] == "cpus" else "an integer"
                self.findings.add(
                    "NXC-COMP-0028",
                    place=place,
                    where=".".join(map(str, keys)),
                    user=user,
                    value=repr(value),
                    wanted="%s of at least %s" % (kind, least),
                )
        return fit
