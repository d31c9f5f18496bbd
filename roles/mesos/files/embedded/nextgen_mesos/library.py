# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load the library and do what the ``main()`` of both daemons does first."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from . import LIBRARY_NAME, abi, symbols
from .options import Options, document

# Offsets of the virtual bases in the vtables of master::Flags and slave::Flags, found with gdb and by reading
# the vtables: the order is logging::Flags, FlagsBase. logging::Flags has FlagsBase alone.
FLAGS_LOGGING_SLOT = -24
FLAGS_BASE_SLOT = -32
LOGGING_FLAGS_BASE_SLOT = -24
PROCESS_BASE_SLOT = -24  # Master, Slave, VersionProcess: ProcessBase
WARNINGS_ERROR = 40  # Try<flags::Warnings>: the message behind the (larger) value
FOR_EVER = -1_000_000_000  # process::wait: minus one second


def load() -> abi.Library:
    """The library that lies next to this package (25-70 ms)."""
    path = Path(__file__).resolve().parent.parent / LIBRARY_NAME
    return abi.Library(ctypes.CDLL(str(path), mode=os.RTLD_LAZY | os.RTLD_GLOBAL))


def load_flags(library: abi.Library, base: int, prefix: str, arguments: list[str], unknowns: bool) -> None:
    """FlagsBase::load on the FlagsBase at ``base``: environment ``prefix*`` and ``--name=value``."""
    strings = [os.fsencode(argument) for argument in arguments]
    argv = (ctypes.c_char_p * (len(strings) + 1))(*strings)
    place = library.result(
        symbols.FLAGS_LOAD,
        base,
        abi.some_string(prefix),
        ctypes.c_int(len(strings)),
        ctypes.addressof(argv),
        unknowns,
        False,
    )
    if abi.read_state(place) != abi.OPTION_SOME:
        raise abi.MesosError(abi.read_string(place + WARNINGS_ERROR))


def daemon_flags(library: abi.Library, constructor: str, arguments: list[str]) -> int:
    """Construct and fill the flags of a daemon; ``--help`` prints the usage and exits."""
    flags = library.construct(constructor)
    base = abi.virtual_base(flags, FLAGS_BASE_SLOT)
    if "--help" in arguments:
        print(abi.read_string(library.result(symbols.FLAGS_USAGE, base, abi.nothing())))
        sys.exit(0)
    load_flags(library, base, "MESOS_", arguments, unknowns=False)
    return flags


def start_logging(library: abi.Library, arguments: list[str]) -> None:
    """glog with --log_dir, --logging_level and so on; to stderr (the journal) if no --log_dir is set."""
    option = abi.memory()  # Option<logging::Flags>: zero is SOME
    flags = option + abi.OPTION_VALUE
    library.call(symbols.LOGGING_FLAGS, flags)
    load_flags(library, abi.virtual_base(flags, LOGGING_FLAGS_BASE_SLOT), "MESOS_", arguments, unknowns=True)
    library.call(symbols.LOGGING_INITIALIZE, abi.string(arguments[0]), True, option)


def start_libprocess(library: abi.Library, options: Options, delegate: str, realm: str, port: int) -> None:
    """Bind and serve. The address travels by environment, as in Mesos' own main()."""
    for flag, variable in (
        ("ip", "LIBPROCESS_IP"),
        ("advertise_ip", "LIBPROCESS_ADVERTISE_IP"),
        ("advertise_port", "LIBPROCESS_ADVERTISE_PORT"),
    ):
        value = options.get(flag)
        if value is not None:
            os.environ[variable] = value
    if options.get("advertise_ip") is None:
        # Messages say who they are from. That has to be where they come from, or anyone could speak as the master.
        os.environ.setdefault("LIBPROCESS_REQUIRE_PEER_ADDRESS_IP_MATCH", "true")
    os.environ["LIBPROCESS_PORT"] = options.get("port") or str(port)
    first = library.call(
        symbols.PROCESS_INITIALIZE,
        abi.some_string(delegate),
        abi.some_string(realm + "-readwrite"),
        abi.some_string(realm + "-readonly"),
        returns=ctypes.c_bool,
    )
    if not first:
        raise abi.MesosError("libprocess was initialized before")
    spawn(library, library.construct(symbols.VERSION_PROCESS))
    _end_listing(library)


def _end_listing(library: abi.Library) -> None:
    """End the actor behind ``/__processes__``, which shows everyone what waits in the queues of all others."""
    upid = library.construct(symbols.UPID, abi.string("__processes__"), library.result(symbols.PROCESS_ADDRESS))
    library.call(symbols.PROCESS_TERMINATE, upid, True)


def authorizer(library: abi.Library, options: Options) -> int | None:
    """The local authorizer for --acls (JSON or path), also installed for the HTTP endpoints."""
    acls = options.get("acls")
    if acls is None:
        return None
    try:
        parsed = library.attempt_value(symbols.ACLS_PARSE, abi.string(document(acls)), message=-1)
    except abi.MesosError as error:
        raise abi.MesosError("--acls is not a valid ACLs document") from error
    created = library.attempt(symbols.AUTHORIZER_CREATE, parsed)
    library.call(symbols.HTTP_SET_CALLBACKS, library.result(symbols.AUTHORIZATION_CALLBACKS, created))
    return created


def detector(library: abi.Library, master: str | None, session: int) -> int:
    """Who leads: by ZooKeeper URL, by ``host:port``, or (None) by appointment. ``session``: nanoseconds."""
    return library.attempt(symbols.DETECTOR_CREATE, abi.some_string(master), abi.nothing(), abi.some_word(session))


def spawn(library: abi.Library, process: int) -> int:
    """Start a libprocess actor; the address of its UPID."""
    return library.result(symbols.PROCESS_SPAWN, abi.virtual_base(process, PROCESS_BASE_SLOT), False)


def wait(library: abi.Library, upid: int) -> None:
    """Sleep in C++ until the actor has ended."""
    library.call(symbols.PROCESS_WAIT, upid, abi.duration(FOR_EVER), returns=ctypes.c_bool)


def say(program: str, message: str) -> None:
    """One line to stderr, where glog writes as well."""
    sys.stderr.write("%s: %s\n" % (program, message))
    sys.stderr.flush()
