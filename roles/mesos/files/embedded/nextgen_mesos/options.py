# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``main()`` itself must know of the flags: the values before C++ has parsed them.

The C++ flags object checks and keeps everything; its members have no stable offsets, so
the few values that ``main()`` hands on are read here from the same sources in the same
order: ``MESOS_<NAME>`` in the environment, then the command line, which wins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|secs|mins|hrs|days|weeks)")
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "ms": 10**6,
    "secs": 10**9,
    "mins": 60 * 10**9,
    "hrs": 3600 * 10**9,
    "days": 86400 * 10**9,
    "weeks": 7 * 86400 * 10**9,
}

# main() of Mesos wires these; ours does not, and must not pretend to.
UNSUPPORTED = {
    "mesos-master": ("modules", "modules_dir", "hooks", "firewall_rules", "agent_removal_rate_limit"),
    "mesos-agent": ("modules", "modules_dir", "hooks", "firewall_rules"),
}


class OptionError(Exception):
    """A flag that this launcher refuses."""


class Options:
    """Flag values by name. ``get`` returns text, or None where nobody set the flag."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]):
        self._values = {
            name[len("MESOS_") :].lower(): value for name, value in environment.items() if name.startswith("MESOS_")
        }
        for argument in arguments:
            if argument == "--":
                break
            self._add(argument)

    def _add(self, argument: str) -> None:
        if not argument.startswith("--"):
            return
        name, equals, value = argument[2:].partition("=")
        if not equals:
            value = "false" if name.startswith("no-") else "true"
            name = name[len("no-") :] if name.startswith("no-") else name
        self._values[name.replace("-", "_")] = value

    def get(self, *names: str) -> str | None:
        """The value of a flag, given all its names (``file://`` values are replaced by the file's content)."""
        for name in names:
            if name in self._values:
                return _content(self._values[name])
        return None

    def raw(self, name: str) -> str | None:
        return self._values.get(name)

    def refuse_unsupported(self, program: str) -> None:
        given = [name for name in UNSUPPORTED[program] if name in self._values]
        if given:
            raise OptionError("the embedded Mesos does not support --%s" % ", --".join(given))


def _content(value: str) -> str:
    if value.startswith("file://"):
        with open(value[len("file://") :], encoding="utf-8") as file:
            return file.read().strip()
    return value


def document(value: str) -> str:
    """A flag that is JSON or the path of a file with JSON: the JSON text."""
    return _content("file://" + value) if value.startswith("/") else value


def nanoseconds(text: str) -> int:
    """``10secs`` → 10000000000. Units as Mesos writes them."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise OptionError("not a duration: %r" % text)
    return int(float(match.group(1)) * _NANOSECONDS[match.group(2)])


def zookeeper_url(url: str) -> tuple[str, str, str | None]:
    """``zk://user:pw@a:2181,b:2181/mesos`` → (servers, path without trailing slash, credentials or None)."""
    if not url.startswith("zk://"):
        raise OptionError("expected zk://host:port,.../path, got %r" % url.rpartition("@")[2])
    location, slash, path = url[len("zk://") :].partition("/")
    credentials, at, servers = location.rpartition("@")
    if not servers:
        raise OptionError("no server in the ZooKeeper URL")
    return servers, (slash + path).rstrip("/"), credentials if at else None


def concealed(
    arguments: Sequence[str], environment: MutableMapping[str, str], name: str, value: str | None
) -> list[str]:
    """The command line for Mesos itself, without the login in the ZooKeeper URL ``value`` of the flag ``name``.

    The flags object shows whatever it holds in the log, in ``/flags`` and in ``/state``. It only holds it: contender,
    detector and log get the whole URL from us.
    """
    if value is None or "@" not in value:
        return list(arguments)
    environment.pop("MESOS_" + name.upper(), None)
    kept = [argument for argument in arguments if argument.partition("=")[0] != "--" + name]
    return [*kept, "--%s=zk://%s" % (name, value.rpartition("@")[2])]
