# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report on the controller that only its owner reads."""

from __future__ import annotations

import os

from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.whole_file import replace_file
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse

MODE = 0o600


def keep_report(path: str, text: str, *, write: bool) -> bool:
    """Whether the file has to be written to hold ``text``; writes it unless told not to."""
    try:
        if _is_kept(path, text):
            return False
        if write:
            replace_file(path, text, MODE)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise refuse("NXC-SECR-0088", path=path, reason=reason) from error
    return True


def _is_kept(path: str, text: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read() == text and os.fstat(stream.fileno()).st_mode & 0o777 == MODE
    except FileNotFoundError:
        return False
