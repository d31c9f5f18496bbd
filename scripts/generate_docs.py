# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the pages of docs that come from data: schemas, site-file.md, ports.md, errors. ``--check`` only compares."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from plugins.module_utils._domain.catalogue import CATALOGUE  # noqa: E402
from plugins.module_utils._domain.component.schema import SCHEMA as COMPONENT_SCHEMA  # noqa: E402
from plugins.module_utils._domain.site.document import inline  # noqa: E402
from plugins.module_utils._domain.site.listeners import listeners  # noqa: E402
from plugins.module_utils._domain.site.schema import SCHEMA as SITE_SCHEMA  # noqa: E402

LICENSE = "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->\n"
GENERATED = LICENSE + "<!-- Written by scripts/generate_docs.py; do not edit. -->\n"

AREAS = {
    "SITE": "the site file",
    "COMP": "components and manifests",
    "NODE": "nodes and drivers",
    "MESO": "Mesos",
    "IMAGE": "container images",
    "PLAN": "operators and plans",
    "EDGE": "the edge",
    "SECR": "secrets",
}

INTRO = """# The site file

One file, `site.yml`, says everything about a site; it is an Ansible inventory at the same time. The smallest one:

```yaml
plugin: nextgen.cloud.site
schema: 1
site: aio
domain: aio.test
driver: {kind: podman}
nodes:
  aio-1: {roles: [control, worker, edge]}
clouds:
  dev:
    quota: {cpus: 1, mem: 2GiB}
    ports: 20000-20999
    components: {keystone: {}}
```

Samples to start from: `inventories/aio/site.yml` (one machine) and `inventories/lab/site.yml` (eight). The name of the
file must end in `site.yml` or `site.yaml`.

An editor with a YAML language server completes and explains keys if the first line names the schema:
`# yaml-language-server: $schema=<path to>/docs/schema/site-1.schema.json`.

To check a file and see what becomes of it: `ansible-inventory -i site.yml --list`. All problems are reported at once:

```
site.yml:8:3: NXC-SITE-0101: Unknown key 'role' in nodes.aio-1. Did you mean 'roles'? Remedy: ...
```
"""

RULES = """## What is checked beyond this

- **Roles**: at least one node each with `control`, `worker` and `edge`; the number of `control` nodes is odd.
- **Names** of the site, nodes and clouds are DNS labels; with the domain they fit into a host name (64 characters).
  Names of groups, `localhost`, `registry`, and for clouds `operator` and `agent`, are reserved. A node and a cloud
  cannot share a name.
- **Addresses** are IPv4 and each node's own. With the driver `podman` they lie in the subnet; a node without one gets
  host number 10 plus its place in the file, so put new nodes last. With `static` every node has one.
- **Ports**: pools of clouds lie within the site's ports, do not overlap and have at least 200 ports. The site's ports
  keep clear of the edge's port and of those on which the site's own services listen.
- **Quotas** are guarantees: of each of `cpus` and `mem`, the quotas of all clouds together fit into the resources of
  all workers together. This is checked here if every worker declares `resources`. If one does not, its resources are
  detected on the machine, so nothing can be said before.
- **Secrets** never travel in the clear: a server that keeps them is reached by https, unless it is on the
  controller's own loopback address.
- **Components** exist, in the built-in catalogue or in one of the directories in `components` of the site.

## The form of the text

UTF-8, one YAML document, the core schema of YAML 1.2: `no` and `12:30` are text, `true` and `false` are truth values.
Anchors and aliases are fine; tags, merge keys and doubled keys are refused. Templates are not: what looks like
`{{ one }}` stays as written, because the file is data. Nothing secret belongs into it.

All codes are listed in [errors/site.md](errors/site.md).
"""

PORTS = """# The port list

Every socket that may listen on a node, by role, with the default ports. What is not in this list does not listen, and
what is in it does, except where the last column says why it may be missing; the acceptance tests compare every node
with it. For your own site the list is the variable `nextgen_ports` of the inventory: a row per node and socket.

[Closed doors](operations/closed-doors.md) says how to read it, and what is tested beyond it.
"""

# Enough of a site to have every row once; names of its nodes are not shown.
PORTS_SITE: dict[str, Any] = {
    "edge": {"port": 443},
    "mesos": {"source": "package"},
    "nodes": {
        name: {"roles": roles, "address": "192.0.2.1", "ssh": {"port": 22}}
        for name, roles in (("1", ["control"]), ("2", ["registry"]), ("3", ["worker"]), ("4", ["edge"]),
                            ("5", ["control"]))
    },
    "clouds": {"<cloud>": {"ports": [20000, 20999]}},
}  # fmt: skip


def pages() -> dict[str, str]:
    """Path from the root → content, for every page that this script writes."""
    written = {
        "docs/schema/site-1.schema.json": _json(SITE_SCHEMA),
        "docs/schema/component-1.schema.json": _json(COMPONENT_SCHEMA),
        "docs/site-file.md": site_page(),
        "docs/ports.md": ports_page(),
        "docs/errors/README.md": error_index(),
    }
    for area in _areas():
        written[_error_page(area)] = error_page(area)
    return written


def site_page() -> str:
    """docs/site-file.md."""
    return "\n".join([GENERATED + INTRO, "## Keys", "", *_section(SITE_SCHEMA, ""), RULES])


def ports_page() -> str:
    """docs/ports.md; ports of clouds are those of a pool that begins at 20000."""
    lines = [GENERATED + PORTS, "| role | what | port | bound to | process | transport | authentication | who calls |"]
    lines[-1] += " why so | may be missing |"
    lines.append("|---" * 10 + "|")
    for row in listeners(PORTS_SITE):
        ports = "-".join(str(port) for port in sorted(set(row["ports"])))
        cells = [row["role"], row["name"], "%s/%s" % (row["protocol"], ports), row["address"]]
        cells += [", ".join("`%s`" % process for process in row["processes"])]
        cells += [row[key] for key in ("transport", "authentication", "peers", "reason", "optional")]
        line = "| %s |" % " | ".join(_prose(cell) for cell in cells)
        if line not in lines:
            lines.append(line)
    return "\n".join(lines) + "\n"


def error_index() -> str:
    """docs/errors/README.md: every code with its title."""
    lines = [GENERATED + "# Errors", "", "Every refusal has a code, `NXC-<AREA>-<number>`.", ""]
    lines += ["| codes | about |", "|---|---|"]
    for area in _areas():
        name = Path(_error_page(area)).name
        lines.append("| [NXC-%s](%s) | %s |" % (area, name, AREAS.get(area, area.lower())))
    return "\n".join(lines) + "\n"


def error_page(area: str) -> str:
    """docs/errors/<area>.md."""
    lines = [GENERATED + "# Errors of %s" % AREAS.get(area, area.lower()), ""]
    lines += ["Words in braces stand for what the message shows in their place.", ""]
    for code, entry in sorted(CATALOGUE.items()):
        if code.split("-")[1] == area:
            retry = "The same call may succeed later. " if entry.retryable else ""
            lines += [
                "## %s" % code,
                "",
                _prose(entry.title),
                "",
                "*What to do:* %s%s" % (retry, _prose(entry.remedy)),
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"


def _areas() -> list[str]:
    return sorted({code.split("-")[1] for code in CATALOGUE})


def _error_page(area: str) -> str:
    return "docs/errors/%s.md" % area.lower()


def _prose(text: str) -> str:
    return text.replace("<", "&lt;")


def _json(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _section(schema: Mapping[str, Any], path: str) -> Iterator[str]:
    """A table of the keys of one mapping, then the mappings within it."""
    title = "`%s`" % path if path else "Top level"
    yield "### %s" % title
    yield ""
    yield schema["description"]
    yield ""
    yield "| key | value | meaning |"
    yield "|---|---|---|"
    for key, wanted in schema["properties"].items():
        yield "| `%s`%s | %s | %s |" % (
            key,
            " (required)" if key in schema["required"] else "",
            _value(wanted),
            wanted["description"].replace("|", "\\|"),
        )
    yield ""
    for key, wanted in schema["properties"].items():
        under = "%s.%s" % (path, key) if path else key
        named = wanted.get("additionalProperties")
        if "properties" in wanted:
            yield from _section(wanted, under)
        elif isinstance(named, dict) and "properties" in named:
            yield from _section(named, "%s.<name>" % under)


_TYPES = {"object": "mapping", "array": "list", "string": "text", "integer": "whole number", "number": "number"}


def _value(wanted: Mapping[str, Any]) -> str:
    kinds = wanted["type"] if isinstance(wanted["type"], list) else [wanted["type"]]
    parts = [" or ".join(_TYPES[kind] for kind in kinds)]
    choices = wanted.get("enum") or wanted.get("items", {}).get("enum")
    if choices:
        parts.append("of " + ", ".join("`%s`" % choice for choice in choices))
    if "const" in wanted:
        parts.append("always `%s`" % wanted["const"])
    if "default" in wanted and wanted["default"] not in ({}, []):
        parts.append("default `%s`" % inline(wanted["default"]))
    elif "const" not in wanted and wanted.get("examples"):
        parts.append("e.g. `%s`" % inline(wanted["examples"][0]))
    return "; ".join(parts).replace("; of ", " of ")


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` name what is not current and return 1."""
    stale = 0
    for path, content in pages().items():
        target = ROOT / path
        if target.is_file() and target.read_text(encoding="utf-8") == content:
            continue
        stale += 1
        print("%s %s" % ("stale" if "--check" in arguments else "wrote", path))
        if "--check" not in arguments:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
