"""What the walks through the two formats of RAR archives have in common."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from isal import isal_zlib

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import broken, shown

_PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """A member, or the part of one that is in this volume.

    data      place and length of its packed content
    crc       the checksum of `data`, if that is what was recorded; else None
    stored    not packed
    split     continues in another volume
    locked    encrypted
    readable  packed by a version of RAR that libarchive knows
    """

    name: str
    data: tuple[int, int]
    crc: int | None
    stored: bool
    split: bool
    locked: bool
    readable: bool


@dataclass(slots=True)
class Walked:
    """What was found on the way to the end mark. `end` is the place after it, or None."""

    members: list[Member] = field(default_factory=list)
    volume: bool = False
    end: int | None = None


def check_stored(content: Content, members: list[Member]) -> None:
    """Compare the checksums of bytes that are in the file as they are. Raises ItemFailed."""
    for member in members:
        if member.crc is None or member.locked:
            continue
        found = 0
        for piece in _pieces(content, *member.data):
            found = isal_zlib.crc32(piece, found)
        if found != member.crc:
            raise broken(f"Damaged: the checksum of member {shown(member.name)} does not match")


def check_inside(content: Content, end: int, last: str) -> None:
    """Raise ItemFailed if a block ends behind the file."""
    if end > content.size:
        raise broken(f"The RAR archive is cut off{_after(last)}")


def damaged_header(last: str) -> Exception:
    return broken(f"The RAR archive is damaged: a header is not valid{_after(last)}")


def _after(last: str) -> str:
    return f" after the member {shown(last)}" if last else ""


def _pieces(content: Content, place: int, length: int) -> Iterator[bytes]:
    end = place + length
    while place < end and (piece := content.read_at(place, min(_PIECE_BYTES, end - place))):
        yield piece
        place += len(piece)
