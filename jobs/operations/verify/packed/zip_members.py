"""Reads one member of a ZIP archive: its own header against the list, its content, its checksum.

Python's zipfile compares neither sizes nor checksum of a member's own header with the list, and
unpacks fewer methods.
"""

import bz2
import lzma
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import zstandard
from isal import isal_zlib

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, Meter, broken, shown
from jobs.operations.verify.packed import streams

_READ_BYTES = 64 * 1024
_PIECE_BYTES = 256 * 1024
_HEADER = struct.Struct("<4s2xHHxxxxIIIHH")
_HEADER_BYTES = 30
_MARK = b"PK\x03\x04"
_UTF8, _SIZES_FOLLOW = 0x800, 0x8
_ENCRYPTED, _PATCHED, _STRONGLY = 0x1, 0x20, 0x40
_OTHER_CONTENT = _ENCRYPTED | _PATCHED | _STRONGLY
"""What is packed is not the content itself."""
_UNICODE_PATH = 0x7075
_LEFT_OPEN = (0, 0xFFFFFFFF)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_ERRORS = (*streams.ERRORS, ValueError, struct.error)


class _Stored:
    """Bytes that are not packed."""

    eof = False

    def decompress(self, data: bytes) -> bytes:
        return data


_OPEN: dict[int, Callable[[], Any]] = {
    zipfile.ZIP_STORED: _Stored,
    zipfile.ZIP_DEFLATED: lambda: isal_zlib.decompressobj(wbits=-15),
    9: streams.Deflate64,
    zipfile.ZIP_BZIP2: bz2.BZ2Decompressor,
    zipfile.ZIP_LZMA: zipfile.LZMADecompressor,  # type: ignore[attr-defined]
    20: lambda: zstandard.ZstdDecompressor().decompressobj(),
    93: lambda: zstandard.ZstdDecompressor().decompressobj(),
    95: lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=streams.MEMORY_BYTES),
}
_WITHOUT_END = {zipfile.ZIP_STORED, zipfile.ZIP_LZMA}
_UNLIMITED = {zipfile.ZIP_STORED, 9, zipfile.ZIP_LZMA, 20, 93}
"""Methods whose pieces have no limit, so that their input comes in small portions."""
_SMALL_READ_BYTES = 2 * 1024


def is_readable(member: zipfile.ZipInfo) -> bool:
    """Return True if `read_member` knows how the member is packed."""
    return member.compress_type in _OPEN and not member.flag_bits & _OTHER_CONTENT


def read_member(content: Content, member: zipfile.ZipInfo, meter: Meter) -> bytes:
    """Unpack a member. Returns its first piece.

    Raises ItemFailed if it is damaged, CannotCheck without what unpacks it.
    """
    place = _check_header(content, member)
    name = shown(member.filename)
    total = size = 0
    first = b""
    part: Any = _OPEN[member.compress_type]()
    limit = () if member.compress_type in _UNLIMITED else (_PIECE_BYTES,)
    stored = member.compress_type == zipfile.ZIP_STORED
    portion = _READ_BYTES if limit or stored else _SMALL_READ_BYTES
    end, waiting = place + member.compress_size, b""
    while not part.eof:
        if not waiting and getattr(part, "needs_input", True) and place < end:
            waiting = content.read_at(place, min(portion, end - place))
            place += len(waiting)
            if not waiting:
                raise broken(f"The archive is cut off in member {name}")
        ending = not waiting
        try:
            piece = part.decompress(waiting, *limit)
        except _ERRORS as error:
            if "memory" in str(error).lower():
                raise CannotCheck("unpacking it needs more memory than is allowed") from None
            raise broken(f"Damaged: member {name} cannot be unpacked") from None
        waiting = getattr(part, "unconsumed_tail", b"")
        meter.add(len(piece))
        total = isal_zlib.crc32(piece, total)
        size += len(piece)
        first = first or piece
        if ending and not piece:
            break
    if total != member.CRC:
        raise broken(f"Damaged: the checksum of member {name} does not match")
    if size != member.file_size or not (part.eof or member.compress_type in _WITHOUT_END):
        raise broken(f"Damaged: member {name} cannot be unpacked")
    return first


def _check_header(content: Content, member: zipfile.ZipInfo) -> int:
    """Compare a member's own header with the list. Returns the place of its content."""
    place = member.header_offset
    header = content.read_at(place, _HEADER_BYTES) if place >= 0 else b""
    if len(header) < _HEADER_BYTES or not header.startswith(_MARK):
        raise _invalid(member)
    _, flags, method, crc, packed, size, name_length, extra_length = _HEADER.unpack(header)
    place += _HEADER_BYTES
    encoded = content.read_at(place, name_length)
    own = encoded.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    is_other = _spelling(own) != _spelling(member.orig_filename) and not _has_second_name(member)
    if is_other or method != member.compress_type:
        raise _invalid(member)
    if (flags ^ member.flag_bits) & _OTHER_CONTENT:
        raise _invalid(member)
    listed = (member.CRC, member.compress_size, member.file_size)
    pairs = zip((crc, packed, size), listed, strict=True)
    if not flags & _SIZES_FOLLOW and any(a != b and a not in _LEFT_OPEN for a, b in pairs):
        raise _invalid(member)
    return place + name_length + extra_length


def _spelling(name: str) -> str:
    """Return a name without what programs on Windows write in two ways into one archive."""
    return _NOT_ASCII.sub("?", name.replace("\\", "/"))


def _has_second_name(member: zipfile.ZipInfo) -> bool:
    """Return True if the list also has the member's name in UTF-8, which Python takes then."""
    fields, place = member.extra, 0
    while place + 4 <= len(fields):
        kind, length = struct.unpack_from("<HH", fields, place)
        if kind == _UNICODE_PATH:
            return True
        place += 4 + length
    return False


def _invalid(member: zipfile.ZipInfo) -> Exception:
    return broken(f"Damaged: the header of member {shown(member.filename)} is not valid")
