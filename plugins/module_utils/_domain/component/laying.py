# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a cloud's tasks find on a worker: files of secrets, certificates, and which value of each counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any


def secret_files(secrets: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """``{component/name: {part: text}}`` → text by path: ``component/name``, ``component/name.previous``, …"""
    return {
        "%s.%s" % (name, part) if part else name: text
        for name, parts in secrets.items()
        for part, text in parts.items()
    }


def certificate_rows(
    manifests: Iterable[Mapping[str, Any]], directory: str, days: int, renew: str
) -> list[dict[str, Any]]:
    """The certificates that a cloud's manifests declare, as the module ``pki_certificates`` takes them."""
    return [
        {"name": one["name"], "directory": directory, "days": days, "renew": renew, **one["certificate"]}
        for one in manifests
        if one["kind"] == "certificate"
    ]


def revisions(
    secrets: Mapping[str, str], workers: Iterable[Mapping[str, Mapping[str, Any]]], bundle: str
) -> dict[str, str]:
    """What the module ``cloud`` takes as ``revisions``.

    ``secrets``: revision by ``component/name``. ``workers``: of each worker what ``pki_certificates`` returned as
    ``certificates``. ``bundle``: the text of the trust bundle.
    A certificate counts how often it was replaced on all workers together: a worker that is new adds nothing.
    """
    found = {"secret:%s" % name: revision for name, revision in secrets.items()}
    replaced: dict[str, int] = {}
    for certificates in workers:
        for name, certificate in certificates.items():
            replaced[name] = replaced.get(name, 0) + max(certificate["epoch"] - 1, 0)
    found.update(("certificate:%s" % name, str(count)) for name, count in replaced.items())
    return {**found, "trust": hashlib.sha256(bundle.encode()).hexdigest()[:12]}
