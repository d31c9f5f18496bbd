# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start a Mesos daemon, from whatever source, with the flags that files under /etc give.

The units mesos-master.service and mesos-agent.service start ``mesos-init master`` and ``mesos-init agent``.

Flags: ``/etc/mesos-master/quorum`` with ``2`` is ``--quorum=2``; an empty file ``?hostname_lookup``
is ``--hostname_lookup`` and ``?no-hostname_lookup`` its negation. Hidden files, backups and
directories are not flags. ``/etc/mesos/zk`` holds the ZooKeeper URL for masters and agents, with its login; so
the daemon gets the name of the file, and everyone who lists processes sees no more.

Isolation: Mesos 1.11 knows only cgroup v1, and works at the root of each hierarchy under ``mesos``. In a
container that root may be shared with the host and with other nodes, whose containers an agent would
destroy as unknown at its start; so in a container an agent gets ``posix``, unless flags say otherwise.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass

_SWITCH = "?"
_NOT_FLAGS = ("~", ".bak", ".dpkg-old", ".dpkg-new", ".dpkg-dist", ".rpmnew", ".rpmsave")
ZK_FLAG = {"master": "zk", "agent": "master"}
LINUX = ("linux", "cgroups/cpu,cgroups/mem")
POSIX = ("posix", "posix/cpu,posix/mem")
NEEDED = ("cpu", "cpuacct", "freezer", "memory")
_PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
_USAGE = "usage: mesos-init master|agent [--etc DIRECTORY]\n"


def read_flags(etc: str, daemon: str) -> dict[str, str | None]:
    """{flag: value} of ``master`` or ``agent``; None for a bare switch."""
    flags: dict[str, str | None] = {}
    zk = os.path.join(etc, "mesos", "zk")
    if _content(zk):
        flags[ZK_FLAG[daemon]] = "file://" + os.path.abspath(zk)
    directory = os.path.join(etc, "mesos-" + daemon)
    names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
    for name in names:
        path = os.path.join(directory, name)
        if name.startswith(".") or name.endswith(_NOT_FLAGS) or not os.path.isfile(path):
            continue
        if name.startswith(_SWITCH):
            flags[name[len(_SWITCH) :]] = None
        else:
            flags[name] = _content(path)
    return flags


def command_line(flags: dict[str, str | None]) -> list[str]:
    """The command line, sorted by flag."""
    return ["--" + name if value is None else "--%s=%s" % (name, value) for name, value in sorted(flags.items())]


def _content(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


@dataclass(frozen=True)
class Host:
    """root: are we; container: are we in one; writable: cgroup v1 controllers mounted and writable; unified: v2."""

    root: bool
    container: bool
    writable: frozenset[str]
    unified: bool


@dataclass(frozen=True)
class Choice:
    launcher: str
    isolation: str
    reason: str


def choose(host: Host, launcher: str | None, isolation: str | None) -> Choice:
    """Given flags win; what is missing follows from them and from the host."""
    default, reason = _by_host(host)
    if launcher is not None and isolation is not None:
        return Choice(launcher, isolation, "both given by flags")
    if launcher is not None:
        matching = LINUX[1] if launcher == "linux" and default is LINUX else POSIX[1]
        return Choice(launcher, matching, "launcher given by flag; %s" % reason)
    if isolation is not None:
        needs_linux = any(not part.strip().startswith(("posix/", "disk/")) for part in isolation.split(","))
        return Choice("linux" if needs_linux else "posix", isolation, "isolation given by flag")
    return Choice(*default, reason)


def _by_host(host: Host) -> tuple[tuple[str, str], str]:
    missing = [name for name in NEEDED if name not in host.writable]
    if not host.root:
        return POSIX, "not running as root"
    if host.container:
        return POSIX, "inside a container, whose cgroups may be shared with its host"
    if not missing:
        return LINUX, "cgroup v1 controllers %s are writable" % ", ".join(NEEDED)
    if host.unified and len(missing) == len(NEEDED):
        return POSIX, "the host has cgroup v2 only, which Mesos 1.11 does not know"
    return POSIX, "cgroup v1 controllers not usable: %s" % ", ".join(missing)


def observe(root: str = "/") -> Host:
    """Look at this host (or at the tree under ``root``, for tests)."""
    writable, unified = set(), False
    with open(os.path.join(root, "proc/self/mounts"), encoding="utf-8") as file:
        for line in file:
            _device, where, kind, options = line.split()[:4]
            unified = unified or kind == "cgroup2"
            words = options.split(",")
            if kind == "cgroup" and "rw" in words and os.access(os.path.join(root, where.lstrip("/")), os.W_OK):
                writable.update(name for name in words if name in NEEDED)
    return Host(os.geteuid() == 0, _in_container(root), frozenset(writable), unified)


def _in_container(root: str) -> bool:
    """As systemd tells: it writes the kind of container it was started in; engines leave marks of their own."""
    marks = ("run/systemd/container", "run/.containerenv", ".dockerenv")
    return any(os.path.exists(os.path.join(root, mark)) for mark in marks)


def main(arguments: list[str]) -> int:
    """``arguments`` without the program's name. Returns only if the daemon cannot be started."""
    etc = "/etc"
    if len(arguments) == 3 and arguments[1] == "--etc":
        etc, arguments = arguments[2], arguments[:1]
    if arguments not in (["master"], ["agent"]):
        sys.stderr.write(_USAGE)
        return 2
    daemon = arguments[0]
    flags = read_flags(etc, daemon)
    if daemon == "agent":
        choice = choose(observe(), flags.get("launcher"), flags.get("isolation"))
        flags["launcher"], flags["isolation"] = choice.launcher, choice.isolation
        sys.stderr.write(
            "mesos-init: launcher %s, isolation %s: %s\n" % (choice.launcher, choice.isolation, choice.reason)
        )
        sys.stderr.flush()
    name = "mesos-" + daemon
    # Beside us first (usr/libexec/nextgen.cloud → usr/sbin): an unpacked tree is then self-contained.
    beside = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "sbin")
    program = shutil.which(name, path=os.path.realpath(beside) + ":" + _PATH)
    if program is None:
        sys.stderr.write("mesos-init: there is no %s\n" % name)
        return 1
    os.execv(program, [name, *command_line(flags)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
