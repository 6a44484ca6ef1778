"""Checks WOFF and WOFF2 fonts: every table unpacked to the length that it should have."""

import struct
import zlib
from typing import NamedTuple

from jobs.operations.verify.content import Content
from jobs.operations.verify.data.fonts import (
    LIST_IS_CUT,
    ODD_OUTLINES,
    OFTEN_EDITED,
    table_sum,
    whole_font,
)
from jobs.operations.verify.data.web_glyphs import short_number, streams_are_odd
from jobs.operations.verify.declared import check_end
from jobs.operations.verify.imagecodecs import CODEC_ERRORS, load_imagecodecs
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, Meter, broken

_WOFF = struct.Struct(">4sIIHHIHHIIIII")
_WOFF_TABLE = struct.Struct(">4sIIII")
_WOFF2 = struct.Struct(">4sIIHHIIHHIIIII")
_GLYF, _LOCA = 10, 11
"""Numbers of the tables “glyf” and “loca”, which WOFF2 transforms unless it says otherwise."""
_UNTRANSFORMED = 3
_NO_NUMBER = 63


class _Table(NamedTuple):
    """A table of WOFF2: its number in the standard, and its length before it was packed."""

    number: int
    length: int
    is_transformed: bool


def check_web_font(content: Content, kind: str, limits: Limits) -> Checked:
    """Unpack every table. Raises ItemFailed for a damaged font."""
    data = whole_font(content)
    meter = Meter(limits, content.size)
    header = _WOFF if kind == "woff" else _WOFF2
    if len(data) < header.size:
        raise broken(LIST_IS_CUT)
    declared = int.from_bytes(data[8:12], "big")
    check_end(declared, len(data))
    return Checked({}, _check_woff(data, meter) if kind == "woff" else _check_woff2(data, meter))


def _check_woff(data: bytes, meter: Meter) -> str:
    _, _, _, count, _, _, _, _, meta, meta_length, _, private, private_length = _WOFF.unpack_from(
        data
    )
    check_end(max(meta + meta_length, private + private_length), len(data))
    if _WOFF.size + count * _WOFF_TABLE.size > len(data):
        raise broken(LIST_IS_CUT)
    for number in range(count):
        name, place, packed, length, checksum = _WOFF_TABLE.unpack_from(
            data, _WOFF.size + number * _WOFF_TABLE.size
        )
        check_end(place + packed, len(data))
        meter.visit(packed)
        table = data[place : place + packed]
        if packed < length:
            _inflate(table, length, name, meter)
        elif name not in OFTEN_EDITED and table_sum(table) != checksum:
            raise _damaged(name, "the checksum of its table {} does not match")
    return ""


def _inflate(packed: bytes, length: int, name: bytes, meter: Meter) -> None:
    """Unpack a table. Its checksum is at its end."""
    meter.add(length)
    inflate = zlib.decompressobj()
    try:
        unpacked = inflate.decompress(packed, length + 1)
    except zlib.error:
        raise _damaged(name, "its table {} cannot be unpacked") from None
    if not inflate.eof or len(unpacked) != length:
        raise _damaged(name, "its table {} has not the length that it should have")


def _check_woff2(data: bytes, meter: Meter) -> str:
    """Return a note if its outlines are not valid; nothing else in it shows a swapped block."""
    _, flavor, _, count, _, _, packed, *_ = _WOFF2.unpack_from(data)
    try:
        tables, start = _tables(data, count)
        if flavor == int.from_bytes(b"ttcf", "big"):
            start = _after_collection(data, start)
    except IndexError:
        raise broken(LIST_IS_CUT) from None
    check_end(start + packed, len(data))
    length = sum(table.length for table in tables)
    meter.add(length)
    try:
        unpacked = load_imagecodecs().brotli_decode(data[start : start + packed], out=length)
    except CODEC_ERRORS:
        raise broken("The font is damaged: its tables cannot be unpacked") from None
    if len(unpacked) != length:
        raise broken("The font is damaged: its tables have not the length that they should have")
    return ODD_OUTLINES if _has_odd_outlines(unpacked, tables) else ""


def _has_odd_outlines(unpacked: bytes, tables: list[_Table]) -> bool:
    at = 0
    for table in tables:
        if table.number == _GLYF and table.is_transformed:
            try:
                if streams_are_odd(unpacked[at : at + table.length]):
                    return True
            except IndexError:
                return True
        at += table.length
    return False


def _tables(data: bytes, count: int) -> tuple[list[_Table], int]:
    """Return the tables in the order in which they are unpacked, and where their list ends."""
    tables, at = [], _WOFF2.size
    for _ in range(count):
        flags = data[at]
        at += 1
        number, transform = flags & 63, flags >> 6
        if number == _NO_NUMBER:
            number = {b"glyf": _GLYF, b"loca": _LOCA}.get(data[at : at + 4], number)
            at += 4
        length, at = _base128(data, at)
        is_transformed = transform != (_UNTRANSFORMED if number in (_GLYF, _LOCA) else 0)
        if is_transformed:
            length, at = _base128(data, at)
        tables.append(_Table(number, length, is_transformed))
    return tables, at


def _base128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for _ in range(5):
        byte = data[at]
        at += 1
        value = value << 7 | byte & 127
        if byte < 128:
            return value, at
    raise broken("The font is damaged: a length in its list of tables is not valid")


def _after_collection(data: bytes, at: int) -> int:
    """Return where the list of the fonts of a collection ends."""
    count, at = short_number(data, at + 4)
    for _ in range(count):
        tables, at = short_number(data, at)
        at += 4
        for _ in range(tables):
            _, at = short_number(data, at)
    return at


def _damaged(name: bytes, what: str) -> Exception:
    shown = f"“{name.decode('ascii', 'replace').strip()}”"
    return broken(f"The font is damaged: {what.format(shown)}")
