# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default backend: one encrypted file, replaced whole, guarded by a kernel lock for writers.

Readers need no lock because the file is only ever replaced by a rename. ``sealed.py`` says what is in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Callable

from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.kernel_lock import acquire
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.whole_file import replace_file
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Entry
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.moment import moment
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import run_cache
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Conflict, Stored
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import (
    PLACES,
    PasswordSource,
    default_file,
)
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.sealed import Header, Sealed, parse

LOCK_SECONDS = 30
FILE_MODE, FOLDER_MODE = 0o600, 0o700


class FileBackend:
    """``path``: the file; it and its folder appear with the first write. ``tell`` gets words for ``-vvv``."""

    def __init__(self, path: str, password: PasswordSource, tell: Callable[[str], None] = lambda words: None):
        self.path = os.path.abspath(path)
        self.identity = "file:%s" % self.path
        self._folder = os.path.dirname(self.path)
        self._password = password
        self._tell = tell

    def read(self, paths: Iterable[str] | None) -> dict[str, Stored]:
        """Entries by path; only those that are asked for are decrypted."""
        sealed = self._load()
        wanted = list(paths if paths is not None else (*sealed.rows, *sealed.plain))
        if sealed.header is None:
            return {path: Stored(sealed.plain[path], sealed.token(path)) for path in wanted if path in sealed.plain}
        key = self._key(sealed)
        found = {}
        for path in wanted:
            if path in sealed.rows:
                found[path] = Stored(self._entry(sealed, key, path), sealed.token(path))
        self._check_seal(sealed, key)
        return found

    def write(self, changes: Mapping[str, Entry | None], seen: Mapping[str, Stored]) -> None:
        """All changes or none; a store of format 1 becomes format 2."""
        with self._locked():
            sealed = self._load()
            for path in changes:
                token = seen[path].token if path in seen else ""
                if sealed.token(path) != token:
                    raise Conflict(path)
            key = self._key_for_writing(sealed)
            for path, entry in {**sealed.plain, **changes}.items():
                if entry is None:
                    sealed.rows.pop(path, None)
                else:
                    sealed.put(key, path, entry)
            with self._told():
                replace_file(self.path, sealed.text(key), FILE_MODE)

    def rekey(self, fresh: PasswordSource) -> str:
        """Close everything with the password of ``fresh``, in a store with another id; where that password is."""
        with self._locked():
            old = self._load()
            entries = dict(old.plain)
            if old.header is not None:
                key = self._key(old)
                self._check_seal(old, key)
                entries.update({path: self._entry(old, key, path) for path in old.rows})
            new = Sealed()
            key, source = self._begin(new, fresh)
            for path, entry in entries.items():
                new.put(key, path, entry)
            with self._told():
                replace_file(self.path, new.text(key), FILE_MODE)
        return source

    def lax(self) -> list[str]:
        """Existing paths of the store (its folder, its file) with other modes than 0700 and 0600."""
        wanted = ((self._folder, FOLDER_MODE), (self.path, FILE_MODE))
        return [path for path, mode in wanted if os.path.exists(path) and os.stat(path).st_mode & 0o7777 != mode]

    def tighten(self) -> None:
        """Make folder (and parents that are missing) and file readable by their owner only."""
        os.makedirs(os.path.dirname(self._folder), mode=FOLDER_MODE, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(self._folder, FOLDER_MODE)
        os.chmod(self._folder, FOLDER_MODE)
        with contextlib.suppress(FileNotFoundError):
            os.chmod(self.path, FILE_MODE)

    def _load(self) -> Sealed:
        try:
            with open(self.path, encoding="utf-8") as stream:
                changed = moment(os.fstat(stream.fileno()).st_mtime)
                document = json.load(stream)
        except FileNotFoundError:
            return Sealed()
        except (OSError, ValueError) as error:
            raise refuse("NXC-SECR-0002", store=self.path, reason=_reason(error)) from None
        return parse(document, self.path, changed)

    def _key(self, sealed: Sealed) -> bytes:
        """The key of a store that exists, derived once in a run."""
        header = sealed.header
        if header is None:
            raise refuse("NXC-SECR-0002", store=self.path, reason="it has no header")

        def derive() -> bytes:
            password = self._password.find(header.id, self.path)
            key = header.derive(password.value)
            self._tell("derived the key of the secret store %s" % header.id)
            if not sealed.opens(key):
                places = PLACES % default_file(header.id)
                raise refuse("NXC-SECR-0016", store=self.path, source=password.source, places=places)
            return key

        return run_cache.get(_cache_key(header), derive)

    def _key_for_writing(self, sealed: Sealed) -> bytes:
        """As ``_key``; makes header and password of a new store."""
        if sealed.header is None:
            return self._begin(sealed, self._password)[0]
        key = self._key(sealed)
        self._check_seal(sealed, key)
        return key

    def _begin(self, sealed: Sealed, source: PasswordSource) -> tuple[bytes, str]:
        """Give a new store its header; its key, and where its password is."""
        store_id = os.urandom(8).hex()
        password = source.make(store_id)
        header = sealed.header = Header.fresh(password.generated, store_id)

        def derive() -> bytes:
            self._tell("derived the key of the secret store %s" % store_id)
            return header.derive(password.value)

        return run_cache.get(_cache_key(header), derive), password.source

    def _entry(self, sealed: Sealed, key: bytes, path: str) -> Entry:
        try:
            entry = sealed.entry(key, path)
        except (AttributeError, KeyError, TypeError, ValueError):
            entry = None
        if entry is None:
            raise refuse("NXC-SECR-0017", path=path, store=self.path)
        return entry

    def _check_seal(self, sealed: Sealed, key: bytes) -> None:
        """Name the entry that was tampered with if there is one, else say that the set of entries was."""
        if sealed.is_whole(key):
            return
        for path in sorted(sealed.rows):
            self._entry(sealed, key, path)
        raise refuse("NXC-SECR-0019", store=self.path)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the only right to write. The kernel drops the lock with the process, also after kill -9."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        with self._told():
            self.tighten()
            lock = os.open(self.path + ".lock", flags, FILE_MODE)
        try:
            if not acquire(lock, LOCK_SECONDS):
                raise refuse("NXC-SECR-0008", store=self.path, seconds=LOCK_SECONDS)
            yield
        finally:
            os.close(lock)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What the system refuses, as an error of the store."""
        try:
            yield
        except OSError as error:
            raise refuse("NXC-SECR-0013", store=self.path, reason=_reason(error)) from None


def _cache_key(header: Header) -> str:
    """Different for every store, salt and cost, so a key never serves another store."""
    text = json.dumps(header.as_dict(), sort_keys=True)
    return "store-key:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _reason(error: Exception) -> str:
    """The reason without file content: a JSON error's own text could quote it."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is not valid JSON"
