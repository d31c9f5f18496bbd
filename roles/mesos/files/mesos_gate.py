# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand before the agent's helpers mesos-containerizer and mesos-fetcher: nobody is launched as whom he may not be.

Mesos asks its rule ``run_tasks`` for the user of a task, but not for that of an executor that comes with a group of
tasks, nor for that of a container which an executor starts inside its own; and it runs both helpers as root. So the
rule is asked here once more, for the user that is really meant and the principal of the framework that the container
belongs to. The user is in what the agent hands to the helper, the framework in the path of the sandbox, its principal
in the agent's checkpoint, and where these are, in the agent's own command line.

An agent without rules (``--acls``) launches what it is told to.
"""

from __future__ import annotations

import json
import os
import sys

PRINCIPAL = 8  # field of FrameworkInfo in mesos.proto
WHAT = {
    "mesos-containerizer": ("MESOS_CONTAINERIZER_LAUNCH_INFO", "working_directory"),
    "mesos-fetcher": ("MESOS_FETCHER_INFO", "sandbox_directory"),
}
LAYOUT = ("slaves", "frameworks", "executors", "runs")


class Closed(Exception):
    """Why a helper does not start."""


def flags(command_line):
    """{flag: value} of a daemon's command line, as bytes with NUL behind each word."""
    words = os.fsdecode(command_line).split("\0")
    return dict(word[2:].split("=", 1) for word in words if word.startswith("--") and "=" in word)


def agent_of(pid):
    """The flags of the agent that a process descends from; a shell may be between them. Without one, nothing starts."""
    while pid > 1:
        with open("/proc/%d/cmdline" % pid, "rb") as stream:
            found = flags(stream.read())
        if {"launcher_dir", "work_dir"} <= set(found):
            return found
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stream:
            pid = int(stream.read().rpartition(")")[2].split()[1])
    raise Closed("no agent has asked for it")


def framework_of(sandbox, work_dir):
    """``(agent id, framework id)`` from the path of a sandbox, or of one inside it."""
    root = work_dir.rstrip("/") + "/"
    parts = sandbox[len(root) :].split("/") if sandbox.startswith(root) else []
    if len(parts) < 8 or tuple(parts[0:8:2]) != LAYOUT or {"", ".", ".."} & set(parts):
        raise Closed("%s is not the sandbox of a framework" % sandbox)
    return parts[1], parts[3]


def number(data, at):
    """``(value, where it ends)`` of a varint."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not data[at - 1] & 0x80:
            return value, at


def string_field(data, wanted):
    """The last value of a string field of a message, as protobuf writes it; empty if there is none."""
    at, found = 0, b""
    while at < len(data):
        key, at = number(data, at)
        size = {1: 8, 5: 4}.get(key & 7, 0)
        if key & 7 == 0:
            _value, at = number(data, at)
        elif key & 7 == 2:
            size, at = number(data, at)
            if key >> 3 == wanted:
                found = data[at : at + size]
        elif not size:
            raise Closed("the checkpoint of the framework cannot be read")
        at += size
    return found.decode()


def principal(path):
    """The principal in a checkpointed FrameworkInfo, which has its length before it."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except FileNotFoundError:
        raise Closed("a framework without checkpoints runs nothing here") from None
    if int.from_bytes(data[:4], sys.byteorder) != len(data) - 4:
        raise Closed("the checkpoint of the framework cannot be read")
    return string_field(data[4:], PRINCIPAL)


def holds(entity, value):
    """Whether an entity of a rule has this value."""
    return entity.get("type") == "ANY" or value in entity.get("values", ())


def check(info, sandbox, daemon):
    """Raise ``Closed`` unless the rules let the framework's principal run something as the user."""
    if "acls" not in daemon:
        return
    agent, framework = framework_of(info.get(sandbox, ""), daemon["work_dir"])
    meta = os.path.join(daemon["work_dir"], "meta", "slaves", agent, "frameworks", framework, "framework.info")
    who, user = principal(meta), info.get("user", "")
    path = daemon["acls"]
    with open(path[len("file://") :] if path.startswith("file://") else path, encoding="utf-8") as stream:
        rules = json.load(stream).get("run_tasks", ())
    if not any(holds(rule["principals"], who) and holds(rule["users"], user) for rule in rules):
        raise Closed("principal '%s' may not run anything as user '%s'" % (who, user))


def main():
    """Check, then become the helper of the same name that the installed Mesos has."""
    own = os.path.abspath(sys.argv[0])
    name = os.path.basename(own)
    variable, sandbox = WHAT[name]
    try:
        daemon = agent_of(os.getppid())
        info = json.loads(os.environ.get(variable) or "null")
        if info is None and "acls" in daemon:
            raise Closed("%s is not set" % variable)
        check(info, sandbox, daemon)
    except (Closed, OSError, ValueError, KeyError, IndexError) as error:
        sys.stderr.write("%s: not launched: %s\n" % (name, error))
        return 1
    # usr/libexec/nextgen.cloud/mesos-gate → usr/libexec/mesos
    helper = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "mesos", name)
    os.execv(os.path.realpath(helper), [name, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
