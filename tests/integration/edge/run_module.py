# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one module of the collection in this process: name as argument, options as JSON on stdin."""

from __future__ import annotations

import importlib
import json
import sys

from ansible.module_utils.testing import patch_module_args

with patch_module_args(json.load(sys.stdin)):
    importlib.import_module("ansible_collections.nextgen.cloud.plugins.modules." + sys.argv[1]).main()
