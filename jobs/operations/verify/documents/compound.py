"""Reads compound files (OLE), which hold a tree of streams in sectors like a disk.

Old Office documents, password-protected new ones, messages of Outlook, installers of Windows and
Thumbs.db are such files.
"""

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from jobs.operations.verify.limits import broken

_HEADER = struct.Struct("<30xHH10xII4xIIIII")
_HEADER_BYTES = 512
_IN_HEADER = 109
"""How many places of the sector table are in the header."""
_LAST_SECTOR = 0xFFFFFFFA
"""Higher numbers are marks: end of a chain, not used, and so on."""
_ENTRY_BYTES = 128
_NONE = 0xFFFFFFFF
_FREE = array("I", [_NONE])
STORAGE, STREAM, ROOT = 1, 2, 5
_DIRECTORY = "its directory"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the directory. `start` is the number of its first sector, `size` in bytes."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    clsid: bytes
    start: int
    size: int


class Compound:
    """The sectors of a compound file. Every method raises ItemFailed where they are not valid.

    ends_early  its last sector is used, and some bytes of it are missing
    """

    def __init__(self, stream: IO[bytes], size: int) -> None:
        """Read header, sector table and directory."""
        self._stream = stream
        self._size = size
        header = self._read(0, min(_HEADER_BYTES, size))
        if len(header) < _HEADER_BYTES:
            raise broken("The file is cut off: its header is not complete")
        shift, mini_shift, tables, directory, self.cutoff, first_mini, _, more, _ = _HEADER.unpack(
            header[: _HEADER.size]
        )
        if shift not in (9, 12) or mini_shift != 6:
            raise broken("The file is damaged: its header is not valid")
        self.sector_bytes, self.mini_bytes = 1 << shift, 1 << mini_shift
        self._count = -(-size // self.sector_bytes) - 1
        self._used = bytearray(self._count)
        self._table = self._read_table(header, tables, more)
        self.entries = list(self._read_directory(directory))
        if not self.entries or self.entries[0].kind != ROOT:
            raise broken("The file is damaged: its directory has no root")
        self.root = self.entries[0]
        self._mini_stream = self.chain(self.root.start, self.root.size, "its small streams")
        self._mini_table = self._numbers(self.chain(first_mini, None, "its table of small streams"))
        self._mini_used = bytearray(len(self._mini_table))

    def tree(self) -> Iterator[Entry]:
        """Yield every entry that can be reached from the root, except the root."""
        waiting, seen = [self.root.child], {0}
        while waiting:
            number = waiting.pop()
            if number == _NONE:
                continue
            if number >= len(self.entries) or number in seen:
                raise broken("The file is damaged: its directory is not a tree")
            seen.add(number)
            entry = self.entries[number]
            if entry.kind not in (STORAGE, STREAM):
                raise broken("The file is damaged: an entry of its directory is missing")
            yield entry
            waiting += entry.left, entry.right
            if entry.kind == STORAGE:
                waiting.append(entry.child)

    def read(self, entry: Entry, most: int) -> bytes:
        """Return the first bytes of a stream that `check` has found to be whole."""
        if entry.size < self.cutoff:
            sectors = self._follow(self._mini_table, entry.start, most // self.mini_bytes + 1)
            places = [self._mini_place(number) for number in sectors]
            data = b"".join(self._read(place, self.mini_bytes) for place in places)
        else:
            sectors = self._follow(self._table, entry.start, most // self.sector_bytes + 1)
            data = b"".join(self._sector(number) for number in sectors)
        return data[: min(most, entry.size)]

    def check(self, entry: Entry) -> None:
        """Follow a stream to its end."""
        what = "one of its streams"
        if not entry.size:
            return
        if entry.size >= self.cutoff:
            self.chain(entry.start, entry.size, what)
            return
        needed = -(-entry.size // self.mini_bytes)
        sectors = list(self._follow(self._mini_table, entry.start, len(self._mini_table)))
        if len(sectors) < needed:
            raise _shorter(what)
        _mark(self._mini_used, sectors)
        left = entry.size
        for number in sectors[:needed]:
            self._expect(self._mini_place(number) + min(left, self.mini_bytes))
            left -= self.mini_bytes

    def chain(self, start: int, size: int | None, what: str) -> list[int]:
        """Return the numbers of the sectors of what starts there and has `size` bytes if known."""
        if size == 0:
            return []
        sectors = list(self._follow(self._table, start, self._count))
        _mark(self._used, sectors)
        needed = len(sectors) if size is None else -(-size // self.sector_bytes)
        if len(sectors) < needed:
            raise _shorter(what)
        if sectors and size is not None and needed:
            last = (sectors[needed - 1] + 1) * self.sector_bytes
            self._expect(last + (size - 1) % self.sector_bytes + 1)
        return sectors

    def _follow(self, table: "array[int]", number: int, most: int) -> Iterator[int]:
        while number < _LAST_SECTOR and most > 0:
            if number >= len(table):
                if table is self._table:
                    self._expect((number + 1) * self.sector_bytes + 1)
                raise broken("The file is damaged: a stream in it leads to no sector")
            yield number
            number = table[number]
            most -= 1

    def _mini_place(self, number: int) -> int:
        sector, rest = divmod(number * self.mini_bytes, self.sector_bytes)
        if sector >= len(self._mini_stream):
            raise _shorter("its small streams")
        return (self._mini_stream[sector] + 1) * self.sector_bytes + rest

    def _read_table(self, header: bytes, tables: int, more: int) -> "array[int]":
        if tables > self._count:
            self._expect((tables + 1) * self.sector_bytes)
        places = list(struct.unpack(f"<{_IN_HEADER}I", header[_HEADER.size : _HEADER_BYTES]))
        seen = 0
        while more < _LAST_SECTOR and len(places) < tables:
            seen += 1
            if seen > self._count:
                raise broken("The file is damaged: its sector table has no end")
            *further, more = self._numbers([more])
            places += further
        table = self._numbers(places[:tables])
        behind = [number for number in range(self._count, len(table)) if table[number] != _NONE]
        if behind:
            self._expect((behind[-1] + 2) * self.sector_bytes)
        self.ends_early = bool(
            self._size % self.sector_bytes and table[self._count - 1 : self._count] != _FREE
        )
        return table[: self._count]

    def _read_directory(self, start: int) -> Iterator[Entry]:
        for number in self.chain(start, None, _DIRECTORY):
            sector = self._sector(number)
            self._expect((number + 1) * self.sector_bytes + _ENTRY_BYTES)
            for at in range(0, len(sector) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
                yield self._entry(sector[at : at + _ENTRY_BYTES])

    def _entry(self, raw: bytes) -> Entry:
        length, kind, left, right, child = struct.unpack_from("<HBxIII", raw, 64)
        start, size = struct.unpack_from("<IQ", raw, 116)
        if self.sector_bytes == 512:
            size &= 0xFFFFFFFF  # the other half is not used, and not always zero
        name = raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        return Entry(name, kind, left, right, child, raw[80:96], start, size)

    def _numbers(self, sectors: list[int]) -> "array[int]":
        numbers = array("I")
        for sector in sectors:
            if sector >= _LAST_SECTOR:
                raise broken("The file is damaged: its sector table is not complete")
            self._expect((sector + 2) * self.sector_bytes)
            numbers.frombytes(self._sector(sector))
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers

    def _sector(self, number: int) -> bytes:
        return self._read((number + 1) * self.sector_bytes, self.sector_bytes)

    def _read(self, place: int, count: int) -> bytes:
        self._stream.seek(place)
        return self._stream.read(count)

    def _expect(self, end: int) -> None:
        if end > self._size:
            raise broken(
                f"The file is cut off: it should have {end:,} bytes or more and has {self._size:,}"
            )


def _mark(used: bytearray, sectors: list[int]) -> None:
    for number in sectors:
        if used[number]:
            raise broken("The file is damaged: two of its streams lead to the same sector")
        used[number] = 1


def _shorter(what: str) -> Exception:
    return broken(f"The file is damaged: the sectors of {what} end too early")
