"""Checks that every item of a HEIC or AVIF file lies inside the file."""

import io
from collections.abc import Iterator
from typing import IO

from jobs.operations.verify.boxed import find_boxes
from jobs.operations.verify.limits import broken

_IN_FILE = 0
_MOST_META_BYTES = 64 * 1024 * 1024
_NOT_VALID = "The picture is damaged: its list of items is not valid"


def check_extents(stream: IO[bytes], size: int) -> None:
    """Raise ItemFailed if the file ends before an item does, or its list cannot be read."""
    for start, length in find_boxes(stream, 0, size, b"meta"):
        if length > _MOST_META_BYTES:
            raise broken(_NOT_VALID)
        stream.seek(start)
        meta = io.BytesIO(stream.read(length))
        for place, count in find_boxes(meta, 4, length, b"iloc"):
            meta.seek(place)
            reader = _Reader(meta.read(count))
            for end in reader.ends():
                if end > size:
                    raise broken(
                        f"The picture is cut off: its data ends at byte {end:,}, and the file "
                        f"has {size:,}"
                    )


class _Reader:
    """Reads the numbers of the box “iloc”, whose sizes it states itself."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def ends(self) -> Iterator[int]:
        """Yield where each extent in the file ends."""
        version = self._take(4) >> 24
        sizes = self._take(2)
        offset, length, base, index = ((sizes >> shift) & 15 for shift in (12, 8, 4, 0))
        for _ in range(self._take(2 if version < 2 else 4)):
            self._take(2 if version < 2 else 4)
            method = self._take(2) & 15 if version in (1, 2) else _IN_FILE
            elsewhere = self._take(2)
            start = self._take(base)
            for _ in range(self._take(2)):
                if version in (1, 2):
                    self._take(index)
                place, count = self._take(offset), self._take(length)
                if method == _IN_FILE and not elsewhere:
                    yield start + place + count

    def _take(self, count: int) -> int:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise broken(_NOT_VALID)
        self._at += count
        return int.from_bytes(taken, "big")
