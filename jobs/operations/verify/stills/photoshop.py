"""Checks Photoshop files: the length of every section, and every row of the merged picture."""

import struct
import zlib
from collections.abc import Iterator
from typing import IO

from jobs.operations.verify.content import Content
from jobs.operations.verify.imagecodecs import CODEC_ERRORS, load_imagecodecs
from jobs.operations.verify.limits import Checked, Limits, Meter, broken

_HEADER = struct.Struct(">4sHxxxxxxHIIHH")
_LARGE = 2
_PLAIN, _PACKBITS, _DEFLATED, _PREDICTED = range(4)
_CUT_OFF = "The picture is cut off: its data ends before its last row"
_NOT_VALID = "The picture is damaged: its rows cannot be unpacked"
_STEP_BYTES = 256 * 1024


def check_photoshop(content: Content, limits: Limits) -> Checked:
    """Return the size of a whole picture. Raises ItemFailed for a damaged one."""
    if content.size < _HEADER.size:
        raise broken(_CUT_OFF)
    _, version, channels, height, width, depth, _ = _HEADER.unpack_from(content.head)
    limits.check_pixels(width, height)
    with content.open() as stream:
        stream.seek(_HEADER.size)
        has_layers = _skip_sections(stream, content.size, large=version == _LARGE)
        rows = channels * height
        row_bytes = (width * depth + 7) // 8
        packing = _number(stream, 2)
        meter = Meter(limits, content.size)
        if packing == _PLAIN:
            if stream.tell() + rows * row_bytes > content.size:
                raise broken(_CUT_OFF)
        elif packing == _PACKBITS:
            _unpack_rows(stream, rows, row_bytes, 4 if version == _LARGE else 2)
        elif packing in (_DEFLATED, _PREDICTED):
            _inflate(stream, rows * row_bytes, meter)
        else:
            raise broken("The picture is damaged: its rows are packed in an unknown way")
    note = "only the length of its layers was checked, the merged picture was decoded"
    return Checked(
        {"width": width, "height": height},
        note if has_layers else "",
        depth="structure" if has_layers or packing == _PLAIN else "content",
    )


def _skip_sections(stream: IO[bytes], size: int, *, large: bool) -> bool:
    """Go behind palette, settings and layers. Returns True if there are layers."""
    length = 0
    for count in (4, 4, 8 if large else 4):
        length = _number(stream, count)
        if stream.tell() + length > size:
            raise broken(f"{_CUT_OFF} (a section of it is not complete)")
        stream.seek(length, 1)
    return length > 0


def _unpack_rows(stream: IO[bytes], rows: int, row_bytes: int, count: int) -> None:
    """Unpack each row. The lengths of all of them come first."""
    lengths = stream.read(rows * count)
    if len(lengths) < rows * count:
        raise broken(_CUT_OFF)
    unpack = load_imagecodecs().packbits_decode
    for at in range(0, len(lengths), count):
        length = int.from_bytes(lengths[at : at + count], "big")
        row = stream.read(length)
        if len(row) < length:
            raise broken(_CUT_OFF)
        try:
            unpacked = len(unpack(row))
        except CODEC_ERRORS:
            raise broken(_NOT_VALID) from None
        if unpacked < row_bytes:
            raise broken(_NOT_VALID)


def _inflate(stream: IO[bytes], expected: int, meter: Meter) -> None:
    inflate = zlib.decompressobj()
    try:
        for packed in _pieces(stream):
            left = packed
            while left and not inflate.eof:
                meter.add(len(inflate.decompress(left, _STEP_BYTES)))
                left = inflate.unconsumed_tail
    except zlib.error:
        raise broken(_NOT_VALID) from None
    if not inflate.eof or meter.unpacked < expected:
        raise broken(_CUT_OFF)


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(_STEP_BYTES), b"")


def _number(stream: IO[bytes], count: int) -> int:
    data = stream.read(count)
    if len(data) < count:
        raise broken(_CUT_OFF)
    return int.from_bytes(data, "big")
