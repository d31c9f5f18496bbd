# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C++ objects by hand, in the layouts of the Itanium ABI and libstdc++'s C++11 strings.

Every object lives in zeroed memory from ``calloc`` that is never freed: the daemons keep
references to all of them until the process ends. Objects are plain addresses (``int``).
"""

from __future__ import annotations

import ctypes
import mmap
from typing import Any

STRING_SIZE = 32  # {char* @0, size @8, char[16] or capacity @16}
OPTION_SOME, OPTION_NONE = 0, 1  # stout's enum Option<T>::State; note that SOME is 0
OPTION_VALUE = 8  # T behind the 32-bit state, aligned
TRY_VALUE = 8  # Try<T*>: state @0, T* @8, Option<Error> @16
TRY_ERROR_MESSAGE = 24
OBJECT_ROOM = 65536  # more than any class here needs; the largest, Slave, has 9376 bytes
RESULT_ROOM = 4096
RETURN = b"\xc3"  # the instruction, on x86_64
SET_HEADER = 8  # std::set<T>: the tree's header node
SET_LEFT, SET_RIGHT = 24, 32

_libc = ctypes.CDLL(None)
_libc.calloc.restype = ctypes.c_void_p
_libc.calloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]


class MesosError(Exception):
    """What a Mesos function answered instead of its result."""


def memory(size: int = OBJECT_ROOM) -> int:
    """Zeroed memory for good."""
    address = _libc.calloc(1, size)
    if not address:
        raise MemoryError("calloc of %d bytes" % size)
    return address


def read64(address: int) -> int:
    return ctypes.c_uint64.from_address(address).value


def write64(address: int, value: int) -> None:
    ctypes.c_uint64.from_address(address).value = value


def write_state(address: int, state: int) -> None:
    ctypes.c_int32.from_address(address).value = state


def read_state(address: int) -> int:
    return ctypes.c_int32.from_address(address).value


def put_string(address: int, text: str) -> None:
    """Make a std::string at ``address`` that C++ may read and copy, but not change or destroy."""
    content = text.encode()
    characters = memory(len(content) + 1)
    ctypes.memmove(characters, content, len(content))
    write64(address, characters)
    write64(address + 8, len(content))


def string(text: str) -> int:
    address = memory(STRING_SIZE)
    put_string(address, text)
    return address


def read_string(address: int) -> str:
    return ctypes.string_at(read64(address), read64(address + 8)).decode(errors="replace")


def nothing() -> int:
    """Option<T> = None() for any T of ours."""
    address = memory(RESULT_ROOM)
    write_state(address, OPTION_NONE)
    return address


def some_string(text: str | None) -> int:
    """Option<std::string>."""
    if text is None:
        return nothing()
    address = memory(OPTION_VALUE + STRING_SIZE)
    put_string(address + OPTION_VALUE, text)
    return address


def some_word(value: int | None) -> int:
    """Option of a pointer or of a Duration (64-bit nanoseconds)."""
    if value is None:
        return nothing()
    address = memory(OPTION_VALUE + 8)
    write64(address + OPTION_VALUE, value)
    return address


def duration(nanoseconds: int) -> int:
    address = memory(8)
    ctypes.c_int64.from_address(address).value = nanoseconds
    return address


def empty_set() -> int:
    """std::set<T> without elements: the header points to itself on both sides."""
    address = memory(64)
    write64(address + SET_LEFT, address + SET_HEADER)
    write64(address + SET_RIGHT, address + SET_HEADER)
    return address


def virtual_base(obj: int, slot: int) -> int:
    """Address of the virtual base whose offset stands at ``vptr + slot`` (``slot`` is negative)."""
    return obj + ctypes.c_int64.from_address(read64(obj) + slot).value


def _argument(value: Any) -> Any:
    """bool → C++ bool, other int → pointer or size_t; ctypes values go as they are."""
    if isinstance(value, bool):
        return ctypes.c_bool(value)
    if isinstance(value, int):
        return ctypes.c_uint64(value)
    return value


class Library:
    """Calls into the loaded library by mangled name."""

    def __init__(self, handle: ctypes.CDLL):
        self._handle = handle

    def address(self, symbol: str) -> int:
        return ctypes.addressof(ctypes.c_char.in_dll(self._handle, symbol))

    def call(self, symbol: str, *arguments: Any, returns: Any = None) -> Any:
        values = [_argument(value) for value in arguments]
        function = self._handle[symbol]
        function.argtypes = [type(value) for value in values]
        function.restype = returns
        return function(*values)

    def skip(self, symbol: str) -> None:
        """Make a function that returns nothing return at once."""
        address = self.address(symbol)
        page = mmap.PAGESIZE
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for rights in (mmap.PROT_READ | mmap.PROT_WRITE, mmap.PROT_READ | mmap.PROT_EXEC):
            if libc.mprotect(address // page * page, page, rights):
                raise OSError(ctypes.get_errno(), "mprotect")
            if rights & mmap.PROT_WRITE:
                ctypes.memmove(address, RETURN, len(RETURN))

    def construct(self, symbol: str, *arguments: Any, size: int = OBJECT_ROOM) -> int:
        """Run a constructor on fresh memory; the object's address."""
        this = memory(size)
        self.call(symbol, this, *arguments)
        return this

    def result(self, symbol: str, *arguments: Any) -> int:
        """Call a function that returns a class by value: the hidden first argument is where to."""
        place = memory(RESULT_ROOM)
        self.call(symbol, place, *arguments)
        return place

    def attempt(self, symbol: str, *arguments: Any) -> int:
        """Call a function that returns ``Try<T*>``; the pointer, or ``MesosError``."""
        return read64(self.attempt_value(symbol, *arguments))

    def attempt_value(self, symbol: str, *arguments: Any, message: int = TRY_ERROR_MESSAGE) -> int:
        """Call a function that returns ``Try<T>``; the address of the T, or ``MesosError``.

        ``message``: offset of the error text if T is not a pointer (negative: it cannot be read).
        """
        place = self.result(symbol, *arguments)
        if read_state(place) != OPTION_SOME:
            raise MesosError(read_string(place + message) if message > 0 else "refused")
        return place + TRY_VALUE
