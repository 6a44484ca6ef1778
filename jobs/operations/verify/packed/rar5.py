"""Walks the blocks of RAR archives of version 5 and later."""

import zlib

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import broken
from jobs.operations.verify.packed.rar_blocks import Member, Walked, check_inside, damaged_header

START = b"Rar!\x1a\x07\x01\x00"
_MAIN, _FILE, _SERVICE, _LOCK, _END = 1, 2, 3, 4, 5
_EXTRA, _DATA, _SPLIT_BEFORE, _SPLIT_AFTER = 0x1, 0x2, 0x8, 0x10
_VOLUME = 0x1
_HAS_TIME, _HAS_CRC, _SIZE_UNKNOWN = 0x2, 0x4, 0x8
_EXTRA_LOCK, _EXTRA_HASH, _EXTRA_LINK = 1, 2, 5
_BLAKE2 = b"\0"
_VERSION, _METHOD_SHIFT, _METHOD = 0x3F, 7, 0x7
_MOST_BYTES = 2 * 1024**2 + 16


class _Numbers:
    """Reads the numbers of a header: seven bits a byte, the last without the eighth."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def next(self) -> int:
        """Raises IndexError at the end of the header, and for a number of more than ten bytes."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value
        raise IndexError

    def take(self, count: int) -> bytes:
        """Raises IndexError if there are fewer bytes."""
        taken = self.data[self.at : self.at + count]
        if len(taken) < count:
            raise IndexError
        self.at += count
        return taken


def walk(content: Content) -> Walked:
    """Return what is in the archive. Raises ItemFailed for damage and encrypted headers."""
    found = Walked()
    place, last = len(START), ""
    while place < content.size:
        try:
            header, data = _header(content, place, last)
            kind, flags = header.next(), header.next()
            extra = header.next() if flags & _EXTRA else 0
            length = header.next() if flags & _DATA else 0
            place = data + length
            check_inside(content, place, last)
            if kind == _LOCK:
                raise broken("Protected by a password: its list of members cannot be read")
            if kind == _MAIN:
                found.volume = bool(header.next() & _VOLUME)
            elif kind == _FILE:
                member = _member(header, flags, extra, (data, length))
                found.members.append(member)
                last = member.name
            elif kind == _SERVICE:
                found.services.append(_member(header, flags, extra, (data, length)))
            elif kind == _END:
                found.end = place
                break
        except IndexError:
            raise damaged_header(last) from None
    return found


def _header(content: Content, place: int, last: str) -> tuple[_Numbers, int]:
    """Return the checked header at a place, after its length, and the place behind it."""
    start = content.read_at(place, 4 + 3)
    if len(start) < 4 + 3:
        check_inside(content, place + 4 + 3, last)
    length = _Numbers(start[4:])
    size = length.next()
    end = place + 4 + length.at + size
    if size > _MOST_BYTES:
        raise damaged_header(last)
    check_inside(content, end, last)
    summed = content.read_at(place + 4, length.at + size)
    if zlib.crc32(summed) != int.from_bytes(start[:4], "little"):
        raise damaged_header(last)
    return _Numbers(summed[length.at :]), end


def _member(header: _Numbers, flags: int, extra: int, data: tuple[int, int]) -> Member:
    fields, size = header.next(), header.next()
    header.next()  # attributes
    if fields & _HAS_TIME:
        header.take(4)
    crc = int.from_bytes(header.take(4), "little") if fields & _HAS_CRC else None
    packing = header.next()
    header.next()  # operating system
    name = header.take(header.next()).decode(errors="replace")
    extras = _extras(header.data[len(header.data) - extra :]) if extra else {}
    split = bool(flags & (_SPLIT_BEFORE | _SPLIT_AFTER))
    stored = not packing >> _METHOD_SHIFT & _METHOD
    hashed = extras.get(_EXTRA_HASH, b"")
    return Member(
        name,
        data,
        crc,
        hashed[1:] if hashed[:1] == _BLAKE2 else None,
        # The checksum of a part that continues is that of its packed bytes.
        plain=(stored and not split and _EXTRA_LINK not in extras) or bool(flags & _SPLIT_AFTER),
        size=None if fields & _SIZE_UNKNOWN else size,
        link=_EXTRA_LINK in extras,
        split=split,
        locked=_EXTRA_LOCK in extras,
        readable=not packing & _VERSION,
    )


def _extras(data: bytes) -> dict[int, bytes]:
    """Return the records at the end of a header, by their kinds."""
    extras = {}
    numbers = _Numbers(data)
    while numbers.at < len(data):
        end = numbers.next() + numbers.at
        kind = numbers.next()
        extras[kind] = data[numbers.at : end]
        numbers.at = end
    return extras
