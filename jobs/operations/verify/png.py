"""Checks PNG and APNG pictures: every checksum, and every row of every frame unpacked.

No decoder is asked. Rows that are unpacked with the right checksum, in the right number and with
a known filter each, are what a decoder would draw. igzip unpacks them in half of zlib's time.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from isal import isal_zlib

from jobs.operations.verify.limits import Checked, Limits, broken

_ERROR: type[Exception] = isal_zlib.error  # type: ignore[assignment]
_PIECE_BYTES = 256 * 1024
_ROWS_BYTES = 1024 * 1024
_CUT_OFF = "The picture is cut off: its data ends before its last row"
_CALLED = {
    b"IHDR": "header",
    b"PLTE": "palette",
    b"IDAT": "image data",
    b"IEND": "end mark",
    b"CgBI": "mark of an iPhone app",
}
"""Parts that a reader must know."""
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
)  # fmt: skip
"""The seven passes of an interlaced picture: first column and row, and the steps between."""
_HEADER_BYTES = 13
_FRAME_BYTES = 26
_LAST_FILTER = 4


def check_png(stream: IO[bytes], limits: Limits) -> Checked:
    """Return size and frames of a whole picture, from a stream at its start.

    Raises ItemFailed for a damaged one.
    """
    stream.seek(8)
    return _Picture(limits).read(_chunks(stream))


@dataclass(slots=True)
class _Chunk:
    """One chunk. Its data comes in pieces, and its checksum is tested after the last one."""

    name: bytes
    length: int
    stream: IO[bytes]

    def pieces(self) -> Iterator[bytes]:
        left, total = self.length, isal_zlib.crc32(self.name)
        while left:
            piece = self.stream.read(min(left, _PIECE_BYTES))
            if not piece:
                raise broken(_CUT_OFF)
            total = isal_zlib.crc32(piece, total)
            left -= len(piece)
            yield piece
        recorded = self.stream.read(4)
        if len(recorded) < 4:
            raise broken(_CUT_OFF)
        if recorded != total.to_bytes(4, "big"):
            part = _CALLED.get(self.name, f"part {self.name.decode()}")
            raise broken(f"The picture is damaged: the checksum of its {part} does not match")

    def data(self, most: int) -> bytes:
        """Return the first `most` bytes, after the whole chunk was read."""
        kept = b""
        for piece in self.pieces():
            if len(kept) < most:
                kept += piece[: most - len(kept)]
        return kept


def _chunks(stream: IO[bytes]) -> Iterator[_Chunk]:
    """Yield every chunk, the end mark last. The caller reads each one to its end."""
    while True:
        start = stream.read(8)
        if len(start) < 8:
            raise broken(f"{_CUT_OFF} (the end mark is missing)")
        name = start[4:]
        if not name.isalpha():
            raise broken("The picture is damaged: a part of it has no valid name")
        yield _Chunk(name, int.from_bytes(start[:4], "big"), stream)
        if name == b"IEND":
            return


@contextmanager
def _unpacking() -> Iterator[None]:
    try:
        yield
    except _ERROR:
        raise broken("The picture is damaged: its rows cannot be unpacked") from None


@dataclass(slots=True)
class _Rows:
    """Unpacks the rows of one frame, and counts them.

    left  what is still expected: [bytes of a row with its filter, rows] for each pass
    """

    left: list[list[int]]
    inflate: Any
    inside: int = field(default=0)
    """Bytes of the current row that have been unpacked."""

    def add(self, packed: bytes) -> None:
        """Unpack more. Raises ItemFailed if it is not valid."""
        while packed and not self.inflate.eof:
            with _unpacking():
                rows = self.inflate.decompress(packed, _ROWS_BYTES)
            self._count(rows)
            packed = self.inflate.unconsumed_tail

    def finish(self) -> str:
        """Return a note, which may be empty. Raises ItemFailed if rows are missing."""
        if not self.inflate.eof:
            with _unpacking():
                rows = self.inflate.flush()  # what did not fit into the last piece
            self._count(rows)
        if self.left:
            raise broken(_CUT_OFF)
        return "" if self.inflate.eof else "its rows have no checksum at their end"

    def _count(self, rows: bytes) -> None:
        at = 0
        while self.left and at < len(rows):
            size, count = self.left[0]
            end = min(len(rows), at + size * count - self.inside)
            first = at if not self.inside else at + size - self.inside
            if max(rows[first:end:size], default=0) > _LAST_FILTER:
                raise broken("The picture is damaged: a row of it has no valid filter")
            done, self.inside = divmod(self.inside + end - at, size)
            self.left[0][1] -= done
            if not self.left[0][1]:
                self.left.pop(0)
            at = end


class _Picture:
    """What is known of a picture while its chunks pass."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._note = ""
        self._rows: _Rows | None = None
        self._frame = b""
        self._frames = 0
        self._seen: set[bytes] = set()

    def read(self, chunks: Iterator[_Chunk]) -> Checked:
        for chunk in chunks:
            if not self._seen and chunk.name not in (b"IHDR", b"CgBI"):
                raise broken("The picture is damaged: its header is not at its start")
            self._take(chunk)
            self._seen.add(chunk.name)
        self._end_frame()
        if b"IDAT" not in self._seen:
            raise broken(_CUT_OFF)
        facts = {"width": self._width, "height": self._height}
        return Checked({**facts, "pages": self._frames} if self._frames > 1 else facts, self._note)

    def _take(self, chunk: _Chunk) -> None:
        match chunk.name:
            case b"IHDR":
                self._header(chunk.data(_HEADER_BYTES))
            case b"fcTL":
                self._end_frame()
                self._frame = chunk.data(_FRAME_BYTES)
                self._frames += 1
            case b"IDAT":
                self._image(chunk)
            case b"fdAT":
                self._animation(chunk)
            case _:
                if chunk.name[:1].isupper() and chunk.name not in _CALLED:
                    self._note = f"its part {chunk.name.decode()} is not known here"
                chunk.data(0)

    def _header(self, header: bytes) -> None:
        if len(header) < _HEADER_BYTES or b"IHDR" in self._seen:
            raise broken("The picture is damaged: its header is not valid")
        self._width, self._height, depth, color, packing, filters, interlaced = struct.unpack(
            ">IIBBBBB", header
        )
        if (
            not self._width
            or not self._height
            or depth not in _DEPTHS.get(color, ())
            or packing
            or filters
            or interlaced > 1
        ):
            raise broken("The picture is damaged: its header is not valid")
        self._bits = depth * _CHANNELS[color]
        self._needs_palette = color == 3
        self._interlaced = bool(interlaced)
        self._limits.check_pixels(self._width, self._height)

    def _image(self, chunk: _Chunk) -> None:
        if self._needs_palette and b"PLTE" not in self._seen:
            raise broken("The picture is damaged: its palette is missing")
        if b"IDAT" not in self._seen:
            self._begin(self._width, self._height)
        self._unpack(chunk.pieces())

    def _animation(self, chunk: _Chunk) -> None:
        pieces = chunk.pieces()
        numbered = next(pieces, b"")
        if self._rows is None:
            if len(self._frame) < _FRAME_BYTES:
                raise broken("The picture is damaged: a frame of it has no header")
            self._begin(*struct.unpack_from(">II", self._frame, 4))
        self._unpack(iter([numbered[4:]]))
        self._unpack(pieces)

    def _begin(self, width: int, height: int) -> None:
        # iPhone apps hold pictures without the frame of zlib, and say so in a part of their own.
        inflate = isal_zlib.decompressobj(wbits=-15 if b"CgBI" in self._seen else 15)
        self._rows = _Rows(self._expected(width, height), inflate)

    def _unpack(self, pieces: Iterator[bytes]) -> None:
        if self._rows is None:
            raise broken("The picture is damaged: its parts are not in order")
        for piece in pieces:
            self._rows.add(piece)

    def _end_frame(self) -> None:
        if self._rows is not None:
            self._note = self._note or self._rows.finish()
        self._rows = None

    def _expected(self, width: int, height: int) -> list[list[int]]:
        if not self._interlaced:
            sizes = [(width, height)]
        else:
            sizes = [
                ((width - x + step_x - 1) // step_x, (height - y + step_y - 1) // step_y)
                for x, y, step_x, step_y in _PASSES
            ]
        return [[1 + (w * self._bits + 7) // 8, h] for w, h in sizes if w > 0 and h > 0]
