# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Launch a container with Mesos' own code, for everything the plain launch does not know."""

from __future__ import annotations

import ctypes

from . import abi, library, symbols

# In MesosContainerizerLaunch, read from getFlags(), which returns object + 360 = FLAGS + offset of FlagsBase (136).
FLAGS = 224
ENVIRONMENT_PREFIX = "MESOS_CONTAINERIZER_"


def launch(arguments: list[str]) -> int:
    """The exit status of MesosContainerizerLaunch::execute.

    The Subcommand itself is not constructed: execute() only looks at the flags.
    """
    mesos = library.load()
    subcommand = abi.memory()
    flags = subcommand + FLAGS
    mesos.call(symbols.LAUNCH_FLAGS, flags)
    base = abi.virtual_base(flags, library.LOGGING_FLAGS_BASE_SLOT)
    library.load_flags(mesos, base, ENVIRONMENT_PREFIX, ["launch", *arguments], unknowns=False)
    return mesos.call(symbols.LAUNCH_EXECUTE, subcommand, returns=ctypes.c_int)
