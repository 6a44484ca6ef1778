"""Walks the blocks of RAR archives of the versions 1.5 to 4."""

import struct
import zlib

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import broken
from jobs.operations.verify.packed.rar_blocks import Member, Walked, check_inside, damaged_header

START = b"Rar!\x1a\x07\x00"
_MAIN, _FILE, _SERVICE, _END = 0x73, 0x74, 0x7A, 0x7B
_CHECKED = frozenset({_MAIN, _FILE, _SERVICE, _END})
_FIRST_TYPE, _LAST_TYPE = 0x72, 0x7B
_BLOCK = struct.Struct("<HBHH")
_FILE_FIELDS = struct.Struct("<IIBIIBBHI")
_FILE_BYTES = _BLOCK.size + _FILE_FIELDS.size
_VERSION_AT = 24
_MAIN_BYTES = _BLOCK.size + 6
_LONG = 0x8000
_MAIN_VOLUME, _MAIN_COMMENT, _MAIN_LOCKED, _SOLID = 0x1, 0x2, 0x80, 0x8
_SPLIT, _LOCKED, _COMMENT, _DEPENDS, _LARGE = 0x3, 0x4, 0x8, 0x10, 0x100
_SPLIT_AFTER = 0x2
_STORED = 0x30
_READABLE = frozenset({29, 36})
"""libarchive unpacks what these versions of the packer have written. The first is of RAR 3."""
"""It reads neither solid archives nor those with comments inside of headers."""
_FIRST_WITH_END = 29


def walk(content: Content) -> Walked:
    """Return what is in the archive. Raises ItemFailed for damage and encrypted headers."""
    found = Walked()
    place, last, odd, newest = len(START), "", False, 0
    while place < content.size:
        header = content.read_at(place, _BLOCK.size)
        if len(header) < _BLOCK.size:
            check_inside(content, place + _BLOCK.size, last)
        crc, kind, flags, size = _BLOCK.unpack(header)
        if not _FIRST_TYPE <= kind <= _LAST_TYPE or size < _BLOCK.size:
            raise damaged_header(last)
        check_inside(content, place + size, last)
        header = content.read_at(place, size)
        if kind in _CHECKED and zlib.crc32(_summed(header, kind, flags)) & 0xFFFF != crc:
            raise damaged_header(last)
        data = place + size
        place = data + _added(header, kind, flags)
        check_inside(content, place, last)
        if kind == _MAIN:
            found.volume = bool(flags & _MAIN_VOLUME)
            odd = bool(flags & (_SOLID | _MAIN_COMMENT))
            if flags & _MAIN_LOCKED:
                raise broken("Protected by a password: its list of members cannot be read")
        elif kind == _FILE:
            member = _member(header, flags, (data, place - data), odd)
            found.members.append(member)
            last, newest = member.name, max(newest, header[_VERSION_AT])
        elif kind == _END:
            found.end = place
            return found
    if newest < _FIRST_WITH_END:
        found.end = place  # RAR 1 and 2 wrote no end mark
    return found


def _summed(header: bytes, kind: int, flags: int) -> bytes:
    """Return the part of a header that its checksum covers: a comment in it has its own."""
    if kind == _MAIN and flags & _MAIN_COMMENT:
        return header[2:_MAIN_BYTES]
    if kind == _FILE and flags & _COMMENT and len(header) >= _FILE_BYTES:
        name = int.from_bytes(header[26:28], "little")
        return header[2 : _FILE_BYTES + (8 if flags & _LARGE else 0) + name]
    return header[2:]


def _added(header: bytes, kind: int, flags: int) -> int:
    """Return the length of the data after a header."""
    if not flags & _LONG and kind != _FILE:
        return 0
    low = int.from_bytes(header[7:11], "little")
    high = header[_FILE_BYTES : _FILE_BYTES + 4] if flags & _LARGE else b""
    is_file = kind in (_FILE, _SERVICE)
    return low | int.from_bytes(high, "little") << 32 if is_file else low


def _member(header: bytes, flags: int, data: tuple[int, int], odd: bool) -> Member:
    if len(header) < _FILE_BYTES:
        raise damaged_header("")
    fields = _FILE_FIELDS.unpack_from(header, _BLOCK.size)
    crc, version, method, name_length = fields[3], fields[5], fields[6], fields[7]
    start = _FILE_BYTES + (8 if flags & _LARGE else 0)
    name = header[start : start + name_length].partition(b"\0")[0].decode(errors="replace")
    stored = method == _STORED
    return Member(
        name,
        data,
        crc,
        None,
        # The checksum of a part that continues is that of its packed bytes.
        plain=(stored and not flags & _SPLIT) or bool(flags & _SPLIT_AFTER),
        size=fields[1] if not flags & _LARGE else None,
        link=False,
        split=bool(flags & _SPLIT),
        locked=bool(flags & _LOCKED),
        readable=(stored or version in _READABLE) and not (odd or flags & (_DEPENDS | _COMMENT)),
    )
