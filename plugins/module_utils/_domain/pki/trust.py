# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new root in three steps, each of which leaves a site whose parts trust each other.

``stable``     one root
``introduce``  the next root is in every bundle; the old one still signs
``reissue``    the next root signs; both are in every bundle, and chains lead to both by a cross certificate
``retire``     the old root leaves the bundles; stable again
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import refuse

STABLE, INTRODUCE, REISSUE, RETIRE = "stable", "introduce", "reissue", "retire"
STEPS = (INTRODUCE, REISSUE, RETIRE)
# The refusal that can be overruled by repeating its code.
UNCONVERGED = "NXC-PKI-0010"
_BEFORE = {INTRODUCE: STABLE, REISSUE: INTRODUCE, RETIRE: REISSUE}
_SHOWN = 10


def next_phase(phase: str, step: str, unconverged: Sequence[str], force: str) -> str:
    """The phase after the step; the same one if the step is done already.

    ``unconverged``: holders that do not have what the step builds on (the wider bundle for ``reissue``, a certificate
    of the next root for ``retire``). They stop the step unless ``force`` is the refusal's own code.
    """
    if step == phase or (step == RETIRE and phase == STABLE):
        return phase
    if phase != _BEFORE[step]:
        raise refuse("NXC-PKI-0009", step=step, phase=phase, before=_BEFORE[step])
    if unconverged and force != UNCONVERGED:
        shown = ", ".join(unconverged[:_SHOWN]) + (" ..." if len(unconverged) > _SHOWN else "")
        raise refuse("NXC-PKI-0010", step=step, count=len(unconverged), holders=shown)
    return STABLE if step == RETIRE else step


def signing(phase: str, generations: Sequence[int]) -> int:
    """The number of the generation that signs in a phase."""
    return generations[0] if phase == INTRODUCE else generations[-1]
