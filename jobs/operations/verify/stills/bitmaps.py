"""Checks BMP pictures, icons and cursors: every row and every picture is there."""

import io
import struct
from typing import IO

from jobs.operations.results import ItemFailed
from jobs.operations.verify.content import Content
from jobs.operations.verify.declared import check_end
from jobs.operations.verify.jpeg import check_jpeg
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, TooLarge, broken
from jobs.operations.verify.png import check_png

ICONS = frozenset({"ico", "cur"})
_CUT_OFF = "The picture is cut off: its data ends before its last row"
_OUTSIDE = "runs of it leave their rows, as after damage"
_FILE_HEADER_BYTES = 14
_OLD, _USUAL = 12, 40
_PLAIN, _RUNS_OF_8, _RUNS_OF_4, _MASKS, _JPEG, _PNG, _MASKS_WITH_ALPHA = range(7)
_ENTRY = struct.Struct("<BBBBHHII")
_PNG_MARK = b"\x89PNG"


def check_bmp(content: Content, limits: Limits) -> Checked:
    """Return the size of a whole picture. Raises ItemFailed for a damaged one.

    Plain rows have no checksum: only whether they are there can be found.
    """
    head = content.head
    (size,) = struct.unpack_from("<I", head, _FILE_HEADER_BYTES)
    if size == _OLD:
        width, height, _, bits = struct.unpack_from("<HHHH", head.ljust(26, b"\0"), 18)
        packing = _PLAIN
    else:
        width, height, _, bits, packing = struct.unpack_from("<iiHHI", head.ljust(34, b"\0"), 18)
    width, height = abs(width), abs(height)
    limits.check_pixels(width, height)
    start = int.from_bytes(head[10:14], "little")
    note = ""
    if packing in (_PLAIN, _MASKS, _MASKS_WITH_ALPHA):
        check_end(start + (width * bits + 31) // 32 * 4 * height, content.size)
    else:
        with content.open() as stream:
            stream.seek(start)
            if packing in (_RUNS_OF_8, _RUNS_OF_4):
                samples_a_byte = 2 if packing == _RUNS_OF_4 else 1
                note = _walk_runs(stream, width, height, samples_a_byte)
            else:
                _check_packed(stream, packing, limits)
    depth = "content" if packing in (_JPEG, _PNG) else "structure"
    return Checked({"width": width, "height": height}, note, depth)


def _check_packed(stream: IO[bytes], packing: int, limits: Limits) -> None:
    if packing == _JPEG:
        check_jpeg(stream.read(), limits)
    elif packing == _PNG:
        check_png(io.BytesIO(stream.read()), limits)
    else:
        raise CannotCheck("it is packed in a way that is not known here")


def _walk_runs(stream: IO[bytes], width: int, height: int, samples_a_byte: int) -> str:
    """Walk from run to run up to the end mark. Returns a note if runs leave their rows."""
    column = row = 0
    is_outside = False
    while len(run := stream.read(2)) == 2:
        count, value = run
        if count:
            column += count
        elif value == 0:
            column, row = 0, row + 1
        elif value == 1:
            return _OUTSIDE if is_outside else ""
        elif value == 2:
            right, down = stream.read(2).ljust(2, b"\0")
            column, row = column + right, row + down
        else:
            column += value
            length = -(-value // samples_a_byte)
            stream.seek(length + length % 2, 1)
        is_outside = is_outside or column > width + width % 2 or row > height
    raise broken(_CUT_OFF)


def check_icon(content: Content, limits: Limits) -> Checked:
    """Return how many pictures a whole icon or cursor has. Raises ItemFailed for a damaged one."""
    depth = "content"
    with content.open() as stream:
        stream.seek(4)
        count = int.from_bytes(stream.read(2), "little")
        entries = [stream.read(_ENTRY.size) for _ in range(count)]
        for number, entry in enumerate(entries, 1):
            if len(entry) < _ENTRY.size:
                raise broken("The icon is cut off: its list of pictures is not complete")
            *_, length, place = _ENTRY.unpack(entry)
            check_end(place + length, content.size)
            stream.seek(place)
            if not _check_picture(stream.read(length), number, limits):
                depth = "structure"
    return Checked({"pages": count} if count > 1 else {}, depth=depth)


def _check_picture(data: bytes, number: int, limits: Limits) -> bool:
    """Return True if the picture was decoded, False if it is of plain rows."""
    if data.startswith(_PNG_MARK):
        try:
            check_png(io.BytesIO(data), limits)
        except TooLarge:
            raise
        except ItemFailed:
            raise broken(f"The icon is damaged: picture {number:,} of it is not whole") from None
        return True
    if len(data) < _USUAL or int.from_bytes(data[:4], "little") < _USUAL:
        raise broken(f"The icon is damaged: picture {number:,} of it has no header")
    header, width, double, _, bits, packing = struct.unpack_from("<IiiHHI", data)
    (colors,) = struct.unpack_from("<I", data, 32)
    palette = (colors or 1 << bits) * 4 if bits <= 8 else 0
    rows = (abs(width) * bits + 31) // 32 * 4 * (abs(double) // 2)
    if packing == _PLAIN and header + palette + rows > len(data):
        raise broken(f"The icon is damaged: picture {number:,} of it has fewer rows than it says")
    return False
