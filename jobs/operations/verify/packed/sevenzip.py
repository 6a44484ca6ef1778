"""Checks 7-Zip archives: the checksum of the list of members, then every member."""

import zlib

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import (
    CannotCheck,
    Checked,
    Limits,
    Meter,
    broken,
    structure_only,
)
from jobs.operations.verify.packed.libarchive import Members, Unsupported

_HEADER_BYTES = 32
_PIECE_BYTES = 256 * 1024


def check_sevenzip(content: Content, limits: Limits) -> Checked:
    """Return the number of members of a whole archive. Raises ItemFailed for a broken one.

    Its length was compared with the declared one before.
    """
    _check_list(content)
    meter = Meter(limits, content.size)
    try:
        members = Members(content, "7-Zip archive", ("7zip",))
        members.check(meter)
    except CannotCheck as reason:
        return structure_only(reason)
    except Unsupported:
        return structure_only("it is packed by a method that cannot be unpacked here")
    return Checked({"members": members.count, "unpacked_bytes": meter.unpacked})


def _check_list(content: Content) -> None:
    """Compare the checksum of the list of members at the end of the file."""
    head = content.head
    place, size = (int.from_bytes(head[at : at + 8], "little") for at in (12, 20))
    place += _HEADER_BYTES
    end, found = place + size, 0
    while place < end and (piece := content.read_at(place, min(_PIECE_BYTES, end - place))):
        found = zlib.crc32(piece, found)
        place += len(piece)
    if found != int.from_bytes(head[28:32], "little"):
        raise broken("The archive is damaged: the checksum of its list of members does not match")
