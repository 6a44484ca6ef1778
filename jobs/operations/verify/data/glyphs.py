"""Checks the outlines of TrueType fonts, whose checksums do not see blocks that were swapped."""

import numpy as np

_HEAD_BYTES = 54
_HEADER_BYTES = 10
_LONG_PLACES = 50
"""Place in the table “head” of the form of the places in “loca”."""


def outlines_are_odd(head: bytes, loca: bytes, glyf: bytes) -> bool:
    """Return True if a glyph does not lie in its table, or its box is turned inside out.

    A glyph starts with its number of contours, -1 for one made of others, and with its box: the
    smallest x and y, then the largest.
    """
    if len(head) < _HEAD_BYTES:
        return True
    is_long = head[_LONG_PLACES : _LONG_PLACES + 2] != b"\0\0"
    width = 4 if is_long else 2
    usable = len(loca) // width * width
    places = np.frombuffer(loca[:usable], ">u4" if is_long else ">u2").astype("i8")
    places = places if is_long else places * 2
    starts, lengths = places[:-1], np.diff(places)
    if len(places) and (int(places.max()) > len(glyf) or bool((lengths < 0).any())):
        return True
    starts = starts[lengths >= _HEADER_BYTES]
    if not len(starts):
        return False
    data = np.frombuffer(glyf, "u1")
    headers = data[starts[:, None] + np.arange(_HEADER_BYTES)].copy().view(">i2")
    contours, left, low, right, high = headers.T
    return bool(((left > right) | (low > high) | (contours < -1)).any())
