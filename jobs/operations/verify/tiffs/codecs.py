"""Decodes one strip or tile, and demands that it fills its place in the picture."""

import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from jobs.operations.results import ItemFailed
from jobs.operations.verify.imagecodecs import CODEC_ERRORS, load_imagecodecs
from jobs.operations.verify.jpeg import check_jpeg
from jobs.operations.verify.limits import CannotCheck, Limits, Meter, TooLarge
from jobs.operations.verify.png import check_png
from jobs.operations.verify.tiffs.layout import Layout, Piece
from jobs.operations.verify.tiffs.walk import REVERSED

JPEGS = frozenset({7, 34892})
_JPEG_TABLES, _LERC_PARAMETERS = 347, 50674
_FILL_ORDER = 266
_LERC_DEFLATED, _LERC_ZSTD = 1, 2
_MOST_BYTES = 1024**3
"""A larger strip is not unpacked where a decoder needs all of it in memory."""
_SMALL_BYTES = 64 * 1024**2
_STEP_BYTES = 256 * 1024


class NotWhole(Exception):
    """The data of a piece cannot be decoded, or is less than its place needs."""


class Decoder:
    """Decodes the pieces of one picture.

    Raises CannotCheck when there is no decoder for its compression.
    """

    def __init__(self, layout: Layout, limits: Limits, meter: Meter) -> None:
        self._layout = layout
        self._limits = limits
        self._meter = meter
        self._tables = layout.directory.data(_JPEG_TABLES)
        decode = _DECODERS.get(layout.compression)
        if decode is None:
            raise CannotCheck(f"its compression (number {layout.compression}) is not known here")
        self._decode = decode
        order = layout.directory.number(_FILL_ORDER, 1)
        self._reversed = order == 2 and layout.compression not in JPEGS

    def check(self, piece: Piece, data: bytes) -> None:
        """Raises NotWhole for a damaged piece, ItemFailed past a limit."""
        if self._reversed:
            data = data.translate(REVERSED)
        self._decode(self, piece, data)

    def _stored(self, piece: Piece, data: bytes) -> None:
        if len(data) < piece.unpacked:
            raise NotWhole

    def _deflate(self, piece: Piece, data: bytes) -> None:
        inflate = zlib.decompressobj()

        def steps() -> Iterator[bytes]:
            packed = data
            while packed and not inflate.eof:
                yield inflate.decompress(packed, _STEP_BYTES)
                packed = inflate.unconsumed_tail

        self._count(piece.unpacked, steps(), zlib.error)
        if not inflate.eof:
            raise NotWhole

    def _lzma(self, piece: Piece, data: bytes) -> None:
        unpack = lzma.LZMADecompressor()

        def steps() -> Iterator[bytes]:
            packed = data
            while not unpack.eof and (packed or not unpack.needs_input):
                yield unpack.decompress(packed, _STEP_BYTES)
                packed = b""

        self._count(piece.unpacked, steps(), lzma.LZMAError)
        if not unpack.eof:
            raise NotWhole

    def _zstd(self, piece: Piece, data: bytes) -> None:
        import zstandard

        unpack = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data))
        self._count(
            piece.unpacked, iter(lambda: unpack.read(_STEP_BYTES), b""), zstandard.ZstdError
        )

    def _count(self, expected: int, steps: Iterator[bytes], error: type[Exception]) -> None:
        count = 0
        try:
            for step in steps:
                count += len(step)
                self._meter.add(len(step))
        except error:
            raise NotWhole from None
        if count < expected:
            raise NotWhole

    def _jpeg(self, piece: Piece, data: bytes) -> None:
        try:
            check_jpeg(self._tables[:-2] + data[2:] if self._tables else data, self._limits)
        except TooLarge:
            raise
        except ItemFailed:
            raise NotWhole from None

    def _png(self, piece: Piece, data: bytes) -> None:
        try:
            check_png(io.BytesIO(data), self._limits)
        except TooLarge:
            raise
        except ItemFailed:
            raise NotWhole from None

    def _lerc(self, piece: Piece, data: bytes) -> None:
        packing = (*self._layout.directory.numbers(_LERC_PARAMETERS), 0, 0)[1]
        if packing == _LERC_DEFLATED:
            inflate = zlib.decompressobj()
            try:
                data = inflate.decompress(data, piece.unpacked + _STEP_BYTES)
            except zlib.error:
                raise NotWhole from None
            if not inflate.eof:
                raise NotWhole
        elif packing == _LERC_ZSTD:
            import zstandard

            try:
                unpack = zstandard.ZstdDecompressor()
                data = unpack.decompress(data, piece.unpacked + _STEP_BYTES)
            except zstandard.ZstdError:
                raise NotWhole from None
        self._whole("lerc_decode", piece, data)

    def _lzw(self, piece: Piece, data: bytes) -> None:
        # One byte more than fits shows codes that lost their place.
        full = max(piece.unpacked, self._layout.full_bytes)
        count = self._whole("lzw_decode", piece, data, out=full + 1)
        if count not in (piece.unpacked, full):
            raise NotWhole

    def _webp(self, piece: Piece, data: bytes) -> None:
        # Without this, a picture that is opaque everywhere comes without its fourth channel.
        has_alpha = self._layout.samples == 4
        self._whole("webp_decode", piece, data, hasalpha=has_alpha or None)

    def _whole(self, codec: str, piece: Piece, data: bytes, **options: Any) -> int:
        """Decode with a codec of imagecodecs, all at once. Returns the number of bytes."""
        if piece.unpacked > _MOST_BYTES:
            raise CannotCheck("a strip of it is too large to be decoded at once")
        self._meter.expect(piece.unpacked)
        try:
            decoded = getattr(load_imagecodecs(), codec)(data, **options)
        except CODEC_ERRORS:
            raise NotWhole from None
        except MemoryError:
            if piece.unpacked > _SMALL_BYTES:
                raise
            raise NotWhole from None  # its data claims to be far larger than its place
        count = len(decoded) if isinstance(decoded, bytes) else decoded.nbytes
        self._meter.add(count)
        if count < piece.unpacked:
            raise NotWhole
        return count


def _by(codec: str) -> Callable[[Decoder, Piece, bytes], object]:
    return lambda decoder, piece, data: decoder._whole(codec, piece, data)


_DECODERS: dict[int, Callable[[Decoder, Piece, bytes], object]] = {
    1: Decoder._stored,
    5: Decoder._lzw,
    32773: _by("packbits_decode"),
    **dict.fromkeys((8, 32946), Decoder._deflate),
    34925: Decoder._lzma,
    **dict.fromkeys((50000, 34926), Decoder._zstd),
    **dict.fromkeys(JPEGS, Decoder._jpeg),
    34933: Decoder._png,
    34887: Decoder._lerc,
    **dict.fromkeys((50001, 34927), Decoder._webp),
    **dict.fromkeys((50002, 52546), _by("jpegxl_decode")),
    **dict.fromkeys((33003, 33004, 33005, 34712), _by("jpeg2k_decode")),
}
"""By the number of the compression. JPEG XR is not among them: its decoder accepts any damage."""
