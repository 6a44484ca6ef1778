"""Walks through the blocks of a WavPack file, whose decoder does not miss those at the end."""

import struct
from typing import IO

from jobs.operations.verify.limits import broken

_HEADER = struct.Struct("<4sIHBBIIIII")
_MARK = b"wvpk"
_UNKNOWN_TOTAL = 0xFFFFFFFF
_NOT_IN_THE_SIZE = 8
_CUT_OFF = "The sound is cut off: it has {found:,} of {total:,} samples"


def check_blocks(stream: IO[bytes], size: int) -> None:
    """Raise ItemFailed for a file that ends inside a block, or has fewer samples than it says.

    A tag may follow the last block, and a block that begins with other bytes ends the walk: the
    decoder judges those.
    """
    place = samples = total = 0
    while len(head := stream.read(_HEADER.size)) == _HEADER.size and head.startswith(_MARK):
        _, length, _, high, total_high, low_total, low, count, *_ = _HEADER.unpack(head)
        place += _NOT_IN_THE_SIZE + length
        if count:
            samples = max(samples, (high << 32 | low) + count)
        if not total and low_total != _UNKNOWN_TOTAL:
            total = low_total + (total_high << 32) - total_high
        if place > size:
            raise broken(f"The file is cut off: it should have {place:,} bytes and has {size:,}")
        stream.seek(place)
    if samples < total:
        raise broken(_CUT_OFF.format(found=samples, total=total))
