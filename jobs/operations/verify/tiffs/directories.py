"""Reads the directories of TIFF files: pages, and the pictures inside a page (SubIFDs)."""

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from jobs.operations.verify.limits import broken

SUB_DIRECTORIES = 330
_CODES = {1: "B", 3: "H", 4: "I", 7: "B", 13: "I", 16: "Q", 18: "Q"}
"""Types of whole numbers, and of bytes, by their number in the file."""

_BIG_MARKS = (b"II+\0", b"MM\0+")
_MOST_DIRECTORIES = 100_000
_MOST_ENTRIES = 4096


@dataclass(frozen=True, slots=True)
class Directory:
    """What one directory says: its tags, each with type, count, and value or place."""

    tags: dict[int, tuple[int, int, bytes]]
    reader: "Directories"

    def __contains__(self, tag: int) -> bool:
        return tag in self.tags

    def count(self, tag: int) -> int:
        """Return how many values a tag has, without reading them."""
        return self.tags[tag][1] if tag in self.tags else 0

    def numbers(self, tag: int, default: Sequence[int] = ()) -> Sequence[int]:
        """Return all numbers of a tag. Raises ItemFailed if they lie outside the file."""
        if tag not in self.tags:
            return default
        return self.reader.numbers(*self.tags[tag])

    def number(self, tag: int, default: int = 0) -> int:
        """Return the first number of a tag."""
        values = self.numbers(tag)
        return values[0] if values else default

    def data(self, tag: int) -> bytes:
        """Return the bytes of a tag, empty if it is missing."""
        return bytes(self.numbers(tag)) if self.tags.get(tag, (0,))[0] in (1, 7) else b""


class Directories:
    """Reads directories of classic and big TIFF files, in both byte orders."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self._size = size
        stream.seek(0)
        head = stream.read(16).ljust(16, b"\0")
        self._order = "little" if head[:2] == b"II" else "big"
        self._sign = "<" if self._order == "little" else ">"
        self._big = head[:4] in _BIG_MARKS
        self._first = self._number(head[8:16] if self._big else head[4:8])
        self._seen: set[int] = set()

    def pages(self) -> Iterator[Directory]:
        """Yield the directories of the chain that starts in the header."""
        yield from self._chain(self._first)

    def inside(self, directory: Directory) -> Iterator[Directory]:
        """Yield the directories below one, of every depth."""
        for place in directory.numbers(SUB_DIRECTORIES):
            for below in self._chain(place):
                yield below
                yield from self.inside(below)

    def numbers(self, kind: int, count: int, value: bytes) -> Sequence[int]:
        """Return the numbers of an entry. They stay packed: a slide has millions of tiles."""
        code = _CODES.get(kind)
        if code is None:
            return ()
        values = array(code)
        length = count * values.itemsize
        if length > len(value):
            if length > self._size:
                raise broken("The picture is damaged: a list in it is longer than the file")
            value = self._read(self._number(value), length)
        values.frombytes(value[:length])
        if self._order != sys.byteorder:
            values.byteswap()
        return values

    def _chain(self, place: int) -> Iterator[Directory]:
        while place and place not in self._seen and len(self._seen) < _MOST_DIRECTORIES:
            self._seen.add(place)
            count_size, entry_size, offset_size = (8, 20, 8) if self._big else (2, 12, 4)
            count = min(self._number(self._read(place, count_size)), _MOST_ENTRIES)
            entries = self._read(place + count_size, count * entry_size)
            yield Directory(self._tags(entries, entry_size), self)
            # Cameras leave out the place of the next directory where there is none.
            next_at = place + count_size + len(entries)
            known = next_at + offset_size <= self._size
            place = self._number(self._read(next_at, offset_size)) if known else 0

    def _tags(self, entries: bytes, entry_size: int) -> dict[int, tuple[int, int, bytes]]:
        form = struct.Struct(self._sign + ("HHQ8s" if self._big else "HHI4s"))
        found: dict[int, tuple[int, int, bytes]] = {}
        for tag, kind, count, value in form.iter_unpack(entries):
            found.setdefault(tag, (kind, count, value))
        return found

    def _read(self, place: int, count: int) -> bytes:
        # Asked first: a place beyond 63 bits cannot be sought.
        if place + count <= self._size:
            self._stream.seek(place)
            data = self._stream.read(count)
            if len(data) == count:
                return data
        raise broken("The picture is cut off: its list of pages is not complete")

    def _number(self, data: bytes) -> int:
        return int.from_bytes(data, "little" if self._order == "little" else "big")
