# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every code of the area 'site' has a text that provokes it, and nothing else, at the place that is named."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.catalogue.site import ERRORS
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.plugin_utils import site_file, site_structure
from ansible_collections.nextgen.cloud.plugins.plugin_utils.site_file import check, load_site
from ansible_collections.nextgen.cloud.plugins.plugin_utils.yaml_document import parse_leniently

BASE = """\
plugin: nextgen.cloud.site
schema: 1
site: aio
domain: aio.test
driver: {kind: podman, subnet: 10.77.0.0/24}
nodes:
  aio-1:
    roles: [control, worker, edge]
    resources: {cpus: 2, mem: 5GiB, disk: 20GiB}
clouds:
  dev:
    quota: {cpus: 1, mem: 2GiB}
    ports: 20000-20999
    components: {keystone: {}}
  qa:
    quota: {cpus: 1, mem: 2GiB}
    ports: 21000-21999
"""

COMPONENTS = ("keystone", "mariadb", "memcached")


class Case(NamedTuple):
    """``new`` replaces ``old`` in the base text (or is the text); ``^`` marks the place and is not part of it."""

    code: str
    old: str  # empty: the text is ``new`` alone
    new: str
    hint: str = ""
    also: tuple[str, ...] = ()  # further codes that the same text must give

    def marked(self) -> str:
        if not self.old:
            return self.new
        if self.old not in BASE:
            raise ValueError("%r is not in the base text" % self.old)
        return BASE.replace(self.old, self.new, 1)

    def text(self) -> str:
        return self.marked().replace("^", "", 1)

    def place(self) -> tuple[int, int]:
        before = self.marked().split("^")[0]
        return before.count("\n") + 1, len(before) - before.rfind("\n")


BOMB = """\
plugin: &a [x, x, x, x, x, x, x, x, x, x]
schema: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
site: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
domain: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
nodes: [*d, *d, *d, *d, ^*d, *d, *d, *d, *d, *d]
"""

AIO = "  aio-1:\n    roles: [control, worker, edge]\n"
RESOURCES = "    resources: {cpus: 2, mem: 5GiB, disk: 20GiB}\n"
SECOND = "  aio-2: {roles: [worker], resources: {cpus: 2, mem: 5GiB, disk: 20GiB}, %s}\nclouds:"
LONG = "a" * 60

CASES = [
    # text
    Case("NXC-SITE-0002", "", "^\udcff"),
    Case("NXC-SITE-0002", "site: aio", "site: Ärger^\udce4"),
    Case("NXC-SITE-0003", "site: aio", "site: a^\x07io"),
    Case("NXC-SITE-0004", "site: aio", "site: aio\n  domain^: x"),
    Case("NXC-SITE-0004", "roles: [control, worker, edge]", "roles: [control, worker, edge\n    resources^: {}"),
    Case("NXC-SITE-0004", "site: aio", "site: ^@aio"),
    Case("NXC-SITE-0005", "    roles:", "^\troles:"),
    Case("NXC-SITE-0005", "    roles:", "  ^\troles:"),
    Case("NXC-SITE-0006", "", "^"),
    Case("NXC-SITE-0006", "", "^# nothing\n---\n# yet\n"),
    Case("NXC-SITE-0007", "clouds:", "^---\nclouds:"),
    Case("NXC-SITE-0008", "", "^- plugin: nextgen.cloud.site\n"),
    Case("NXC-SITE-0008", "", "^nextgen.cloud.site\n"),
    Case("NXC-SITE-0009", "site: aio", "site: aio\n^site: lab"),
    Case("NXC-SITE-0009", "  qa:", "  ^dev:"),
    Case("NXC-SITE-0010", "", "a: " + "[" * 39 + "^" + "[" * 1000),
    Case("NXC-SITE-0010", "", BOMB),
    Case("NXC-SITE-0010", "", "^a: " + "x" * 1024 * 1024),
    Case("NXC-SITE-0011", "roles: [control, worker, edge]", "roles: ^*roles"),
    Case("NXC-SITE-0011", "components: {keystone: {}}", "components: &all {keystone: ^*all}"),
    Case("NXC-SITE-0012", "site: aio", "site: ^!!python/object/apply:os.system [id]"),
    Case("NXC-SITE-0012", "site: aio", "site: ^!vault aio"),
    Case("NXC-SITE-0013", "  qa:", "  ^[qa]:"),
    Case("NXC-SITE-0013", "  qa:", "  ? ^{qa: 1}\n  :"),
    # structure
    Case("NXC-SITE-0101", "    roles:", "    ^role: []\n    roles:"),
    Case("NXC-SITE-0101", "    ports: 20000", "    ^wieght: 2\n    ports: 20000", hint="weight"),
    Case("NXC-SITE-0101", "driver:", "^<<: {}\ndriver:"),
    Case("NXC-SITE-0101", "clouds:", "^cloud:", hint="clouds"),
    Case("NXC-SITE-0102", BASE, "^" + BASE.replace("domain: aio.test\n", "")),
    Case("NXC-SITE-0102", "  qa:\n    quota: {cpus: 1, mem: 2GiB}\n", "  ^qa:\n"),
    Case("NXC-SITE-0102", "resources: {cpus: 2, mem: 5GiB, disk: 20GiB}", "^resources: {cpus: 2, mem: 5GiB}"),
    Case("NXC-SITE-0102", "clouds:", "^mesos: {source: archive, url: 'https://x.test/m.tgz'}\nclouds:"),
    Case("NXC-SITE-0103", "roles: [control, worker, edge]", "roles: ^control"),
    Case("NXC-SITE-0103", "schema: 1", "schema: ^'1'"),
    Case("NXC-SITE-0103", "site: aio", "site: ^7"),
    Case("NXC-SITE-0103", "site: aio", "site: ^{}"),
    Case("NXC-SITE-0103", "cpus: 2", "cpus: ^true"),
    Case("NXC-SITE-0103", "cpus: 2", "cpus: ^.inf"),
    Case("NXC-SITE-0103", "{keystone: {}}", "{keystone: ^[]}"),
    Case("NXC-SITE-0104", "kind: podman", "kind: ^podmna", hint="podman"),
    Case("NXC-SITE-0104", "plugin: nextgen.cloud.site", "plugin: ^nextgen.cloud.sites", hint="nextgen.cloud.site"),
    Case("NXC-SITE-0105", "cpus: 2", "cpus: ^0"),
    Case("NXC-SITE-0105", "cpus: 1", "cpus: ^-1"),
    Case("NXC-SITE-0105", "clouds:", "edge: {port: ^65536}\nclouds:"),
    Case("NXC-SITE-0105", "roles: [control, worker, edge]", "roles: ^[]"),
    Case("NXC-SITE-0105", "    ports: 20000", "    weight: ^0\n    ports: 20000"),
    Case("NXC-SITE-0106", "mem: 5GiB", "mem: ^5GB"),
    Case("NXC-SITE-0106", "mem: 5GiB", "mem: ^1.001GiB"),
    Case("NXC-SITE-0106", "mem: 5GiB", 'mem: ^"5GiB\\n"'),
    Case("NXC-SITE-0106", RESOURCES, RESOURCES + "    attributes: {^Zone: a}\n"),
    Case("NXC-SITE-0106", RESOURCES, RESOURCES + "    attributes: {zone: ^'a b'}\n"),
    Case("NXC-SITE-0106", "clouds:", "state_dir: ^~/state\nclouds:"),
    Case("NXC-SITE-0107", "edge]", "edge, ^edge]"),
    Case("NXC-SITE-0108", "kind: podman, subnet", "kind: static, ^subnet", also=("NXC-SITE-0307",)),
    Case("NXC-SITE-0108", "clouds:", "mesos: {source: embedded, ^version: '1'}\nclouds:"),
    Case("NXC-SITE-0108", RESOURCES, RESOURCES + "    ssh: {^private_key: id}\n"),
    Case("NXC-SITE-0109", "schema: 1", "schema: ^2"),
    # names and roles
    Case("NXC-SITE-0201", "site: aio", "site: ^AIO"),
    Case("NXC-SITE-0201", "site: aio", "site: ^a_io"),
    Case("NXC-SITE-0201", "  qa:", "  ^qa-:"),
    Case("NXC-SITE-0201", "  aio-1:", "  ^1-aio:"),
    Case("NXC-SITE-0201", "  aio-1:", "  ^%s:" % ("a" * 64)),
    Case("NXC-SITE-0202", "domain: aio.test", "domain: ^aio..test"),
    Case("NXC-SITE-0202", "domain: aio.test", "domain: ^10.77.0.1"),
    Case("NXC-SITE-0202", "domain: aio.test", "domain: ^%s.test" % ".".join([LONG] * 5)),
    Case("NXC-SITE-0203", "  aio-1:", "  ^%s:" % LONG),
    Case("NXC-SITE-0203", "  qa:", "  ^%s:" % LONG),
    Case("NXC-SITE-0204", "  qa:", "  ^registry:"),
    Case("NXC-SITE-0204", "  qa:", "  ^operator:"),
    Case("NXC-SITE-0204", "  aio-1:", "  ^control:"),
    Case("NXC-SITE-0205", "  qa:", "  ^aio-1:"),
    Case(
        "NXC-SITE-0205",
        AIO + RESOURCES + "clouds:\n  dev:",
        AIO.replace("aio-1", "cloud-dev") + RESOURCES + "clouds:\n  ^dev:",
    ),
    Case("NXC-SITE-0211", "nodes:\n  aio-1:\n    roles: [control, ", "^nodes:\n  aio-1:\n    roles: ["),
    Case(
        "NXC-SITE-0211", "nodes:\n  aio-1:\n    roles: [control, worker, ", "^nodes:\n  aio-1:\n    roles: [control, "
    ),
    Case(
        "NXC-SITE-0211",
        "nodes:\n  aio-1:\n    roles: [control, worker, edge]",
        "^nodes:\n  aio-1:\n    roles: [control, worker]",
    ),
    Case("NXC-SITE-0212", "clouds:", "  aio-2: {roles: ^[control]}\nclouds:"),
    Case("NXC-SITE-0213", "worker, edge]", "^wroker, edge]", hint="worker"),
    Case("NXC-SITE-0214", RESOURCES, RESOURCES + "    attributes: {^node: a}\n"),
    # addresses
    Case("NXC-SITE-0301", RESOURCES, RESOURCES + "    address: ^10.77.0\n"),
    Case("NXC-SITE-0301", RESOURCES, RESOURCES + "    address: ^10.77.0.256\n"),
    Case("NXC-SITE-0302", "10.77.0.0/24", "^10.77.0.0"),
    Case("NXC-SITE-0302", "10.77.0.0/24", "^10.77.0.1/24"),
    Case("NXC-SITE-0302", "10.77.0.0/24", "^10.77.0.0/30"),
    Case("NXC-SITE-0302", "10.77.0.0/24", "^10.77.0.0/33"),
    Case("NXC-SITE-0302", "10.77.0.0/24", "^224.0.0.0/24"),
    Case("NXC-SITE-0303", "clouds:", SECOND % "address: ^10.77.0.10"),
    Case("NXC-SITE-0303", AIO, AIO + "    address: ^10.77.0.11\n  aio-2:\n    roles: [worker]\n"),
    Case("NXC-SITE-0304", "clouds:", SECOND % "address: ^10.78.0.11"),
    Case("NXC-SITE-0305", "clouds:", SECOND % "address: ^10.77.0.1"),
    Case("NXC-SITE-0305", "clouds:", SECOND % "address: ^10.77.0.255"),
    Case(
        "NXC-SITE-0306",
        "0/24}\nnodes:\n  aio-1:",
        "0/28}\nnodes:\n" + "".join("  n%d: {roles: [worker]}\n" % n for n in range(5)) + "  ^aio-1:",
    ),
    Case("NXC-SITE-0307", "podman, subnet: 10.77.0.0/24}\nnodes:\n  aio-1:", "static}\nnodes:\n  ^aio-1:"),
    # ports
    Case("NXC-SITE-0401", "21000-21999", "^21000-"),
    Case("NXC-SITE-0103", "21000-21999", "^21000"),
    Case("NXC-SITE-0401", "21000-21999", "^21999-21000"),
    Case("NXC-SITE-0401", "21000-21999", "^80-999"),
    Case("NXC-SITE-0401", "21000-21999", "^65000-65536"),
    Case("NXC-SITE-0402", "21000-21999", "^20500-21499"),
    Case(
        "NXC-SITE-0402",
        "20000-20999\n    components: {keystone: {}}\n  qa:\n    quota: {cpus: 1, mem: 2GiB}\n    ports: 21000-21999",
        "20000-22999\n  qa:\n    quota: {cpus: 1, mem: 2GiB}\n    ports: ^21000-21999",
    ),
    Case("NXC-SITE-0403", "21000-21999", "^29500-30499"),
    Case("NXC-SITE-0404", "21000-21999", "^21000-21198"),
    Case("NXC-SITE-0405", "clouds:", "ports: ^5001-29999\nclouds:", also=("NXC-SITE-0405",)),
    Case("NXC-SITE-0405", "clouds:", "edge: {port: ^20443}\nclouds:"),
    Case("NXC-SITE-0406", "clouds:", "edge: {port: ^5050}\nclouds:"),
    # certificates
    Case(
        "NXC-SITE-0701",
        "clouds:",
        "certificates: {clouds: {^deb: {certificate: c, key: k}}}\nclouds:",
        hint="Did you mean 'dev'?",
    ),
    Case("NXC-SITE-0102", "clouds:", "certificates: {^root: {certificate: c}}\nclouds:"),
    Case("NXC-SITE-0106", "clouds:", "certificates: {renew: ^100%}\nclouds:"),
    # secrets
    Case("NXC-SITE-0104", "clouds:", "secrets: {backend: ^kv}\nclouds:", hint="kv2"),
    Case("NXC-SITE-0101", "clouds:", "secrets: {backend: etcd, ^endpoint: x, endpoints: ['https://e:2379']}\nclouds:"),
    Case("NXC-SITE-0102", "clouds:", "^secrets: {}\nclouds:"),
    Case("NXC-SITE-0102", "clouds:", "^secrets: {backend: barbican}\nclouds:"),
    Case("NXC-SITE-0102", "clouds:", "^secrets: {backend: kv2, url: 'https://v'}\nclouds:"),
    Case("NXC-SITE-0102", "clouds:", "secrets: {backend: kv2, url: 'https://v', ^auth: {method: token}}\nclouds:"),
    Case("NXC-SITE-0108", "clouds:", "secrets: {backend: file, ^prefix: a}\nclouds:"),
    Case("NXC-SITE-0108", "clouds:", "secrets: {backend: barbican, cloud: c, ^user: a}\nclouds:"),
    Case(
        "NXC-SITE-0108",
        "clouds:",
        "secrets:\n  backend: kv2\n  url: https://v\n"
        "  auth: {method: token, token_file: t, ^secret_id_file: s}\nclouds:",
    ),
    Case("NXC-SITE-0106", "clouds:", "secrets: {backend: etcd, endpoints: [^'https://u:p@e:2379']}\nclouds:"),
    Case("NXC-SITE-0106", "clouds:", "secrets: {backend: barbican, cloud: c, prefix: ^/a}\nclouds:"),
    Case("NXC-SITE-0601", "clouds:", "secrets: {backend: etcd, endpoints: ['https://a', ^'http://b']}\nclouds:"),
    Case(
        "NXC-SITE-0601",
        "clouds:",
        "secrets:\n  backend: kv2\n  url: ^http://10.0.0.1:8200\n  auth: {method: token, token_file: t}\nclouds:",
    ),
    Case("NXC-SITE-0602", "clouds:", "secrets: {backend: etcd, endpoints: ['https://a'], ^user: u}\nclouds:"),
    Case("NXC-SITE-0602", "clouds:", "secrets: {backend: etcd, endpoints: ['https://a'], ^private_key: u}\nclouds:"),
    # capacity and components
    Case("NXC-SITE-0501", "  qa:\n    quota: {cpus: 1, mem: 2GiB}", "  qa:\n    quota: {cpus: ^1.1, mem: 2GiB}"),
    Case("NXC-SITE-0501", "  qa:\n    quota: {cpus: 1, mem: 2GiB}", "  qa:\n    quota: {cpus: 1, mem: ^3073MiB}"),
    Case("NXC-SITE-0502", "  qa:\n    quota: {cpus: 1, mem: 2GiB}", "  qa:\n    quota: {cpus: ^0, mem: 2GiB}"),
    Case("NXC-SITE-0502", "  qa:\n    quota: {cpus: 1, mem: 2GiB}", "  qa:\n    quota: {cpus: 1, mem: ^0GiB}"),
    Case("NXC-SITE-0503", "{keystone: {}}", "{^keystoen: {}}", hint="keystone"),
    Case("NXC-SITE-0503", "{keystone: {}}", "{mariadb: , ^'': {}}"),
]

# What needs a file system or a broken installation: tests of their own below.
ELSEWHERE = {"NXC-SITE-0001", "NXC-SITE-0014", "NXC-SITE-0504", "NXC-SITE-0901", "NXC-SITE-0902"}


def problems_of(text):
    try:
        return check(parse_leniently(text.encode("utf-8", "surrogateescape"), "site.yml"), COMPONENTS)
    except CloudError as error:
        return list(error.problems)


def test_base_is_valid():
    assert problems_of(BASE) == []


@pytest.mark.parametrize("case", CASES, ids=["%s-%d" % (case.code, row) for row, case in enumerate(CASES)])
def test_problem_has_code_place_and_hint(case):
    problems = problems_of(case.text())
    found = [problem for problem in problems if problem.code == case.code]
    assert found, [str(problem) for problem in problems]
    assert (found[0].place.line, found[0].place.column) == case.place(), str(found[0])
    assert found[0].place.file == "site.yml"
    assert case.hint in found[0].hint
    others = sorted(problem.code for problem in problems if problem is not found[0])
    assert others == sorted(case.also), [str(problem) for problem in problems]


def test_every_code_has_a_case():
    assert {case.code for case in CASES} | ELSEWHERE == set(ERRORS)


def test_all_problems_are_reported_sorted_by_place():
    text = BASE.replace("roles: [control, worker, edge]", "roles: [control, wroker, edge]")
    text = text.replace("kind: podman", "kind: podmna").replace("21000-21999", "20999-21999").replace("aio.test", "A")
    problems = problems_of(text + "nodse: {}\n")
    assert [(problem.code, problem.place.line) for problem in problems] == [
        ("NXC-SITE-0202", 4),
        ("NXC-SITE-0104", 5),
        ("NXC-SITE-0213", 8),
        ("NXC-SITE-0402", 17),
        ("NXC-SITE-0101", 18),
    ]


def test_problem_of_text_does_not_hide_those_of_structure():
    text = BASE.replace("site: aio", "site: aio\nsite: aio").replace("kind: podman", "kind: x")
    assert [problem.code for problem in problems_of(text)] == ["NXC-SITE-0009", "NXC-SITE-0104"]


def test_overlap_names_both_places():
    problem = problems_of(BASE.replace("21000-21999", "20500-21499"))[0]
    assert "'dev' (site.yml:13:12) and 'qa' overlap in 20500-20999" in str(problem)
    assert str(problem).startswith("site.yml:17:12: NXC-SITE-0402: ")


def test_address_of_the_place_in_the_file_counts_unreadable_nodes():
    text = BASE.replace("  aio-1:", "  aio-0: 7\n  aio-1:\n    address: 10.77.0.11")
    assert [problem.code for problem in problems_of(text)] == ["NXC-SITE-0103"]


def test_quota_is_not_compared_unless_every_worker_declares_resources():
    text = BASE.replace("cpus: 1,", "cpus: 64,")
    assert {problem.code for problem in problems_of(text)} == {"NXC-SITE-0501"}
    assert problems_of(text.replace("clouds:", "  aio-2: {roles: [worker]}\nclouds:")) == []


def test_messages_are_one_line_each():
    text = BASE.replace("  qa:", '  "q\\na\\e[0m":').replace("site: aio", 'site: "%s"' % ("x\\n" * 500))
    problems = problems_of(text)
    assert [problem.code for problem in problems] == ["NXC-SITE-0201", "NXC-SITE-0201"]
    assert all(str(problem).isprintable() and len(str(problem)) < 400 for problem in problems)


def test_unreadable_file(tmp_path):
    for path in (tmp_path / "site.yml", tmp_path):
        with pytest.raises(CloudError) as refused:
            load_site(str(path))
        assert [problem.code for problem in refused.value.problems] == ["NXC-SITE-0001"]


def test_component_directories_of_the_site(tmp_path):
    (tmp_path / "mine" / "horizon").mkdir(parents=True)
    (tmp_path / "mine" / "horizon" / "component.yml").write_text("schema: 1\n")
    (tmp_path / "mine" / "notes").mkdir()
    path = tmp_path / "site.yml"
    text = BASE.replace("{keystone: {}}", "{horizon: {}}").replace("clouds:", "components: [mine]\nclouds:")
    path.write_text(text)
    site = load_site(str(path), tmp_path / "none")
    assert site["components"] == [str(tmp_path / "mine")]
    assert site["clouds"]["dev"]["components"] == {"horizon": {}}

    path.write_text(text.replace("[mine]", "[mine, yours]").replace("{horizon: {}}", "{notes: {}}"))
    with pytest.raises(CloudError) as refused:
        load_site(str(path), tmp_path / "none")
    found = [(problem.code, problem.place.line, problem.place.column) for problem in refused.value.problems]
    assert found == [("NXC-SITE-0504", 10, 20), ("NXC-SITE-0503", 15, 18)]


def test_missing_library_is_said(monkeypatch):
    monkeypatch.setattr(site_structure, "MISSING", ImportError("No module named 'jsonschema'"))
    assert [problem.code for problem in problems_of(BASE)] == ["NXC-SITE-0901"]


def test_built_in_catalogue_is_where_the_plugin_looks():
    assert (site_file.CATALOGUE / "keystone" / "component.yml").is_file()
