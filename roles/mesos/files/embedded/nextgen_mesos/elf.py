# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the published library loadable with OpenSSL 3: pure bytes in, bytes out.

The library was linked against OpenSSL 1.0 and an old libcurl, with symbol versions that
no present-day distribution has. Four edits in place cure that, no compiler needed:

1. the version requirements on those libraries become weak (the loader accepts their absence);
2. the symbols that had such a version become unversioned;
3. the two OpenSSL sonames are overwritten by the shorter ones of OpenSSL 3;
4. functions that OpenSSL 3 lacks point to their successors, or, where OpenSSL 3 needs no
   such call any more, to ``getpid``: it takes no argument, has no effect and is never 0.

The result is the same for the same input, byte for byte (``PATCHED_SHA256``).
"""

from __future__ import annotations

import hashlib
import struct

PUBLISHED_SHA256 = "84d7ee9af27e912636b139de40257df1ee4f56c201de6bba834278aa1e8fd64c"
PATCHED_SHA256 = "a695b52b9ba24b80500c313b5a0feb4b499e1f6641e4bb0d5443f269bb9f2cda"

VERSIONED_LIBRARIES = (b"libssl.so.1.0.0", b"libcrypto.so.1.0.0", b"libcurl.so.4")
RENAMED_LIBRARIES = {b"libssl.so.1.0.0": b"libssl.so.3", b"libcrypto.so.1.0.0": b"libcrypto.so.3"}

NO_EFFECT = b"getpid"
SUCCESSORS = {
    b"SSLv23_method": b"TLS_method",
    b"SSL_get_peer_certificate": b"SSL_get1_peer_certificate",
    b"SSL_state": b"SSL_get_state",
    b"sk_new_null": b"OPENSSL_sk_new_null",
    b"sk_num": b"OPENSSL_sk_num",
    b"sk_pop_free": b"OPENSSL_sk_pop_free",
    b"sk_push": b"OPENSSL_sk_push",
    b"sk_value": b"OPENSSL_sk_value",
    # Sizes an array of mutexes; 4096 of them are never touched.
    b"CRYPTO_num_locks": b"getpagesize",
    b"SSL_library_init": NO_EFFECT,
    b"SSL_load_error_strings": NO_EFFECT,
    b"OPENSSL_add_all_algorithms_noconf": NO_EFFECT,
    b"CRYPTO_set_locking_callback": NO_EFFECT,
    b"CRYPTO_set_id_callback": NO_EFFECT,
    b"CRYPTO_set_dynlock_create_callback": NO_EFFECT,
    b"CRYPTO_set_dynlock_lock_callback": NO_EFFECT,
    b"CRYPTO_set_dynlock_destroy_callback": NO_EFFECT,
}

# From the ELF-64 specification and <elf.h>.
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_STRTAB, _DT_SYMTAB, _DT_STRSZ = 5, 6, 10
_DT_VERSYM, _DT_VERNEED, _DT_VERNEEDNUM = 0x6FFFFFF0, 0x6FFFFFFE, 0x6FFFFFFF
_SYMBOL_SIZE = 24
_VERNEED = struct.Struct("<HHIII")  # version, count, file, offset of aux, offset of next
_VERNAUX = struct.Struct("<IHHII")  # hash, flags, other, name, offset of next
_VER_FLG_WEAK = 2
_VER_NDX_GLOBAL = 1
_VERSYM_INDEX_MASK = 0x7FFF


class ElfError(Exception):
    """The file is not the library this program knows."""


class _Image:
    """The few tables of one ELF-64 little-endian library, by file offset."""

    def __init__(self, content: bytes):
        if content[:6] != b"\x7fELF\x02\x01":
            raise ElfError("not a 64-bit little-endian ELF file")
        self.data = bytearray(content)
        self.segments: list[tuple[int, int, int]] = []  # (virtual address, file offset, size)
        dynamic = self._read_segments()
        self.dynamic = self._read_dynamic(*dynamic)
        self.strings = self.offset(self.dynamic[_DT_STRTAB])
        self.strings_size = self.dynamic[_DT_STRSZ]
        self.symbols = self.offset(self.dynamic[_DT_SYMTAB])
        self.versions = self.offset(self.dynamic[_DT_VERSYM])

    def _read_segments(self) -> tuple[int, int]:
        (table,) = struct.unpack_from("<Q", self.data, 32)
        size, count = struct.unpack_from("<HH", self.data, 54)
        dynamic = None
        for number in range(count):
            kind, _flags, offset, address, _physical, length = struct.unpack_from(
                "<IIQQQQ", self.data, table + number * size
            )
            if kind == _PT_LOAD:
                self.segments.append((address, offset, length))
            elif kind == _PT_DYNAMIC:
                dynamic = (offset, length)
        if dynamic is None:
            raise ElfError("no dynamic section")
        return dynamic

    def _read_dynamic(self, offset: int, length: int) -> dict[int, int]:
        return dict(struct.unpack_from("<QQ", self.data, at) for at in range(offset, offset + length, 16))

    def offset(self, address: int) -> int:
        """File offset of a virtual address."""
        for start, offset, length in self.segments:
            if start <= address < start + length:
                return address - start + offset
        raise ElfError("address %#x is in no segment" % address)

    def name(self, at: int) -> bytes:
        """The string at offset ``at`` of the string table."""
        start = self.strings + at
        return bytes(self.data[start : self.data.index(b"\0", start)])

    @property
    def symbol_count(self) -> int:
        # The linker puts the string table right behind the symbols; there is no count in a GNU-hash file.
        return (self.strings - self.symbols) // _SYMBOL_SIZE


def patch(content: bytes) -> bytes:
    """The loadable form of the published library (both as whole file contents)."""
    image = _Image(content)
    files, indexes = _weaken_versions(image)
    _drop_versions(image, indexes)
    _rename(image, files, _undefined_symbols(image))
    return bytes(image.data)


def patch_published(content: bytes) -> bytes:
    """``patch``, refusing any input other than the one published library."""
    found = hashlib.sha256(content).hexdigest()
    if found != PUBLISHED_SHA256:
        raise ElfError("unknown library: sha256 %s, expected %s" % (found, PUBLISHED_SHA256))
    return patch(content)


def _weaken_versions(image: _Image) -> tuple[dict[bytes, int], set[int]]:
    """Edit 1. Returns {library: offset of its name in the string table} and the version indexes."""
    files: dict[bytes, int] = {}
    indexes: set[int] = set()
    need = image.offset(image.dynamic[_DT_VERNEED])
    for _number in range(image.dynamic[_DT_VERNEEDNUM]):
        _version, count, file, first, following = _VERNEED.unpack_from(image.data, need)
        library = image.name(file)
        if library in VERSIONED_LIBRARIES:
            files[library] = file
            indexes |= _weaken_library(image, need + first, count)
        need += following
    missing = [name for name in VERSIONED_LIBRARIES if name not in files]
    if missing:
        raise ElfError("no version requirement on %s" % b", ".join(missing).decode())
    return files, indexes


def _weaken_library(image: _Image, aux: int, count: int) -> set[int]:
    indexes = set()
    for _number in range(count):
        digest, flags, other, name, following = _VERNAUX.unpack_from(image.data, aux)
        _VERNAUX.pack_into(image.data, aux, digest, flags | _VER_FLG_WEAK, other, name, following)
        indexes.add(other & _VERSYM_INDEX_MASK)
        aux += following
    return indexes


def _drop_versions(image: _Image, indexes: set[int]) -> None:
    """Edit 2."""
    table = memoryview(image.data)[image.versions : image.versions + 2 * image.symbol_count].cast("H")
    for number, index in enumerate(table):
        if index & _VERSYM_INDEX_MASK in indexes:
            table[number] = _VER_NDX_GLOBAL
    table.release()


def _undefined_symbols(image: _Image) -> dict[bytes, int]:
    """{name: file offset of the symbol} for what the library takes from others."""
    found = {}
    for at in range(image.symbols, image.symbols + image.symbol_count * _SYMBOL_SIZE, _SYMBOL_SIZE):
        name, _info, _other, section = struct.unpack_from("<IBBH", image.data, at)
        if section == 0 and name:
            found[image.name(name)] = at
    return found


def _rename(image: _Image, files: dict[bytes, int], undefined: dict[bytes, int]) -> None:
    """Edits 3 and 4. The strings of the old names make room for the new ones."""
    missing = [name for name in SUCCESSORS if name not in undefined]
    if missing:
        raise ElfError("the library does not use %s" % b", ".join(missing).decode())
    slots = {}
    for old in SUCCESSORS:
        (slots[old],) = struct.unpack_from("<I", image.data, undefined[old])
    _refuse_shared_strings(image, files, undefined, slots)
    for old, new in RENAMED_LIBRARIES.items():
        _overwrite(image, files[old], len(old), new)
    places = _place_names(slots, set(SUCCESSORS.values()))
    for new, (at, room) in places.items():
        _overwrite(image, at, room, new)
    for old, new in SUCCESSORS.items():
        struct.pack_into("<I", image.data, undefined[old], places[new][0])


def _place_names(slots: dict[bytes, int], names: set[bytes]) -> dict[bytes, tuple[int, int]]:
    """Longest name into the smallest old string that holds it: {new: (offset, room)}."""
    free = sorted((len(old), at) for old, at in slots.items())
    places = {}
    for new in sorted(names, key=lambda name: (-len(name), name)):
        for room, at in free:
            if room >= len(new):
                places[new] = (at, room)
                free.remove((room, at))
                break
        else:
            raise ElfError("no room for the name %s" % new.decode())
    return places


def _refuse_shared_strings(
    image: _Image, files: dict[bytes, int], undefined: dict[bytes, int], slots: dict[bytes, int]
) -> None:
    """Linkers let names share a tail; overwriting such a string would rename a stranger."""
    ranges = [(at, at + len(name), name) for name, at in slots.items()]
    ranges += [(files[name], files[name] + len(name), name) for name in RENAMED_LIBRARIES]
    ranges.sort()
    for number in range(image.symbol_count):
        at = image.symbols + number * _SYMBOL_SIZE
        (name,) = struct.unpack_from("<I", image.data, at)
        if not ranges[0][0] <= name <= ranges[-1][1]:
            continue
        for first, last, owner in ranges:
            if first <= name < last and undefined.get(owner) != at:
                raise ElfError("another symbol shares the name %s" % owner.decode())


def _overwrite(image: _Image, at: int, room: int, name: bytes) -> None:
    start = image.strings + at
    image.data[start : start + room] = name.ljust(room, b"\0")
