# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything hydrate refuses: one row a code, with the place and the hint."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.catalogue.component import ERRORS
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.model import RecipeFile
from ansible_collections.nextgen.cloud.tests.unit.component.bench import SITE, STORE, WEB, put

TWIN = {**STORE, "component": "twin"}

# id: (attribute of the bench, value, code, part of the place, part of the text)
ROWS = {
    "pattern": (
        "web",
        put(WEB, "parameters.label.pattern", "[a-z"),
        "NXC-COMP-0004",
        "parameters.label.pattern",
        "no regular expression",
    ),
    "component of a cloud": (
        "site",
        put(SITE, "clouds.dev.components", {"wep": {}}),
        "NXC-COMP-0009",
        "site.yml:clouds.dev.components.wep",
        "Did you mean 'web'?",
    ),
    "component of a component": (
        "web",
        put(WEB, "requires", ["stor"]),
        "NXC-COMP-0009",
        "web/component.yml:requires.0",
        "Did you mean 'store'?",
    ),
    "circle of components": (
        "store",
        put(STORE, "requires", ["web"]),
        "NXC-COMP-0010",
        "requires",
        "store -> web -> store",
    ),
    "unknown parameter": (
        "site",
        put(SITE, "clouds.dev.components.web.instanzes", 2),
        "NXC-COMP-0011",
        "site.yml:clouds.dev.components.web.instanzes",
        "Did you mean 'instances'?",
    ),
    "type of a parameter": (
        "site",
        put(SITE, "clouds.dev.components.web.instances", "two"),
        "NXC-COMP-0012",
        "web.instances",
        "'two' is not an integer from 0 up to 9",
    ),
    "true is no number": ("site", put(SITE, "clouds.dev.components.web.instances", True), "NXC-COMP-0012", "", "True"),
    "bound of a parameter": ("site", put(SITE, "clouds.dev.components.web.instances", 10), "NXC-COMP-0012", "", "10"),
    "choice of a parameter": (
        "site",
        put(SITE, "clouds.dev.components.web.colour", "blue"),
        "NXC-COMP-0012",
        "",
        "red",
    ),
    "pattern of a parameter": ("site", put(SITE, "clouds.dev.components.web.label", "A1"), "NXC-COMP-0012", "", "a-z"),
    "number for a boolean": ("site", put(SITE, "clouds.dev.components.web.loud", 1), "NXC-COMP-0012", "", "boolean"),
    "missing parameter": (
        "web",
        put(WEB, "parameters.needed", {"type": "string"}),
        "NXC-COMP-0013",
        "site.yml",
        "needed",
    ),
    "image": (
        "web",
        put(WEB, "services.web.image", "wep"),
        "NXC-COMP-0014",
        "services.web.image",
        "Did you mean 'web'?",
    ),
    "image out of reach": (
        "store",
        put(STORE, "services.store.image", "web"),
        "NXC-COMP-0014",
        "store",
        "Known: store",
    ),
    "secret of a file": (
        "web",
        put(WEB, "services.web.files.1.secret", "kee"),
        "NXC-COMP-0015",
        "services.web.files.1",
        "Did you mean 'key'?",
    ),
    "secret in a template": ("template", '{{ secret("kee") }}', "NXC-COMP-0015", "web.conf.j2", "Did you mean 'key'?"),
    "secret of another": ("template", '{{ component("store").secret("x") }}', "NXC-COMP-0015", "", "password"),
    "token by hand": ("template", "@secret:store/pass@", "NXC-COMP-0015", "files.0", "store/password"),
    "component in a template": ("template", '{{ component("stor").version }}', "NXC-COMP-0009", "", "'store'?"),
    "port of health": ("web", put(WEB, "services.web.health.port", "htp"), "NXC-COMP-0016", "health.port", "'http'?"),
    "port of a route": ("web", put(WEB, "routes.web.port", "htp"), "NXC-COMP-0016", "routes.web.port", "'http'?"),
    "requires": ("web", put(WEB, "services.web.requires", ["fil"]), "NXC-COMP-0017", "requires.0", "'fill'?"),
    "template": ("web", put(WEB, "services.web.files.0.template", "web.j2"), "NXC-COMP-0018", "files.0", "web.conf.j2"),
    "undefined in a template": (
        "template",
        "one\ntwo {{ parameters.nothing }}\n",
        "NXC-COMP-0019",
        "/catalogue/web/templates/web.conf.j2:2:1",
        "nothing",
    ),
    "undefined in a command": (
        "web",
        put(WEB, "services.web.command", ["{{ nothing }}"]),
        "NXC-COMP-0019",
        "services.web.command.0",
        "'nothing' is undefined",
    ),
    "syntax of a template": ("template", "one\n{% if %}\n", "NXC-COMP-0020", "web.conf.j2:2:1", "Expected"),
    "sandbox": ("template", "{{ ''.__class__.__mro__ }}", "NXC-COMP-0020", "", "unsafe"),
    "python error in a template": ("template", "a\n\n{{ 1 // 0 }}", "NXC-COMP-0020", "web.conf.j2:3:1", "ZeroDivision"),
    "function as text": ("template", "{{ secret }}", "NXC-COMP-0020", "web.conf.j2", 'write secret("<name>")'),
    "service twice": ("more", [put(TWIN, "routes", {})], "NXC-COMP-0021", "twin", "store and twin"),
    "service and job": (
        "store",
        put(STORE, "jobs.store", WEB["jobs"]["fill"]),
        "NXC-COMP-0021",
        "jobs.store",
        "store and store",
    ),
    "host twice": (
        "web",
        put(WEB, "routes.second", {**WEB["routes"]["web"], "host": "web"}),
        "NXC-COMP-0022",
        "routes",
        "'web'",
    ),
    "quota of cpus": (
        "site",
        put(SITE, "clouds.dev.quota.cpus", 0.5),
        "NXC-COMP-0023",
        "quota",
        "needs 0.6 of cpus, but its quota is 0.5: all services ",
    ),
    "quota of memory": (
        "site",
        put(SITE, "clouds.dev.quota.mem", 351),
        "NXC-COMP-0023",
        "quota",
        "needs 352 MiB of mem, but its quota is 351 MiB: all services ",
    ),
    "tcp ports": ("site", put(SITE, "clouds.dev.ports", [20000, 20000]), "NXC-COMP-0024", "clouds.dev", "0 ports"),
    "circle of works": ("web", put(WEB, "jobs.fill.requires", ["web"]), "NXC-COMP-0025", "web", "fill -> web -> fill"),
    "secret in a command": (
        "web",
        put(WEB, "services.web.command", ['{{ secret("key") }}']),
        "NXC-COMP-0026",
        "services.web.command.0",
        "command.0",
    ),
    "secret in the environment": (
        "web",
        put(WEB, "services.web.environment", {"KEY": "@secret:web/key@"}),
        "NXC-COMP-0026",
        "environment.KEY",
        "environment",
    ),
    "expression is no number": (
        "web",
        put(WEB, "services.web.instances", "{{ parameters.colour }}"),
        "NXC-COMP-0028",
        "instances",
        "'red' after rendering, not an integer of at least 0",
    ),
    "service of a route": ("web", put(WEB, "routes.web.service", "wep"), "NXC-COMP-0029", "routes.web", "'web'?"),
    "route": ("template", '{{ route("stor").url }}', "NXC-COMP-0030", "web.conf.j2", "Did you mean 'store'?"),
    "recipe": ("recipes", {"web": [RecipeFile("x", "0644", "")]}, "NXC-COMP-0031", "images.web", "Containerfile"),
    "path twice": (
        "web",
        put(WEB, "services.web.files.1.path", "/etc/web.conf"),
        "NXC-COMP-0032",
        "files.1.path",
        "/etc/web.conf",
    ),
    "part of a secret": ("template", '{{ secret("key", "previos") }}', "NXC-COMP-0036", "", "Did you mean 'previous'?"),
    "part that must be asked for": ("template", '{{ secret("key", "staged") }}', "NXC-COMP-0036", "", "staged: true"),
    "part by hand": ("template", "@secret:web/key.hash@", "NXC-COMP-0036", "files.0", "'hash' of 'web/key'"),
    "part of a file": (
        "web",
        put(WEB, "services.web.files.1.which", "public"),
        "NXC-COMP-0036",
        "services.web.files.1",
        "'public' of 'web/key'",
    ),
    "certificate": (
        "certified",
        '{{ certificate("servr").key }}',
        "NXC-COMP-0037",
        "web.conf.j2",
        "Did you mean 'server'?",
    ),
    "certificate by hand": ("certified", "@certificate:store/server/key@", "NXC-COMP-0037", "files.0", "web/server"),
    "file of a certificate": ("certified", "@certificate:web/server/kee@", "NXC-COMP-0036", "files.0", "'key'?"),
    "attribute of a certificate": ("certified", '{{ certificate("server").pem }}', "NXC-COMP-0019", "", "pem"),
    "certificate as text": ("certified", '{{ certificate("server") }}', "NXC-COMP-0020", "", ".key, .ca"),
    "trust as text": ("template", "{{ trust }}", "NXC-COMP-0020", "", "write trust()"),
    "route of a certificate": (
        "web",
        put(WEB, "certificates", {"server": {"routes": ["store"]}}),
        "NXC-COMP-0038",
        "certificates.server.routes.0",
        "'store', which component 'web'",
    ),
    "secret that others may read": (
        "web",
        put(WEB, "services.web.files.1.mode", "0444"),
        "NXC-COMP-0039",
        "files.1",
        "'/etc/key', a file with a secret or key in it: its mode is 0444",
    ),
    "key that the group may write": ("keyed", "0460", "NXC-COMP-0039", "files.0", "mode is 0460"),
    "variable twice": (
        "web",
        {
            **WEB,
            "jobs": {"fill": {**WEB["jobs"]["fill"], "environment": {"A": "1"}, "secret_environment": {"A": "key"}}},
        },
        "NXC-COMP-0040",
        "secret_environment.A",
        "'A'",
    ),
    "secret of the environment": (
        "web",
        put(WEB, "jobs.fill.secret_environment", {"A": "kee"}),
        "NXC-COMP-0015",
        "secret_environment.A",
        "Did you mean 'web/key'?",
    ),
    "trust in a command": (
        "web",
        put(WEB, "services.web.command", ["{{ trust() }}"]),
        "NXC-COMP-0026",
        "services.web.command.0",
        "command.0",
    ),
    "default": (
        "web",
        put(WEB, "parameters.instances.default", 10),
        "NXC-COMP-0033",
        "default",
        "10 is not an integer",
    ),
}

# Codes of reading and writing files are tried where files are: test_reading.py and test_files.py.
OF_FILES = ["0001", "0002", "0003", "0005", "0006", "0007", "0008", "0027", "0034", "0035"]


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_refused(bench, row):
    attribute, value, code, place, text = row
    if attribute in ("certified", "keyed"):
        bench.web = put(WEB, "certificates", {"server": {}})
        if attribute == "keyed":
            bench.web = put(bench.web, "services.web.files.0.mode", value)
            attribute, value = "template", '{{ certificate("server").combined }}'
        bench.template = value
    setattr(bench, attribute, value)
    if attribute == "more":
        bench.site = put(SITE, "clouds.dev.components.twin", {})
    problems = bench.problems()
    hits = [one for one in problems if one.code == code and place in str(one.place) and text in str(one)]
    assert hits, problems
    assert len(problems) <= 2 + 3 * (attribute == "more"), problems


def test_an_expression_that_cannot_be_rendered_is_reported_once(bench):
    bench.web = put(WEB, "services.web.instances", "{{ parameters.instanzes }}")
    assert [one.code for one in bench.problems()] == ["NXC-COMP-0019"]


def test_every_code_has_a_row():
    codes = {row[2] for row in ROWS.values()} | {"NXC-COMP-" + number for number in OF_FILES}
    assert codes == set(ERRORS)


def test_all_problems_come_at_once(bench):
    bench.site = put(SITE, "clouds.dev.components.web", {"instanzes": 1, "colour": "blue", "loud": "x"})
    assert [one.code for one in bench.problems()] == ["NXC-COMP-0012", "NXC-COMP-0011", "NXC-COMP-0012"]


def test_what_two_clouds_share_is_said_once(bench):
    bench.site = put(SITE, "clouds.qa", {**SITE["clouds"]["dev"], "ports": [21000, 21999]})
    bench.web = put(WEB, "services.web.image", "wep")
    assert len(bench.problems()) == 1


def test_quota_that_just_fits(bench):
    bench.site = put(put(SITE, "clouds.dev.quota.mem", 352), "clouds.dev.quota.cpus", 0.6)
    assert bench.manifests()
