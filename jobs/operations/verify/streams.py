"""Compressed streams (gzip, bzip2, xz, Zstandard): unpacked in small pieces, checksums tested."""

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import IO, Protocol

import zstandard

from jobs.operations.verify.kinds import LABELS
from jobs.operations.verify.limits import CannotCheck, Meter, broken

READ_BYTES = 64 * 1024
PIECE_BYTES = 256 * 1024
XZ_MEMORY_BYTES = 512 * 1024**2
_ERRORS = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError)
_MAGIC = {
    "gzip": (b"\x1f\x8b",),
    "bzip2": (b"BZh",),
    "xz": (b"\xfd7zXZ\x00",),
    "zstd": (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + low]) + b"\x2a\x4d\x18" for low in range(16))),
}


class Part(Protocol):
    """One gzip member, xz stream, …: what bz2 and lzma offer, for all of them."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Unpacked:
    """Iterates over the content of a compressed file in pieces of at most a few megabytes.

    Iterating raises ItemFailed when a checksum does not match, the end is missing or a
    limit is passed, CannotCheck when it needs too much memory, and OSError of the stream.
    `trailing` is true at the end when something else follows the compressed data.
    """

    def __init__(self, stream: IO[bytes], kind: str, meter: Meter) -> None:
        self.trailing = False
        self._stream = stream
        self._kind = kind
        self._meter = meter
        # Four bytes of Zstandard can unfold to 128 KB, so it is fed little by little.
        self._read_bytes = 2 * 1024 if kind == "zstd" else READ_BYTES

    def __iter__(self) -> Iterator[bytes]:
        waiting = self._stream.read(self._read_bytes)
        while waiting:
            part = _open(self._kind)
            yield from self._part(part, waiting)
            waiting = self._next(part.unused_data)

    def _part(self, part: Part, waiting: bytes) -> Iterator[bytes]:
        while not part.eof:
            try:
                piece = part.decompress(waiting, PIECE_BYTES)
            except _ERRORS as error:
                raise _failure(self._kind, error) from None
            if piece:
                self._meter.add(len(piece))
                yield piece
            waiting = b""
            if part.needs_input and not part.eof:
                waiting = self._stream.read(self._read_bytes)
                if not waiting:
                    raise broken(f"The {LABELS[self._kind]} is cut off: its end is missing")

    def _next(self, rest: bytes) -> bytes:
        """The beginning of another part, or nothing. Zeros between parts are padding."""
        while len(rest) < 8 and (more := self._stream.read(self._read_bytes)):
            rest = (rest + more).lstrip(b"\0")
        rest = rest.lstrip(b"\0")
        if rest and not rest.startswith(_MAGIC[self._kind]):
            self.trailing = True
            return b""
        return rest


class _Gzip:
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflate.decompress(data or self._inflate.unconsumed_tail, max_length)


class _Zstandard:
    needs_input = True

    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor().decompressobj()

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof)

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._frame.decompress(data)


def _open(kind: str) -> Part:
    if kind == "gzip":
        return _Gzip()
    if kind == "bzip2":
        return bz2.BZ2Decompressor()
    if kind == "xz":
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY_BYTES)
    return _Zstandard()


def _failure(kind: str, error: Exception) -> Exception:
    reason = str(error).lower()
    if "memory" in reason:
        return CannotCheck("unpacking it needs more memory than is allowed")
    if isinstance(error, OSError) and error.errno is not None:
        return error
    if "check" in reason:
        return broken(f"The {LABELS[kind]} is damaged: the checksum of its content does not match")
    return broken(f"The {LABELS[kind]} is damaged: its content cannot be unpacked")
