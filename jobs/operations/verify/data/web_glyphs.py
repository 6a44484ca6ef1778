"""Checks the outlines of a WOFF2 font, which has no checksums: do their streams fit each other?

The table “glyf” is taken apart into streams: one has the number of contours of each glyph, the next
the number of points of each contour, then come the flags of all points, and so on.
"""

import struct
from itertools import pairwise

import numpy as np

_HEADER = struct.Struct(">HHHH7I")
_HAS_OVERLAPS = 1
_BYTES_OF_POINT = np.repeat(np.array([1, 2, 3, 4]), [84, 36, 4, 4])
"""How many bytes the place of a point takes, by the lower seven bits of its flag."""
_BOX_BYTES = 8
_MOST_BYTES = 32 * 1024**2
"""Looking at a table takes sixteen times its size in memory. Tables of all glyphs are smaller."""


def streams_are_odd(table: bytes) -> bool:
    """Return True if the streams of a transformed table “glyf” do not fit each other.

    Raises IndexError if one of them ends within a number.
    """
    if len(table) > _MOST_BYTES:
        return False
    if len(table) < _HEADER.size:
        return True
    _, options, glyphs, _, *sizes = _HEADER.unpack_from(table)
    overlaps = (glyphs + 7) // 8 if options & _HAS_OVERLAPS else 0
    if _HEADER.size + sum(sizes) + overlaps > len(table):
        return True
    ends = np.cumsum([_HEADER.size, *sizes])
    counts, points, flags, places, composites, boxes, _ = (
        table[start:end] for start, end in pairwise(ends)
    )
    if len(counts) != 2 * glyphs:
        return True
    contours = np.frombuffer(counts, ">i2").astype("i8")
    if bool((contours < -1).any()) or (not composites and bool((contours < 0).any())):
        return True
    return (
        not _places_fit(contours[contours > 0], points, flags, places)
        or _has_odd_boxes(boxes, contours)
    )


def _places_fit(contours: np.ndarray, points: bytes, flags: bytes, places: bytes) -> bool:
    """Return True if the places of all points lie in their stream.

    Behind the points of each glyph follows how long its instructions are.
    """
    counts: list[int] = []
    at = 0
    while at < len(points):
        count, at = short_number(points, at)
        counts.append(count)
    if len(counts) != contours.sum() or sum(counts) != len(flags):
        return False
    lengths = np.cumsum(np.append(0, _BYTES_OF_POINT[np.frombuffer(flags, "u1") & 127]))
    first = np.append(0, np.cumsum(counts, dtype="i8"))[np.append(0, np.cumsum(contours))]
    at = 0
    for length in np.diff(lengths[first]).tolist():
        at += length
        if at >= len(places):
            return False
        _, at = short_number(places, at)
    return True


def short_number(data: bytes, at: int) -> tuple[int, int]:
    """Return a number in the form 255UInt16, and where it ends. Raises IndexError."""
    code = data[at]
    if code == 253:
        return data[at + 1] << 8 | data[at + 2], at + 3
    if code in (254, 255):
        return data[at + 1] + (506 if code == 254 else 253), at + 2
    return code, at + 1


def _has_odd_boxes(stream: bytes, contours: np.ndarray) -> bool:
    """Return True if the boxes do not fill the stream, or a glyph has one that can have none.

    A bit for each glyph says whether it has a box, which every glyph made of others needs.
    """
    length = (len(contours) + 31) // 32 * 4
    if len(stream) < length:
        return True
    bits = np.unpackbits(np.frombuffer(stream[:length], "u1"))[: len(contours)].astype(bool)
    if len(stream) != length + _BOX_BYTES * int(bits.sum()):
        return True
    return bool((bits & (contours == 0)).any() or (~bits & (contours < 0)).any())
