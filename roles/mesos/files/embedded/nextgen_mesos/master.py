# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mesos-master: what ``src/master/main.cpp`` of Mesos 1.11.0 does, in the same order."""

from __future__ import annotations

import ctypes
import os

from . import VERSION, abi, library, symbols
from .options import OptionError, Options, concealed, nanoseconds, zookeeper_url

PROGRAM = "mesos-master"
DEFAULT_PORT = 5050
DEFAULT_SESSION = "10secs"
REALM = "mesos-master"
READONLY_REALM = REALM + "-readonly"
METRICS_PREFIX = "registrar/"
VTABLE_HEADER = 16  # the pointer in an object skips the offset to top and the type info
MASTER_SIZE = 6688


def main(arguments: list[str]) -> int:
    """Run until a signal or a Mesos error ends the process. ``arguments`` without the program's name."""
    if "--version" in arguments:
        print("mesos %s" % VERSION)
        return 0
    try:
        _run([PROGRAM, *arguments], Options(arguments, os.environ))
    except (abi.MesosError, OptionError, OSError, ValueError) as error:
        library.say(PROGRAM, str(error))
        return 1
    return 0


def _run(arguments: list[str], options: Options) -> None:
    options.refuse_unsupported(PROGRAM)
    zk = options.get("zk")
    arguments = concealed(arguments, os.environ, "zk", zk)
    mesos = library.load()
    flags = library.daemon_flags(mesos, symbols.MASTER_FLAGS, arguments)
    library.start_logging(mesos, arguments)
    library.start_libprocess(mesos, options, "master", REALM, DEFAULT_PORT)

    authorizer = library.authorizer(mesos, options)
    session = nanoseconds(options.get("zk_session_timeout") or DEFAULT_SESSION)
    allocator = mesos.construct(symbols.ALLOCATOR)
    registrar = mesos.construct(
        symbols.REGISTRAR, flags, _state(mesos, _storage(mesos, options, zk, session)), abi.some_string(READONLY_REALM)
    )
    contender = mesos.attempt(symbols.CONTENDER_CREATE, abi.some_string(zk), abi.nothing(), abi.some_word(session))
    detector = library.detector(mesos, zk, session)
    files = mesos.construct(symbols.FILES, abi.some_string(READONLY_REALM), abi.some_word(authorizer))
    master = mesos.construct(
        symbols.MASTER,
        allocator,
        registrar,
        files,
        contender,
        detector,
        abi.some_word(authorizer),
        abi.nothing(),
        flags,
    )
    if zk is None:
        _appoint(mesos, detector, master)
    library.wait(mesos, library.spawn(mesos, master))


def _storage(mesos: abi.Library, options: Options, zk: str | None, session: int) -> int:
    """Where the registry is kept: in memory, or in the replicated log under the work directory."""
    registry = options.get("registry") or "replicated_log"
    if registry == "in_memory":
        if zk is not None:
            raise OptionError("--registry=in_memory cannot be used with --zk")
        return mesos.construct(symbols.IN_MEMORY_STORAGE)
    if registry != "replicated_log":
        raise OptionError("'%s' is not a supported option for --registry" % registry)
    work_dir = options.get("work_dir")
    if work_dir is None:
        raise OptionError("--work_dir needed for replicated log based registry")
    os.makedirs(work_dir, exist_ok=True)
    path = abi.string(os.path.join(work_dir, "replicated_log"))
    initialize = (options.get("log_auto_initialize") or "true") != "false"
    prefix = abi.some_string(METRICS_PREFIX)
    if zk is None:
        log = mesos.construct(symbols.LOG_LOCAL, ctypes.c_int(1), path, abi.empty_set(), initialize, prefix)
    else:
        servers, znode, credentials = zookeeper_url(zk)
        log = mesos.construct(
            symbols.LOG_ZOOKEEPER,
            ctypes.c_int(_quorum(options)),
            path,
            abi.string(servers),
            abi.duration(session),
            abi.string(znode + "/log_replicas"),
            _authentication(credentials),
            initialize,
            prefix,
        )
    return mesos.construct(symbols.LOG_STORAGE, log, 0)


def _quorum(options: Options) -> int:
    quorum = options.get("quorum")
    if quorum is None:
        raise OptionError("Need to specify --quorum for replicated log based registry when using ZooKeeper")
    return int(quorum)


def _authentication(credentials: str | None) -> int:
    """Option<zookeeper::Authentication>: {string scheme, string credentials}."""
    if credentials is None:
        return abi.nothing()
    option = abi.memory(abi.OPTION_VALUE + 2 * abi.STRING_SIZE)
    abi.put_string(option + abi.OPTION_VALUE, "digest")
    abi.put_string(option + abi.OPTION_VALUE + abi.STRING_SIZE, credentials)
    return option


def _state(mesos: abi.Library, storage: int) -> int:
    """mesos::state::protobuf::State: {vptr, Storage*}. Its constructor was inlined away."""
    state = abi.memory(16)
    abi.write64(state, mesos.address(symbols.STATE_VTABLE) + VTABLE_HEADER)
    abi.write64(state + 8, storage)
    return state


def _appoint(mesos: abi.Library, detector: int, master: int) -> None:
    """Without ZooKeeper the master leads by appointment, under its own MasterInfo (another id would not count).

    The MasterInfo is a member of Master; it is found by its vtable pointer, of which there is exactly one.
    """
    vtable = mesos.address(symbols.MASTER_INFO_VTABLE) + VTABLE_HEADER
    found = [at for at in range(master, master + MASTER_SIZE, 8) if abi.read64(at) == vtable]
    if len(found) != 1:
        raise abi.MesosError("found %d MasterInfo objects in the master, expected 1" % len(found))
    option = abi.memory(abi.RESULT_ROOM)
    mesos.call(symbols.MASTER_INFO_COPY, option + abi.OPTION_VALUE, found[0])
    mesos.call(symbols.APPOINT, detector, option)
