# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mesos-agent: what ``src/slave/main.cpp`` of Mesos 1.11.0 does, in the same order."""

from __future__ import annotations

import os
from pathlib import Path

from . import VERSION, abi, library, symbols
from .master import DEFAULT_SESSION
from .options import OptionError, Options, concealed, nanoseconds

PROGRAM = "mesos-agent"
DEFAULT_PORT = 5051
REALM = "mesos-agent"
READONLY_REALM = REALM + "-readonly"


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
    if options.get("containerizers") not in (None, "mesos"):
        raise OptionError("the embedded Mesos supports only --containerizers=mesos")
    _default_launcher_dir(options)
    master, work_dir = options.get("master"), options.get("work_dir")
    arguments = concealed(arguments, os.environ, "master", master)
    mesos = library.load()
    # Mesos lets everyone who reaches an agent register as a provider of resources with it, and has no flag against it.
    # Without its manager, which we never need, the agent answers 503 to that.
    mesos.skip(symbols.PROVIDER_MANAGER)
    flags = library.daemon_flags(mesos, symbols.AGENT_FLAGS, arguments)
    if master is None or work_dir is None:
        raise OptionError("Missing required option --master or --work_dir")
    library.start_logging(mesos, arguments)
    identity = mesos.result(symbols.PROCESS_ID_GENERATE, abi.string("slave"))
    library.start_libprocess(mesos, options, abi.read_string(identity), REALM, DEFAULT_PORT)

    fetcher = mesos.construct(symbols.FETCHER, flags)
    collector = mesos.construct(symbols.GARBAGE_COLLECTOR, abi.string(work_dir))
    resolver = mesos.attempt(symbols.SECRET_RESOLVER_CREATE, abi.nothing())
    containerizer = mesos.attempt(symbols.CONTAINERIZER_CREATE, flags, False, fetcher, collector, resolver, 0, 0, 0)
    session = nanoseconds(options.get("zk_session_timeout") or DEFAULT_SESSION)
    detector = library.detector(mesos, master, session)
    authorizer = library.authorizer(mesos, options)
    agent = mesos.construct(
        symbols.AGENT,
        identity,
        flags,
        detector,
        containerizer,
        mesos.construct(symbols.FILES, abi.some_string(READONLY_REALM), abi.some_word(authorizer)),
        collector,
        mesos.construct(symbols.STATUS_UPDATE_MANAGER, flags),
        mesos.attempt(symbols.RESOURCE_ESTIMATOR_CREATE, abi.nothing()),
        mesos.attempt(symbols.QOS_CONTROLLER_CREATE, abi.nothing()),
        _executor_secrets(mesos, options),
        0,  # VolumeGidManager: only for --volume_gid_range
        _future_tracker(mesos),
        abi.memory(16),  # Owned<CSIServer>: a null shared_ptr
        abi.nothing(),  # no unix domain socket for executors
        abi.some_word(authorizer),
    )
    library.wait(mesos, library.spawn(mesos, agent))


def _default_launcher_dir(options: Options) -> None:
    """The helpers lie beside us; the default compiled into the library is another prefix."""
    if options.get("launcher_dir") is None:
        prefix = Path(__file__).resolve().parents[3]
        os.environ["MESOS_LAUNCHER_DIR"] = str(prefix / "libexec" / "mesos")


def _executor_secrets(mesos: abi.Library, options: Options) -> int:
    """The generator of executors' tokens for --jwt_secret_key (a file), or a null pointer."""
    key = options.raw("jwt_secret_key")
    if key is None:
        return 0
    with open(key[len("file://") :] if key.startswith("file://") else key, encoding="utf-8") as file:
        return mesos.construct(symbols.JWT_SECRET_GENERATOR, abi.string(file.read()))


def _future_tracker(mesos: abi.Library) -> int:
    """A stand-in for PendingFutureTracker, whose class was dropped from the library.

    Only GET /containerizer/debug looks at it, and would crash the agent on a null pointer. It dispatches to the
    process it owns; one that was never spawned leaves the request without an answer and the agent alive.
    """
    owned = abi.memory(8)
    abi.write64(owned, mesos.construct(symbols.REAPER_PROCESS))
    tracker = abi.memory(16)
    abi.write64(tracker, owned)
    return tracker
