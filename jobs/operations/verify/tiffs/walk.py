"""Checks that the pieces of a TIFF picture are present, and the checksums of deflated ones.

libtiff stops unpacking as soon as it has enough pixels, so it misses a wrong checksum.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import IO

from jobs.operations.verify.limits import Meter, broken
from jobs.operations.verify.tiffs.one_page import Page

_COMPRESSION, _FILL_ORDER, _STRIPS, _TILES = 259, 266, (273, 279), (324, 325)
_DEFLATED = (8, 32946)
_FORMATS = {3: "H", 4: "I", 13: "I", 16: "Q"}
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the other order, in which some programs store them."""
_MOST_PAGES = 100_000
_PIECE_BYTES = 256 * 1024


class Tiff:
    """Reads directories (pages) of classic and big TIFF files, in both byte orders."""

    def __init__(self, stream: IO[bytes], size: int, meter: Meter) -> None:
        self._stream = stream
        self._size = size
        self._meter = meter
        self.pages: list[Page] = []
        self.has_more = False
        head = stream.read(16).ljust(16, b"\0")
        self._order = "<" if head[:2] == b"II" else ">"
        self._big = self._unpack("H", head[2:4])[0] == 43
        self._first = self._offset(head[8:16] if self._big else head[4:8])

    def check(self) -> None:
        """Check every piece, and find the `pages`; `has_more` if they are not all.

        Raises ItemFailed for a piece that is cut off or damaged.
        """
        for page, tags in enumerate(self._directories(), 1):
            deflated = (tags.get(_COMPRESSION) or [1])[0] in _DEFLATED
            table = REVERSED if (tags.get(_FILL_ORDER) or [1])[0] == 2 else None
            for starts, lengths in (_STRIPS, _TILES):
                pieces = zip(tags.get(starts, []), tags.get(lengths, []), strict=False)
                for number, (start, length) in enumerate(pieces, 1):
                    self._meter.visit(length)
                    if start + length > self._size:
                        raise broken(
                            f"The picture is cut off: piece {number:,} of page {page:,} is missing"
                        )
                    if deflated and length and not self._is_whole(start, length, table):
                        raise broken(
                            f"The picture is damaged: piece {number:,} of page {page:,} is not "
                            "valid"
                        )

    def _directories(self) -> Iterator[dict[int, list[int]]]:
        """Yield the tags of each page."""
        seen: set[int] = set()
        place = self._first
        while place and place not in seen:
            if len(seen) == _MOST_PAGES:
                self.has_more = True
                return
            seen.add(place)
            count_format, entry_size, offset_size = ("Q", 20, 8) if self._big else ("H", 12, 4)
            count_size = struct.calcsize("=" + count_format)
            count = self._unpack(count_format, self._read(place, count_size))[0]
            count = min(count, 4096)
            entries = self._read(place + count_size, count * entry_size + offset_size)
            start = place.to_bytes(offset_size, "little" if self._order == "<" else "big")
            self.pages.append(Page(start, place + count_size + count * entry_size))
            yield self._tags(entries, count, entry_size)
            place = self._offset(entries[-offset_size:])

    def _tags(self, entries: bytes, count: int, entry_size: int) -> dict[int, list[int]]:
        """Return the tags needed here, with all their numbers."""
        found = {}
        for index in range(count):
            entry = entries[index * entry_size : (index + 1) * entry_size]
            tag, kind = self._unpack("HH", entry[:4])
            if tag not in (_COMPRESSION, _FILL_ORDER, *_STRIPS, *_TILES) or kind not in _FORMATS:
                continue
            number = self._offset(entry[4:12] if self._big else entry[4:8])
            value = entry[12:] if self._big else entry[8:]
            length = number * struct.calcsize("=" + _FORMATS[kind])
            if length > len(value):
                if length > self._size:
                    raise broken("The picture is damaged: a list in it is longer than the file")
                value = self._read(self._offset(value), length)
            found[tag] = list(self._unpack(f"{number}{_FORMATS[kind]}", value[:length]))
        return found

    def _is_whole(self, start: int, length: int, table: bytes | None) -> bool:
        """Return True if the piece unpacks to its checksum, after its bits were put in order."""
        inflate = zlib.decompressobj()
        self._stream.seek(start)
        try:
            while length and not inflate.eof:
                packed = self._stream.read(min(length, _PIECE_BYTES))
                length -= len(packed)
                packed = packed.translate(table) if table else packed
                while packed and not inflate.eof:
                    self._meter.add(len(inflate.decompress(packed, _PIECE_BYTES)))
                    packed = inflate.unconsumed_tail
        except zlib.error:
            return False
        return inflate.eof

    def _read(self, place: int, count: int) -> bytes:
        self._meter.visit(count)
        # Asked first: a place beyond 63 bits cannot be sought.
        if place + count <= self._size:
            self._stream.seek(place)
            data = self._stream.read(count)
            if len(data) == count:
                return data
        raise broken("The picture is cut off: its list of pages is not complete")

    def _offset(self, data: bytes) -> int:
        return int.from_bytes(data, "little" if self._order == "<" else "big")

    def _unpack(self, code: str, data: bytes) -> tuple[int, ...]:
        return struct.unpack(self._order + code, data)
