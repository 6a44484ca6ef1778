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
    crc       the checksum that was recorded, or None
    blake2    another one in its place, or None
    plain     `crc` is that of the bytes in the file: the content is not packed, or continues
    size      bytes when unpacked, or None
    link      to another member, without content
    split     continues in another volume
    locked    encrypted
    readable  packed by a version of RAR that libarchive knows
    """

    name: str
    data: tuple[int, int]
    crc: int | None
    blake2: bytes | None
    plain: bool
    size: int | None
    link: bool
    split: bool
    locked: bool
    readable: bool


@dataclass(slots=True)
class Walked:
    """What was found on the way to the end mark. `end` is the place after it, or None.

    services  comments, lists of members for quick opening and the like
    """

    members: list[Member] = field(default_factory=list)
    services: list[Member] = field(default_factory=list)
    volume: bool = False
    end: int | None = None


def check_stored(content: Content, members: list[Member]) -> None:
    """Compare the checksums of bytes that are in the file as they are. Raises ItemFailed."""
    for member in members:
        if member.plain and not member.locked:
            check_sum(member, _pieces(content, *member.data))


def check_sum(member: Member, pieces: Iterator[bytes] | Iterator[memoryview]) -> int:
    """Return the length of the pieces, after comparing their checksum. Raises ItemFailed."""
    length = found = 0
    blake2 = None
    if member.blake2:
        from jobs.operations.verify.packed.blake2sp import Blake2sp  # loads NumPy

        blake2 = Blake2sp()
    for piece in pieces:
        length += len(piece)
        if blake2:
            blake2.update(piece)
        else:
            found = isal_zlib.crc32(piece, found)
    if (member.crc is not None and not blake2 and found != member.crc) or (
        blake2 and blake2.digest() != member.blake2
    ):
        raise broken(f"Damaged: the checksum of member {shown(member.name)} does not match")
    return length


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
