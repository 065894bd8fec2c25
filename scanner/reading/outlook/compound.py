"""Compound files (MS-CFB): the tree of storages and streams that .msg files and old Office documents are kept in, read within bounds."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_LAST = 0xFFFFFFFA  # sector numbers from here on mean no sector (MS-CFB 2.1)
_NONE = 0xFFFFFFFF
_HEADER = struct.Struct("<30xHH10xII4x5I")  # MS-CFB 2.2, from the sector shift on
_ENTRY = struct.Struct("<64sHBB3I36xIQ")  # MS-CFB 2.6.1
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_MOST_ENTRIES = 200_000


class DamagedError(ValueError):
    """Bytes that do not keep to their format; the text says which part of it, and quotes nothing."""


@dataclass(slots=True)
class Storage:
    """A folder of a compound file: its streams and the storages below it, by name in lower case."""

    file: CompoundFile
    streams: dict[str, tuple[int, int]] = field(default_factory=dict)
    storages: dict[str, Storage] = field(default_factory=dict)

    def read(self, name: str) -> bytes:
        """A stream's bytes; nothing where there is none of that name. Raises DamagedError."""
        found = self.streams.get(name)
        return self.file.stream(*found) if found else b""


class CompoundFile:
    """A compound file in memory. `incomplete` says that its directory names entries which are not there.

    Raises DamagedError for what is none, and for more than its own length of streams: only sectors that are shared give that.
    """

    def __init__(self, content: bytes) -> None:
        if len(content) < 512 or not content.startswith(MAGIC):
            raise DamagedError("no compound file")
        self._content, self._left = content, len(content)
        big, small, fats, directory, self._cutoff, mini, _, more, _ = _HEADER.unpack_from(content)
        if big not in (9, 12) or small != 6:
            raise DamagedError("sector size")
        self._shift = big
        self._sectors = (len(content) >> big) + 1
        self._fat = self._table(fats, more)
        self._minifat = _numbers(self._chained(mini)) if mini < _LAST else array("I")
        self._entries = list(_ENTRY.iter_unpack(self._directory(directory)))
        if not self._entries or self._entries[0][2] != _ROOT:
            raise DamagedError("directory")
        self.incomplete = False
        self.root = self._tree()

    def stream(self, start: int, size: int) -> bytes:
        """The bytes of a stream. Raises DamagedError where its sectors do not give them."""
        if size > self._left:
            raise DamagedError("stream longer than its file")
        self._left -= size
        found = self._mini(start, size) if size < self._cutoff else self._chained(start, size)
        if len(found) < size:
            raise DamagedError("stream cut off")
        return found[:size]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) << self._shift
        return self._content[start : start + (1 << self._shift)]

    def _table(self, fats: int, more: int) -> array[int]:
        """The allocation table: its own sectors are listed in the header and in a chain of further lists (MS-CFB 2.5)."""
        listed = _numbers(self._content[76:512])
        seen: set[int] = set()
        while more < _LAST and more not in seen and len(listed) < fats:
            seen.add(more)
            page = _numbers(self._sector(more))
            listed += page[:-1]
            more = page[-1] if page else _NONE
        table = array("I")
        for number in listed[: min(fats, self._sectors)]:
            if number >= _LAST or len(table) >= self._sectors:
                break
            table += _numbers(self._sector(number))
        return table

    def _chain(self, start: int, table: array[int]) -> Iterator[int]:
        """The numbers of a chain; it ends where it leaves the table. Raises DamagedError where it runs in a circle."""
        for _ in range(len(table) + 1):
            if start >= _LAST:
                return
            yield start
            start = table[start] if start < len(table) else _NONE
        raise DamagedError("sectors in a circle")

    def _chained(self, start: int, size: int = -1) -> bytes:
        wanted = -(-size >> self._shift) if size >= 0 else self._sectors
        return b"".join(self._sector(number) for number in _distinct(self._chain(start, self._fat), wanted))

    def _directory(self, start: int) -> bytes:
        """The directory's entries; of a chain that is cut or runs in a circle, those before."""
        raw = self._chained(start, _MOST_ENTRIES * _ENTRY.size)
        return raw[: len(raw) // _ENTRY.size * _ENTRY.size]

    @cached_property
    def _ministream(self) -> bytes:
        return self._chained(self._entries[0][7], self._entries[0][8] & 0xFFFFFFFF)

    def _mini(self, start: int, size: int) -> bytes:
        numbers = _distinct(self._chain(start, self._minifat), -(-size >> 6))
        return b"".join(self._ministream[number << 6 : (number + 1) << 6] for number in numbers)

    def _tree(self) -> Storage:
        """Every entry that hangs from the root, each once, whatever its pointers say."""
        root = Storage(self)
        seen = {0}
        waiting = [(self._entries[0][6], root)]
        while waiting:
            number, parent = waiting.pop()
            if number >= len(self._entries) or number in seen:
                self.incomplete |= number != _NONE and number not in seen
                continue
            seen.add(number)
            name, length, kind, _, left, right, child, start, size = self._entries[number]
            waiting += ((left, parent), (right, parent))
            title = name[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace").lower()
            if kind == _STREAM:
                parent.streams[title] = (start, size if self._shift == 12 else size & 0xFFFFFFFF)
            elif kind == _STORAGE:
                waiting.append((child, parent.storages.setdefault(title, Storage(self))))
        return root


def _distinct(numbers: Iterator[int], wanted: int) -> list[int]:
    """So many numbers of a chain. The one after them is looked at too: where it leads back, what was read may not be what was written."""
    found = list(islice(numbers, wanted + 1))
    if len(set(found)) < len(found):
        raise DamagedError("sectors in a circle")
    return found[:wanted]


def _numbers(raw: bytes) -> array[int]:
    """Little-endian 32-bit numbers; an odd end is left out."""
    found = array("I", raw[: len(raw) // 4 * 4])
    if struct.pack("=H", 1) != b"\1\0":
        found.byteswap()
    return found
