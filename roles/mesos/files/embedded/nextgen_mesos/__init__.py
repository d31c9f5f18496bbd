# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apache Mesos 1.11.0 started from the shared library that Apache publishes for Linux.

``elf`` makes the library loadable, ``abi`` and ``symbols`` speak to its C++ objects,
``library`` does what every Mesos ``main()`` does first, ``master`` and ``agent`` put the
daemons together, ``containerizer`` and ``executor`` are the helpers that the agent starts.
"""

VERSION = "1.11.0"
LIBRARY_NAME = "libmesos-1.11.0.so"
