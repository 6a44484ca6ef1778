"""Checks arrays of NumPy (npy): every value is there. They have no checksum."""

import re
import struct
from ast import literal_eval
from typing import IO

import numpy as np

from jobs.operations.verify.content import Content
from jobs.operations.verify.declared import check_end
from jobs.operations.verify.limits import CannotCheck, Checked, broken

_MARK = b"\x93NUMPY"
_MOST_HEADER_BYTES = 1024 * 1024
_LONG = re.compile(r"(\d)L\b")
"""A long number as Python 2 has written it."""
_NOT_VALID = "The array is damaged: its header is not valid"


def check_npy(content: Content) -> Checked:
    """Compare the length with that of the arrays. Raises ItemFailed for a file that is cut off.

    Programs also write one array after the other into a file. Objects of Python are not loaded.
    """
    with content.open() as stream:
        at = 0
        while at < content.size:
            stream.seek(at)
            if at and stream.read(len(_MARK)) != _MARK:
                return Checked({}, "other data follows its end", depth="structure")
            stream.seek(at)
            start, length = _array(stream)
            at += start + length
            check_end(at, content.size)
    return Checked({}, depth="structure")


def _array(stream: IO[bytes]) -> tuple[int, int]:
    """Return how long the header and the values of the array are that starts here."""
    head = stream.read(12)
    if len(head) < 10:
        raise broken("The array is cut off: its header is not complete")
    wide = head[6] >= 2
    (length,) = struct.unpack_from("<I" if wide else "<H", head.ljust(12, b"\0"), 8)
    start = 12 if wide else 10
    stream.seek(start - len(head), 1)
    text = stream.read(min(length, _MOST_HEADER_BYTES + 1))
    if len(text) < length:
        if length > _MOST_HEADER_BYTES:
            raise CannotCheck("its header is too long to be read")
        raise broken("The array is cut off: its header is not complete")
    shape, dtype = _described(text, latin=head[6] < 3)
    if dtype.hasobject:
        raise CannotCheck("it holds objects of Python, which are not loaded")
    count = 1
    for side in shape:
        count *= side
    return start + length, count * dtype.itemsize


def _described(text: bytes, *, latin: bool) -> tuple[tuple[int, ...], "np.dtype[np.generic]"]:
    """Return shape and type of the values."""
    try:
        described = literal_eval(
            _LONG.sub(r"\1", text.decode("latin-1" if latin else "utf-8").strip())
        )
        shape, form = described["shape"], described["descr"]
        dtype = np.lib.format.descr_to_dtype(form)
        if not all(isinstance(side, int) and side >= 0 for side in shape):
            raise broken(_NOT_VALID)
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError):
        raise broken(_NOT_VALID) from None
    return tuple(shape), dtype
