"""Checks TrueType and OpenType fonts and collections: bounds and checksums of their tables.

A font has a checksum of each table and one of the whole file. Programs that change a font often
leave one or the other as it was: of 2,124 fonts of Debian, 33 have wrong checksums of tables, 12 of
the file, 9 both. Damage changes both by the same amount, which no such program does, except for
those that only set the rights of use in “OS/2”.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from jobs.operations.verify.content import Content
from jobs.operations.verify.data.glyphs import outlines_are_odd
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, Meter, broken

_HEADER_BYTES = 12
_ENTRY = struct.Struct(">4sIII")
_WHOLE = 0xB1B0AFBA
_ADJUSTMENT = 8
"""Place in the table “head” of what makes the sum of the file _WHOLE."""
OFTEN_EDITED = frozenset({b"head", b"OS/2"})
"""Tables that programs change and leave the checksums as they were."""
_NOTE = "checksums in it are wrong, as in fonts that a program has changed"
ODD_OUTLINES = "outlines in it are not valid, as after damage"
_OUTLINES = (b"head", b"loca", b"glyf")
LIST_IS_CUT = "The font is cut off: its list of tables is not complete"


class Table(NamedTuple):
    """One entry of the list of tables: its name, and checksum, place and length of the table."""

    name: bytes
    checksum: int
    place: int
    length: int


def whole_font(content: Content) -> bytes:
    """Return all bytes. Raises CannotCheck for a file that is too large for it."""
    data = content.whole()
    if data is None:
        raise CannotCheck("fonts of this size are not looked into")
    return data


def check_font(content: Content, kind: str, limits: Limits) -> Checked:
    """Compare the checksums of every table. Raises ItemFailed for a damaged font."""
    data = whole_font(content)
    meter = Meter(limits, content.size)
    if kind != "ttc":
        tables = list(_tables(data, 0))
        wrong = _differences(data, tables, meter)
        amount = _difference_of_file(data, tables)
        return Checked({}, _judge(wrong, amount) or _outlines(data, tables))
    if len(data) < _HEADER_BYTES:
        raise broken(LIST_IS_CUT)
    (count,) = struct.unpack_from(">I", data, 8)
    if _HEADER_BYTES + 4 * count > len(data):
        raise broken(LIST_IS_CUT)
    meter.visit(count * _HEADER_BYTES)
    fonts = struct.unpack_from(f">{count}I", data, _HEADER_BYTES)
    shared = {table for start in fonts for table in _tables(data, start)}
    wrong = _differences(data, sorted(shared), meter)
    if wrong.keys() - OFTEN_EDITED:
        raise _damaged(wrong.keys() - OFTEN_EDITED)
    return Checked({"pages": count} if count > 1 else {}, _NOTE if wrong else "")


def table_sum(table: bytes) -> int:
    """Return the checksum of a table: the sum of its words of four bytes."""
    words = np.frombuffer(table + bytes(-len(table) % 4), ">u4")
    return int(words.sum(dtype=np.uint64)) & 0xFFFFFFFF


def _judge(wrong: dict[bytes, int], amount: int) -> str:
    """Return a note. Raises ItemFailed if both kinds of checksums say that it is damaged."""
    if not amount or not wrong:
        return ""  # one of them covers every byte of every table
    total = sum(wrong.values()) & 0xFFFFFFFF
    if total in (amount, -amount & 0xFFFFFFFF) and wrong.keys() - OFTEN_EDITED:
        raise _damaged(wrong.keys())
    return _NOTE


def _outlines(data: bytes, tables: list[Table]) -> str:
    """Return a note if outlines of TrueType are not valid; other fonts have no such tables."""
    found = {
        table.name: data[table.place : table.place + table.length]
        for table in tables
        if table.name in _OUTLINES
    }
    odd = len(found) == len(_OUTLINES) and outlines_are_odd(*map(found.__getitem__, _OUTLINES))
    return ODD_OUTLINES if odd else ""


def _tables(data: bytes, start: int) -> Iterator[Table]:
    """Yield the tables. Raises ItemFailed if one ends behind the file."""
    if start + _HEADER_BYTES > len(data):
        raise broken(LIST_IS_CUT)
    (count,) = struct.unpack_from(">H", data, start + 4)
    if start + _HEADER_BYTES + count * _ENTRY.size > len(data):
        raise broken(LIST_IS_CUT)
    for number in range(count):
        table = Table(*_ENTRY.unpack_from(data, start + _HEADER_BYTES + number * _ENTRY.size))
        if table.place + table.length > len(data):
            raise broken(
                f"The font is cut off: it should have {table.place + table.length:,} bytes and "
                f"has {len(data):,}"
            )
        yield table


def _differences(data: bytes, tables: list[Table], meter: Meter) -> dict[bytes, int]:
    """Return by how much the sum of each table with a wrong checksum differs from that."""
    wrong = {}
    for table in tables:
        meter.visit(table.length)
        padded = data[table.place : table.place + table.length + -table.length % 4]
        if table.name == b"head":
            padded = _without_adjustment(padded, 0)
        found = table_sum(padded)
        if table.checksum not in (found, table_sum(padded[: table.length])):
            wrong[table.name] = (found - table.checksum) & 0xFFFFFFFF
    return wrong


def _difference_of_file(data: bytes, tables: list[Table]) -> int:
    """Return by how much the sum of the whole file differs from what “head” says; 0 if not."""
    head = next((table for table in tables if table.name == b"head"), None)
    if head is None or head.length < _ADJUSTMENT + 4:
        return 1
    (adjustment,) = struct.unpack_from(">I", data, head.place + _ADJUSTMENT)
    return (adjustment - _WHOLE + table_sum(_without_adjustment(data, head.place))) & 0xFFFFFFFF


def _without_adjustment(data: bytes, place: int) -> bytes:
    at = place + _ADJUSTMENT
    return data[:at] + bytes(4) + data[at + 4 :]


def _damaged(names: Iterable[bytes]) -> Exception:
    first = min(names).decode("ascii", "replace").strip()
    return broken(f"The font is damaged: the checksum of its table “{first}” does not match")
