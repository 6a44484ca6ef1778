"""Checks gzip, bzip2, xz and Zstandard files, TAR archives inside them, and plain TAR archives."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import IO, Any

import zstandard

from jobs.operations.verify.content import Content
from jobs.operations.verify.kinds import LABELS, MAGIC, is_tar
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, Meter, broken
from jobs.operations.verify.tars import check_tar

READ_BYTES = 64 * 1024
PIECE_BYTES = 256 * 1024
XZ_MEMORY_BYTES = 512 * 1024**2
_ERRORS = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError)
_PART_STARTS = {
    **MAGIC,
    # Skippable frames, too.
    "zstd": (*MAGIC["zstd"], *(bytes([0x50 + low]) + b"\x2a\x4d\x18" for low in range(16))),
}
_OPEN: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY_BYTES),
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj(),
}
PACKED = frozenset(_OPEN)


def check_packed(content: Content, kind: str, limits: Limits) -> Checked:
    """Unpack a gzip, bzip2, xz or zstd file to its end. Raises ItemFailed if it is broken."""
    meter = Meter(limits, content.size)
    facts: dict[str, Any] = {}
    note = ""
    with content.open() as stream:
        unpacked = Unpacked(stream, kind, meter)
        pieces: Iterator[bytes] = iter(unpacked)
        first = next(pieces, b"")
        if is_tar(first[:512]):
            facts["contains"] = "tar"
            facts["members"], note = check_tar(chain([first], pieces))
        for _ in pieces:
            pass  # the checksum comes last, even after an archive's padding
    facts["unpacked_bytes"] = meter.unpacked
    return Checked(facts, note or ("other data follows its end" if unpacked.trailing else ""))


def check_plain_tar(content: Content) -> Checked:
    """Walk a TAR archive to its end mark. Raises ItemFailed if it is broken.

    Its headers have checksums, its members have none.
    """
    with content.open() as stream:
        members, note = check_tar(iter(lambda: stream.read(PIECE_BYTES), b""))
        return Checked({"members": members}, note, depth="structure")


class Unpacked:
    """Iterates over the content of a compressed file in pieces of at most a few megabytes.

    Iterating raises ItemFailed if a checksum does not match, the end is missing or a limit is
    passed; CannotCheck if it needs too much memory; and the stream's OSError. Afterwards
    `trailing` is True if other data follows the compressed data.
    """

    def __init__(self, stream: IO[bytes], kind: str, meter: Meter) -> None:
        self.trailing = False
        self._stream = stream
        self._kind = kind
        self._meter = meter
        # Four bytes of Zstandard can unpack to 128 KB. Its pieces have no limit, so its input
        # comes in small portions.
        self._read_bytes = 2 * 1024 if kind == "zstd" else READ_BYTES
        self._piece_limit = () if kind == "zstd" else (PIECE_BYTES,)

    def __iter__(self) -> Iterator[bytes]:
        waiting = self._stream.read(self._read_bytes)
        while waiting:
            part = _OPEN[self._kind]()
            yield from self._part(part, waiting)
            waiting = self._next(part.unused_data)

    def _part(self, part: Any, waiting: bytes) -> Iterator[bytes]:
        """Unpack one gzip member, xz stream and so on."""
        while not part.eof:
            try:
                piece = part.decompress(waiting, *self._piece_limit)
            except _ERRORS as error:
                raise _failure(self._kind, error) from None
            if piece:
                self._meter.add(len(piece))
                yield piece
            # bz2 and lzma keep the input that they have not unpacked yet, zlib returns it.
            waiting = getattr(part, "unconsumed_tail", b"")
            if not waiting and not part.eof and getattr(part, "needs_input", True):
                waiting = self._stream.read(self._read_bytes)
                if not waiting:
                    raise broken(f"The {LABELS[self._kind]} is cut off: its end is missing")

    def _next(self, rest: bytes) -> bytes:
        """Return the start of another part, or nothing. Zeros between parts are padding."""
        while len(rest) < 8 and (more := self._stream.read(self._read_bytes)):
            rest = (rest + more).lstrip(b"\0")
        rest = rest.lstrip(b"\0")
        if rest and not rest.startswith(_PART_STARTS[self._kind]):
            self.trailing = True
            return b""
        return rest


def _failure(kind: str, error: Exception) -> Exception:
    reason = str(error).lower()
    if "memory" in reason:
        return CannotCheck("unpacking it needs more memory than is allowed")
    if isinstance(error, OSError) and error.errno is not None:
        return error
    if "check" in reason:
        return broken(f"The {LABELS[kind]} is damaged: the checksum of its content does not match")
    return broken(f"The {LABELS[kind]} is damaged: its content cannot be unpacked")
