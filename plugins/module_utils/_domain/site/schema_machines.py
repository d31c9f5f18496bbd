# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the JSON Schema of site.yml that are about machines: driver, Mesos, nodes."""

from __future__ import annotations

from .schema_words import (
    ADDRESS_PATTERN,
    ATTRIBUTE_PATTERN,
    CHECKSUM_PATTERN,
    CPUS,
    DRIVERS,
    FILE_PATTERN,
    ROLES,
    SOURCES,
    SUBNET_PATTERN,
    URL_PATTERN,
    USER_PATTERN,
    VERSION_PATTERN,
    WORD_PATTERN,
    mapping,
    size,
    text,
    without,
)

DRIVER = mapping(
    "Driver",
    "How the machines come to exist.",
    ["kind"],
    {
        "kind": {
            "type": "string",
            "title": "Kind of driver",
            "description": "`podman`: system containers on the controller, made and removed by the collection. "
            "`static`: machines that are there already and are reached over SSH.",
            "enum": list(DRIVERS),
            "examples": ["podman"],
        },
        "subnet": text(
            "Subnet",
            "IPv4 network of the containers (`podman` only). The first address is the controller's. A node without "
            "`address` gets the tenth plus its place in the file.",
            SUBNET_PATTERN,
            "10.77.0.0/24",
            default="10.77.0.0/24",
        ),
        "image": text(
            "Node image",
            "Name of the node image (`podman` only).",
            WORD_PATTERN,
            "debian-12",
            default="debian-12",
        ),
    },
    examples=[{"kind": "podman"}, {"kind": "static"}],
    allOf=[without("kind", "static", "subnet", "image")],
)

MESOS = mapping(
    "Mesos",
    "Where Apache Mesos comes from. All sources give the same commands, units and files.",
    ["source"],
    {
        "source": {
            "type": "string",
            "title": "Source",
            "description": "`embedded`: the official Linux library, fetched and checked by the collection. "
            "`package`: a package of a repository that the nodes already use. `archive`: a file from a URL.",
            "enum": list(SOURCES),
            "default": "embedded",
            "examples": ["embedded"],
        },
        "name": text("Package", "Name of the package (`package` only).", WORD_PATTERN, "mesos", default="mesos"),
        "version": text(
            "Version",
            "Version of the package or archive; without it, for a package, the newest that the repository has.",
            VERSION_PATTERN,
            "1.11.0",
        ),
        "url": text(
            "URL",
            "Where the archive is (`archive` only).",
            URL_PATTERN,
            "https://mirror.example/mesos-1.11.0.tar.gz",
        ),
        "checksum": text(
            "Checksum",
            "SHA-256 of the archive (`archive` only).",
            CHECKSUM_PATTERN,
            "sha256:" + "0123456789abcdef" * 4,
        ),
    },
    default={"source": "embedded"},
    examples=[{"source": "package", "name": "mesos", "version": "1.11.0"}],
    allOf=[
        without("source", "embedded", "name", "version", "url", "checksum"),
        without("source", "package", "url", "checksum"),
        without("source", "archive", "name", required=("url", "checksum")),
    ],
)

_RESOURCES = mapping(
    "Resources",
    "What the node offers to tasks (workers), and what a container node may use. Without it, detected on the node.",
    ["cpus", "mem", "disk"],
    {
        "cpus": {**CPUS, "exclusiveMinimum": 0},
        "mem": {**size("Memory", "Memory for tasks.", "5GiB"), "minimum": 1},
        "disk": {**size("Disk", "Disk for tasks and volumes.", "20GiB"), "minimum": 1},
    },
    examples=[{"cpus": 2, "mem": "5GiB", "disk": "20GiB"}],
)

_SSH = mapping(
    "SSH",
    "How the controller logs in. With the driver `podman`, key and known hosts are made by the collection.",
    [],
    {
        "user": text("User", "Account; it needs sudo unless it is root.", USER_PATTERN, "root", default="root"),
        "port": {
            "type": "integer",
            "title": "Port",
            "description": "Port of the SSH server.",
            "minimum": 1,
            "maximum": 65535,
            "default": 22,
            "examples": [22],
        },
        "private_key": text(
            "Private key",
            "File of the private key (`static` only); relative to the site file, or from `/` or `~/`.",
            FILE_PATTERN,
            "~/.ssh/id_ed25519",
        ),
        "known_hosts": text(
            "Known hosts",
            "File with the host keys (`static` only); relative to the site file, or from `/` or `~/`.",
            FILE_PATTERN,
            "~/.ssh/known_hosts",
        ),
    },
    default={"user": "root", "port": 22},
    examples=[{"user": "admin", "private_key": "~/.ssh/id_ed25519"}],
)

NODE = mapping(
    "Node",
    "One machine.",
    ["roles"],
    {
        "roles": {
            "type": "array",
            "title": "Roles",
            "description": "What the machine does. `control`: Mesos master and ZooKeeper; an odd number of them. "
            "`worker`: runs tasks. `edge`: load balancer and name server. `registry`: container images; the first "
            "control node if nobody has it. `logs`, `monitor` and `ci` only put the node into the group of that name.",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"type": "string", "enum": list(ROLES)},
            "examples": [["control", "worker", "edge"]],
        },
        "address": text(
            "Address",
            "IPv4 address for everything: SSH, Mesos, tasks, routes. Needed with the driver `static`.",
            ADDRESS_PATTERN,
            "10.77.0.10",
        ),
        "resources": _RESOURCES,
        "attributes": {
            "type": "object",
            "title": "Attributes",
            "description": "Facts for placement, such as the zone. The attribute `node` is always there.",
            "propertyNames": {"pattern": ATTRIBUTE_PATTERN},
            "additionalProperties": text("Value", "Value of the attribute.", WORD_PATTERN, "a"),
            "default": {},
            "examples": [{"zone": "a"}],
        },
        "ssh": _SSH,
    },
)
