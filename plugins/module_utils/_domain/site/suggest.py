# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The "did you mean" of messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'nodes'?``, or nothing if no known word is near."""
    words = list(known)
    near = difflib.get_close_matches(word[:100].lower(), words, n=1, cutoff=0.6)
    if not near:
        near = [candidate for candidate in words if len(word) >= 3 and candidate.startswith(word.lower())][:1]
    return "Did you mean '%s'?" % near[0] if near else ""
