"""Shows one page of a TIFF picture to a library as if it were the only one."""

import os
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Where one page's directory starts, and which bytes of it say where the next one is."""

    start: bytes
    next_at: int


class OnePage:
    """The file as if this page were its only one, for libraries that read and seek.

    A library that is asked for the page of a number goes through all pages before it, and counts
    those behind it. For all pages that takes time that grows with the square of their number.
    """

    def __init__(self, read_at: Callable[[int, int], bytes], size: int, page: Page) -> None:
        self._read_at = read_at
        self._size = size
        self._place = 0
        width = len(page.start)
        self._replaced = ((8 if width == 8 else 4, page.start), (page.next_at, bytes(width)))

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, or fewer at the end."""
        piece = bytearray(self._read_at(self._place, count))
        for place, data in self._replaced:
            first = max(place, self._place)
            last = min(place + len(data), self._place + len(piece))
            if first < last:
                piece[first - self._place : last - self._place] = data[first - place : last - place]
        self._place += len(piece)
        return bytes(piece)

    def seek(self, offset: int, whence: int) -> int:
        """Return the new place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place
