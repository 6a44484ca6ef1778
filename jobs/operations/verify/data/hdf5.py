"""Checks HDF5 files (also netCDF 4, MATLAB 7.3): their header, and that their end is there."""

import re
import struct

from jobs.operations.verify.content import Content
from jobs.operations.verify.declared import check_end
from jobs.operations.verify.kinds import hdf5_start
from jobs.operations.verify.limits import CannotCheck, Checked, broken, structure_only

_PART = re.compile(r"0{4,6}\.\w+$")
"""How the first file of a set is called. The others have no header."""
_NO_PLACE = 0xFFFFFFFFFFFFFFFF
_NOT_VALID = "The file is damaged: its header is not valid"
_MASK = 0xFFFFFFFF


def check_hdf5(content: Content, name: str) -> Checked:
    """Compare the length with that in the header. Raises ItemFailed for a file that is cut off.

    The data inside is not looked into. Raises CannotCheck for one of a set of files, which
    declares the length of all of them.
    """
    head = content.read_at(hdf5_start(content.head) or 0, 128)
    if len(head) < 48:
        raise broken("The file is cut off: its header is not complete")
    version = head[8]
    if version in (0, 1):
        offsets, place = head[13], 24 if version == 0 else 28
        *_, size, drivers = _numbers(head, place, offsets, 4)
        if offsets == 8 and drivers != _NO_PLACE:
            raise CannotCheck("it is one of several files of a set")
    elif version in (2, 3):
        offsets = head[9]
        size = _numbers(head, 12, offsets, 3)[2]
        end = 12 + 4 * offsets
        (checksum,) = struct.unpack_from("<I", head, end)
        if lookup3(head[:end]) != checksum:
            raise broken("The file is damaged: the checksum of its header does not match")
    else:
        raise CannotCheck("its version is not known here")
    if size > content.size and _PART.search(name):
        raise CannotCheck("it seems to be one of several files of a set")
    check_end(size, content.size)
    return structure_only("the data in it is not looked into")


def _numbers(head: bytes, place: int, width: int, count: int) -> list[int]:
    if width not in (2, 4, 8):
        raise broken(_NOT_VALID)
    return [
        int.from_bytes(head[at : at + width], "little")
        for at in range(place, place + count * width, width)
    ]


def lookup3(data: bytes) -> int:
    """Return the checksum of HDF5: Bob Jenkins' hash “lookup3” of the bytes, from 0."""
    a = b = c = (0xDEADBEEF + len(data)) & _MASK
    at = 0
    while len(data) - at > 12:
        one, two, three = struct.unpack_from("<III", data, at)
        a, b, c = _mix((a + one) & _MASK, (b + two) & _MASK, (c + three) & _MASK)
        at += 12
    rest = data[at:]
    if not rest:
        return c
    one, two, three = struct.unpack("<III", rest.ljust(12, b"\0"))
    return _final((a + one) & _MASK, (b + two) & _MASK, (c + three) & _MASK)


def _turned(value: int, by: int) -> int:
    return (value << by | value >> 32 - by) & _MASK


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for by in (4, 6, 8, 16, 19, 4):
        a = ((a - c) & _MASK) ^ _turned(c, by)
        c = (c + b) & _MASK
        a, b, c = b, c, a
    return a, b, c


def _final(a: int, b: int, c: int) -> int:
    for by in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - _turned(b, by)) & _MASK
        a, b, c = b, c, a
    return b
