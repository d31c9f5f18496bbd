# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for the get-pip script that ansible-test would download: pip from this Python itself.

In a process of its own, because ensurepip switches pip's configuration off for the one it runs in.
"""

from __future__ import annotations

import subprocess
import sys

DROPPED = ("--no-setuptools", "--no-wheel", "--disable-pip-version-check")
wanted = [argument for argument in sys.argv[1:] if argument not in DROPPED]
subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
subprocess.check_call([sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "-q", *wanted])
