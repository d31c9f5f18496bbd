# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run for certificates in this process, to be killed from outside. Arguments: folder, moment; input: rows."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from ansible.plugins.loader import init_plugin_loader

init_plugin_loader([str(Path(__file__).resolve().parents[3] / ".cache" / "collections")])

from pki_site import Site  # noqa: E402

site = Site(Path(sys.argv[1]))
site.now = int(sys.argv[2])
site.certificates(ast.literal_eval(sys.stdin.read()))
