# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder ``<state_dir>/pki``: what is public about the authorities, and the ledger.

``authorities.json`` and ``ledger.json`` are what counts; each is replaced whole. The PEM files beside them are written
from those for people and programs, so a run that is killed between them is completed by the next one.
"""

from __future__ import annotations

import contextlib
import json
import os
import typing as t
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.kernel_lock import acquire
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.whole_file import read_text, replace_file
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.ledger import Ledger
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.trust import STABLE, signing

FORMAT = 1
LOCK_SECONDS = 120


@dataclass
class Generation:
    """One root with its authorities. ``cross``: this root vouched for by the one before. Values are PEM."""

    number: int
    root: str
    cross: str = ""
    authorities: dict[str, str] = field(default_factory=dict)


@dataclass
class Authorities:
    """All generations, the oldest first; more than one only while trust changes hands. ``crls`` by authority name."""

    phase: str = STABLE
    generations: list[Generation] = field(default_factory=list)
    crls: dict[str, str] = field(default_factory=dict)

    def signing(self) -> Generation:
        """The generation that signs."""
        number = signing(self.phase, [one.number for one in self.generations])
        return next(one for one in self.generations if one.number == number)

    def bundle(self) -> str:
        """The roots to trust."""
        return "".join(one.root for one in self.generations)

    def chain(self, name: str) -> str:
        """What follows a leaf of this authority: itself, and the cross certificate while two roots are trusted."""
        generation = self.signing()
        return generation.authorities[name] + (generation.cross if len(self.generations) > 1 else "")

    def as_dict(self) -> dict[str, t.Any]:
        """JSON-ready form."""
        rows = [vars(one) for one in self.generations]
        return {"format": FORMAT, "phase": self.phase, "generations": rows, "crls": self.crls}

    def files(self) -> dict[str, str]:
        """Text of every public file by its path in the folder."""
        if not self.generations:
            return {}
        found = {"root.pem": self.signing().root, "ca.pem": self.bundle()}
        found.update({"%s.pem" % name: text for name, text in self.signing().authorities.items()})
        found.update({"crl/%s.pem" % name: text for name, text in self.crls.items()})
        return found


class PkiDirectory:
    """Reads at any time; ``save`` wants ``with directory.locked():`` around reading and saving."""

    def __init__(self, state_dir: str):
        self.path = os.path.join(os.path.abspath(os.path.expanduser(state_dir)), "pki")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time; the kernel drops the lock of a run that is killed."""
        os.makedirs(self.path, mode=0o700, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if not acquire(descriptor, LOCK_SECONDS):
                raise refuse("NXC-PKI-0008", path=self.path, seconds=LOCK_SECONDS)
            yield
        finally:
            os.close(descriptor)

    def authorities(self) -> Authorities:
        """What there is; empty if nothing was made yet."""
        content = self._json("authorities.json")
        if content is None:
            return Authorities()
        generations = [Generation(**row) for row in content["generations"]]
        return Authorities(content["phase"], generations, content["crls"])

    def ledger(self) -> Ledger:
        """What was issued."""
        content = self._json("ledger.json")
        return Ledger() if content is None else Ledger.from_dict(content)

    def _json(self, name: str) -> dict[str, t.Any] | None:
        path = os.path.join(self.path, name)
        try:
            with open(path, encoding="utf-8") as stream:
                content = json.load(stream)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise refuse("NXC-PKI-0007", path=path, reason=error) from error
        if content.get("format") != FORMAT:
            raise refuse("NXC-PKI-0006", path=path, found=content.get("format"), known=FORMAT)
        return content

    def save_authorities(self, authorities: Authorities) -> None:
        """Replace what counts, then the files that follow from it."""
        self._replace("authorities.json", _text(authorities.as_dict()), 0o600)
        self.export(authorities)

    def save_ledger(self, ledger: Ledger) -> None:
        """Replace the ledger."""
        self._replace("ledger.json", _lines(ledger.as_dict()), 0o600)

    def outdated(self, authorities: Authorities) -> list[str]:
        """Public files that are not as they follow from the authorities, and those that should not be there."""
        wanted = authorities.files()
        changed = [name for name, text in wanted.items() if self._read(name) != text]
        return sorted(changed + [name for name in self._exported() if name not in wanted])

    def export(self, authorities: Authorities) -> None:
        """Bring the public files up to date."""
        wanted: Mapping[str, str] = authorities.files()
        for name in self.outdated(authorities):
            if name in wanted:
                self._replace(name, wanted[name], 0o644)
            else:
                os.unlink(os.path.join(self.path, name))

    def _exported(self) -> list[str]:
        """Files in the places of authorities and lists; ca.key of earlier releases is not among them."""
        found = [name for name in ("site.pem",) if os.path.exists(os.path.join(self.path, name))]
        for folder in ("clouds", "crl", "crl/clouds"):
            with contextlib.suppress(FileNotFoundError):
                entries = os.listdir(os.path.join(self.path, folder))
                found += ["%s/%s" % (folder, name) for name in entries if name.endswith(".pem")]
        return found

    def _read(self, name: str) -> str | None:
        return read_text(os.path.join(self.path, name))

    def _replace(self, name: str, text: str, mode: int) -> None:
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        replace_file(path, text, mode)


def _text(content: dict[str, t.Any]) -> str:
    return json.dumps(content, indent=1) + "\n"


def _lines(content: dict[str, t.Any]) -> str:
    """As ``_text`` with a line for each certificate: of thousands that is much faster to write, and to search."""
    rows = ",\n".join(json.dumps(row) for row in content["certificates"])
    rest = json.dumps({name: value for name, value in content.items() if name != "certificates"})
    return '{"certificates": [\n%s\n],\n%s\n' % (rows, rest[1:])
