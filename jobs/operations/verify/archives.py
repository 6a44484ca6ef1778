"""Checks packed files (gzip, xz, Zstandard and so on), TAR archives inside them, and plain ones."""

import bz2
import lzma
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Protocol

import zstandard
from isal import isal_zlib

from jobs.operations.verify.content import Content
from jobs.operations.verify.kinds import LABELS, MAGIC, SKIPPABLE, is_tar
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, Meter, broken
from jobs.operations.verify.packed import streams
from jobs.operations.verify.packed.libarchive import Members, Unsupported
from jobs.operations.verify.tars import check_tar

READ_BYTES = 64 * 1024
PIECE_BYTES = 256 * 1024
_PART_STARTS = {
    **MAGIC,
    "zstd": (*MAGIC["zstd"], *SKIPPABLE),
    "lz4": (*MAGIC["lz4"], *SKIPPABLE),
}
_OPEN: dict[str, Callable[[bytes], Any]] = {
    "gzip": lambda _: isal_zlib.decompressobj(wbits=31),
    "bzip2": lambda _: bz2.BZ2Decompressor(),
    "xz": lambda _: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=streams.MEMORY_BYTES),
    "zstd": lambda _: zstandard.ZstdDecompressor().decompressobj(),
    "lzip": lambda _: streams.Lzip(),
    "lzma": lambda _: streams.lzma_alone(),
    "lz4": streams.lz4,
    "brotli": lambda _: streams.Brotli(),
}
PACKED = frozenset(_OPEN)
_BGZIP_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_BGZIP = slice(10, 16), b"\x06\x00BC\x02\x00"
"""Where and how a file of bgzip says the size of its first block."""


def check_packed(content: Content, kind: str, limits: Limits) -> Checked:
    """Unpack a packed file to its end. Raises ItemFailed if it is broken."""
    _check_end_block(content, kind)
    meter = Meter(limits, content.size)
    with content.open() as stream:
        unpacked = Unpacked(stream, kind, meter)
        facts, note = _look_inside(iter(unpacked))
    facts["unpacked_bytes"] = meter.unpacked
    return Checked(facts, note or ("other data follows its end" if unpacked.trailing else ""))


def check_compress(content: Content, limits: Limits) -> Checked:
    """Unpack a .Z file, which has neither checksum nor end mark. Raises ItemFailed if broken."""
    meter = Meter(limits, content.size)
    members = Members(content, LABELS["compress"], ("raw",), ("compress",))
    try:
        facts, note = _look_inside(members.metered(meter))
    except Unsupported:
        raise broken(f"The {LABELS['compress']} is damaged: its header is not valid") from None
    if not facts:
        note = "nothing in it marks its end, so it may be cut off"
    return Checked({**facts, "unpacked_bytes": meter.unpacked}, note)


def _look_inside(pieces: Iterator[bytes]) -> tuple[dict[str, Any], str]:
    """Take all pieces. Returns facts about a TAR archive in them, and a note."""
    facts: dict[str, Any] = {}
    note = ""
    first = next(pieces, b"")
    if is_tar(first[:512]):
        facts["contains"] = "tar"
        facts["members"], note = check_tar(chain([first], pieces))
    for _ in pieces:
        pass  # the checksum comes last, even after an archive's padding
    return facts, note


def _check_end_block(content: Content, kind: str) -> None:
    """Raise ItemFailed for a file of bgzip without its end block: each block is a gzip file."""
    place, mark = _BGZIP
    if kind != "gzip" or content.head[place] != mark or content.head[3] != 4:
        return
    if not content.tail(4096).rstrip(b"\0").endswith(_BGZIP_END.rstrip(b"\0")):
        raise broken("The gzip file is cut off: the last block, which bgzip writes, is missing")


def check_plain_tar(content: Content) -> Checked:
    """Walk a TAR archive to its end mark. Raises ItemFailed if it is broken.

    Its headers have checksums, its members have none.
    """
    with content.open() as stream:
        members, note = check_tar(iter(lambda: stream.read(PIECE_BYTES), b""))
        return Checked({"members": members}, note, depth="structure")


class Readable(Protocol):
    """What has the method `read` of a binary file."""

    def read(self, count: int, /) -> bytes: ...


class Unpacked:
    """Iterates over the content of a compressed file in pieces of at most a few megabytes.

    Iterating raises ItemFailed if a checksum does not match, the end is missing or a limit is
    passed; CannotCheck if it needs too much memory; and the stream's OSError. Afterwards
    `trailing` is True if other data follows the compressed data.
    """

    def __init__(self, stream: Readable, kind: str, meter: Meter) -> None:
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
            part = _OPEN[self._kind](waiting)
            yield from self._part(part, waiting)
            waiting = self._next(part.unused_data)

    def _part(self, part: Any, waiting: bytes) -> Iterator[bytes]:
        """Unpack one gzip member, xz stream and so on."""
        while not part.eof:
            try:
                piece = part.decompress(waiting, *self._piece_limit)
            except streams.ERRORS as error:
                raise _failure(self._kind, error) from None
            if piece:
                self._meter.add(len(piece))
                yield piece
            # bz2 and lzma keep the input that they have not unpacked yet, zlib returns it.
            waiting = getattr(part, "unconsumed_tail", b"")
            if not waiting and not part.eof and getattr(part, "needs_input", True):
                waiting = self._stream.read(self._read_bytes)
                if not waiting:
                    if getattr(part, "may_end", False):
                        return
                    raise broken(f"The {LABELS[self._kind]} is cut off: its end is missing")

    def _next(self, rest: bytes) -> bytes:
        """Return the start of another part, or nothing. Zeros between parts are padding."""
        while len(rest) < 8 and (more := self._stream.read(self._read_bytes)):
            rest = (rest + more).lstrip(b"\0")
        rest = rest.lstrip(b"\0")
        if rest and not rest.startswith(_PART_STARTS.get(self._kind, ())):
            self.trailing = True
            return b""
        return rest


def _failure(kind: str, error: Exception) -> Exception:
    reason = str(error).lower()
    if "memory" in reason:
        return CannotCheck("unpacking it needs more memory than is allowed")
    if "dictionary mismatch" in reason:
        return CannotCheck("it was packed with a dictionary, which is needed to unpack it")
    if isinstance(error, OSError) and error.errno is not None:
        return error
    if "check" in reason or isinstance(error, streams.ChecksumError):
        return broken(f"The {LABELS[kind]} is damaged: the checksum of its content does not match")
    return broken(f"The {LABELS[kind]} is damaged: its content cannot be unpacked")
