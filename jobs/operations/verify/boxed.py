"""Finds boxes by name in files made of boxes."""

from collections.abc import Iterator
from typing import IO


def find_boxes(stream: IO[bytes], at: int, end: int, wanted: bytes) -> Iterator[tuple[int, int]]:
    """Yield place and length of the content of each box of a name between two places."""
    while at + 8 <= end:
        stream.seek(at)
        header = stream.read(16)
        length, start = int.from_bytes(header[:4], "big"), at + 8
        if length == 1:
            length, start = int.from_bytes(header[8:16], "big"), at + 16
        elif length == 0:
            length = end - at
        if length < start - at:
            return
        if header[4:8] == wanted:
            yield start, at + length - start
        at += length
