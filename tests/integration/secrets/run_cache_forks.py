# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run of Ansible without Ansible: a process whose forks share values through the run cache.

``run_cache_forks.py <folder> <story>``: prints what the forks got, a JSON list in their order. Each call of ``make``
appends a line to ``<folder>/made``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Callable

from ansible import context
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import run_cache

FOLDER, STORY = sys.argv[1:]


def made() -> int:
    path = os.path.join(FOLDER, "made")
    if not os.path.exists(path):
        return 0
    with open(path, encoding="ascii") as stream:
        return len(stream.readlines())


def make() -> bytes:
    with open(os.path.join(FOLDER, "made"), "a", encoding="ascii") as stream:
        stream.write("x\n")
    value = b"value %d" % made()
    time.sleep(0.3)
    return value


def wait_for(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)


def once(number: int) -> str:
    return run_cache.get("once", make).decode()


def dying(number: int) -> str:
    """The first maker is killed while it makes."""

    def die() -> bytes:
        make()
        os._exit(9)

    wait_for(lambda: number == 0 or made() >= 1)
    return run_cache.get("dying", die if number == 0 else make).decode()


def failing(number: int) -> str:
    """Whoever makes it fails, each with its own error."""

    def fail() -> bytes:
        make()
        raise ValueError("no %d" % number)

    try:
        return run_cache.get("failing", fail).decode()
    except ValueError as error:
        return str(error)


def forgotten(number: int) -> str:
    """Fork 1 forgets the value while fork 0 makes it; fork 2 asks after that."""
    flag = os.path.join(FOLDER, "forgotten")

    def slowly() -> bytes:
        value = make()
        wait_for(lambda: os.path.exists(flag))
        return value

    if number == 0:
        return run_cache.get("pre:x", slowly).decode()
    if number == 1:
        wait_for(lambda: made() == 1)
        run_cache.forget("pre:")
        with open(flag, "w", encoding="ascii"):
            return "forgot"
    wait_for(lambda: os.path.exists(flag))
    return run_cache.get("pre:x", make).decode()


def kept(number: int) -> str:
    """Only what begins with the prefix is forgotten."""
    if number == 0:
        run_cache.get("a:x", make)
        run_cache.get("b:x", make)
        run_cache.forget("a:")
        return run_cache.get("b:x", make).decode()
    return ""


def fork(number: int) -> tuple[int, int]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, globals()[STORY](number).encode())
        os._exit(0)
    os.close(writer)
    return pid, reader


context.CLIARGS = {"a run": True}
results = []
for pid, reader in [fork(number) for number in range(3 if STORY == "forgotten" else 6)]:
    with os.fdopen(reader, "rb") as stream:
        results.append(stream.read().decode())
    os.waitpid(pid, 0)
print(json.dumps({"results": results, "made": made()}))
