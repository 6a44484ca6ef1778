"""Unpacks kinds of packed files in pieces, with the interface of `bz2.BZ2Decompressor`.

Each class unpacks one part of a file: a member of lzip, a frame of LZ4 and so on. `decompress`
returns at most as many bytes as asked for, or a block; `eof`, `needs_input` and `unused_data` are
as in the standard library. `may_end` is True where a part without an end mark may end.
"""

import lzma
import struct
import zlib
from importlib import import_module
from typing import Any

import zstandard
from isal import isal_zlib

from jobs.operations.verify.limits import CannotCheck

MEMORY_BYTES = 512 * 1024**2
"""A file whose dictionary is larger is not unpacked."""


class PackedError(Exception):
    """The content is not valid."""


class ChecksumError(PackedError):
    """The content can be unpacked, and its checksum does not match."""


_ISAL_ERROR: type[Exception] = isal_zlib.error  # type: ignore[assignment]
ERRORS = (_ISAL_ERROR, lzma.LZMAError, zstandard.ZstdError, PackedError, OSError, EOFError)
"""What the libraries that unpack raise for content that is not valid."""


class Lzip:
    """One member: six bytes, LZMA with an end mark, then checksum and both sizes."""

    _HEADER = struct.Struct("<4sBB")
    _TRAILER = struct.Struct("<IQQ")
    _SMALLEST, _LARGEST = 12, 29

    def __init__(self) -> None:
        self.eof = False
        self.unused_data = b""
        self._waiting = b""
        self._packed: lzma.LZMADecompressor | None = None
        self._crc = self._size = self._taken = 0

    @property
    def needs_input(self) -> bool:
        """Return True if `decompress` can return nothing without more input."""
        packed = self._packed
        return packed is None or packed.eof or packed.needs_input

    def decompress(self, data: bytes, most: int) -> bytes:
        """Raises PackedError, and ChecksumError at the end of the member."""
        if self._packed is None:
            data = self._waiting + data
            if len(data) < self._HEADER.size:
                self._waiting = data
                return b""
            self._packed = self._start(data)
            data, self._waiting = data[self._HEADER.size :], b""
        piece = b""
        if not self._packed.eof:
            self._taken += len(data)
            piece = self._packed.decompress(data, most)
            self._crc = zlib.crc32(piece, self._crc)
            self._size += len(piece)
            data = self._packed.unused_data
            self._taken -= len(data)
        if self._packed.eof:
            self._finish(data)
        return piece

    def _start(self, data: bytes) -> lzma.LZMADecompressor:
        magic, version, coded = self._HEADER.unpack_from(data)
        power, parts = coded & 0x1F, coded >> 5
        size = (1 << power) - (1 << power) // 16 * parts
        if magic != b"LZIP" or version > 1 or not self._SMALLEST <= power <= self._LARGEST:
            raise PackedError
        packing: dict[str, Any] = {"id": lzma.FILTER_LZMA1, "dict_size": size}
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[packing])

    def _finish(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) < self._TRAILER.size:
            return
        self.eof = True
        crc, size, length = self._TRAILER.unpack_from(self._waiting)
        self.unused_data = self._waiting[self._TRAILER.size :]
        if length != self._HEADER.size + self._taken + self._TRAILER.size:
            raise PackedError
        if (crc, size) != (self._crc, self._size):
            raise ChecksumError


class Lz4:
    """One frame, with the checksums that it has. Frames that hold no data count as well."""

    def __init__(self) -> None:
        self._frame = _load("lz4.frame").LZ4FrameDecompressor()

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof)

    @property
    def needs_input(self) -> bool:
        return bool(self._frame.needs_input)

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data or b""

    def decompress(self, data: bytes, most: int) -> bytes:
        """Raises PackedError."""
        try:
            return bytes(self._frame.decompress(data, most))
        except (RuntimeError, ValueError) as error:
            if "Checksum" in str(error):
                raise ChecksumError from None
            raise PackedError from None


class OldLz4:
    """One stream of the format before frames: blocks of 8 MB without checksum or end mark."""

    MAGIC = b"\x02\x21\x4c\x18"
    _BLOCK_BYTES = 8 * 1024**2
    _LARGEST = _BLOCK_BYTES + _BLOCK_BYTES // 255 + 16

    def __init__(self) -> None:
        self.eof = False
        self.needs_input = True
        self.unused_data = b""
        self._waiting = bytearray()
        self._at = len(self.MAGIC)
        self._blocks = _load("lz4.block")

    @property
    def may_end(self) -> bool:
        return self._at == len(self._waiting)

    def decompress(self, data: bytes, most: int) -> bytes:
        """Return one block, or nothing. Raises PackedError."""
        self._waiting += data
        self.needs_input = True
        start = self._at + 4
        if len(self._waiting) < start:
            return b""
        length = int.from_bytes(self._waiting[self._at : start], "little")
        if length > self._LARGEST:  # not a length but the start of what follows
            self.eof, self.unused_data = True, bytes(self._waiting[self._at :])
            return b""
        if len(self._waiting) < start + length:
            return b""
        block = bytes(self._waiting[start : start + length])
        del self._waiting[: start + length]
        self._at, self.needs_input = 0, len(self._waiting) < 4
        try:
            return bytes(self._blocks.decompress(block, uncompressed_size=self._BLOCK_BYTES))
        except (self._blocks.LZ4BlockError, ValueError):
            raise PackedError from None


class Brotli:
    """A whole file. It has no checksum, and nothing may follow its end."""

    unused_data = b""

    def __init__(self) -> None:
        module = _load("brotli")
        self._error = module.error
        self._stream = module.Decompressor()
        self._gave = False

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())

    @property
    def needs_input(self) -> bool:
        # It can take more input while it still holds output.
        return not self._gave and bool(self._stream.can_accept_more_data())

    def decompress(self, data: bytes, most: int) -> bytes:
        """Raises PackedError."""
        try:
            piece = bytes(self._stream.process(data, output_buffer_limit=most))
        except self._error:
            raise PackedError from None
        self._gave = bool(piece)
        return piece


class Deflate64:
    """Deflate with a window of 64 KB, as ZIP archives of Windows hold large members."""

    unused_data = b""

    def __init__(self) -> None:
        self._stream = _load("inflate64").Inflater()

    @property
    def eof(self) -> bool:
        return bool(self._stream.eof)

    def decompress(self, data: bytes) -> bytes:
        """Return all that can be unpacked. Raises PackedError."""
        try:
            return bytes(self._stream.inflate(data))
        except (ValueError, RuntimeError, OSError):
            raise PackedError from None


def lzma_alone() -> lzma.LZMADecompressor:
    """Return what unpacks a file of the old `lzma` program, which has no checksum."""
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY_BYTES)


def lz4(start: bytes) -> Lz4 | OldLz4:
    """Return what unpacks a stream of LZ4 that starts so."""
    return OldLz4() if start.startswith(OldLz4.MAGIC) else Lz4()


def _load(name: str) -> Any:
    """Return a module, or raise CannotCheck if it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise CannotCheck(f"it needs the package “{package}”, which is not installed") from None
