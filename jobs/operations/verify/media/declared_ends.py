"""Reads where Matroska, WebM and Windows Media files say that they end.

FFmpeg takes what is there, and says nothing where a cut falls between two parts.
"""

from collections.abc import Callable
from typing import IO

from jobs.operations.verify.limits import broken

_SEGMENT = 0x18538067
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_ASF_FILE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_OBJECT_BYTES = 24
_MOST_OBJECTS = 1000


def check_end(stream: IO[bytes], size: int, kind: str) -> None:
    """Raise ItemFailed if the file is shorter than it declares. Live recordings declare nothing."""
    expected = _ENDS[kind](stream, size)
    if expected > size:
        raise broken(f"The file is cut off: it should have {expected:,} bytes and has {size:,}")


def _matroska(stream: IO[bytes], size: int) -> int:
    at = 0
    while at < size:
        stream.seek(at)
        head = stream.read(12)
        name, name_bytes = _number(head, keep_mark=True)
        length, length_bytes = _number(head[name_bytes:], keep_mark=False)
        if not name_bytes or not length_bytes:
            return 0
        at += name_bytes + length_bytes
        if length == (1 << 7 * length_bytes) - 1:
            return 0  # not known: a live recording
        at += length
        if name == _SEGMENT:
            return at
    return at


def _number(data: bytes, *, keep_mark: bool) -> tuple[int, int]:
    """Return a number of EBML and its length in bytes; 0, 0 if there is none (RFC 8794, 4)."""
    length = 9 - data[0].bit_length() if data and data[0] else 0
    if not length or len(data) < length:
        return 0, 0
    number = int.from_bytes(data[:length], "big")
    return (number if keep_mark else number & ((1 << 7 * length) - 1)), length


def _asf(stream: IO[bytes], size: int) -> int:
    """Return the end of the data object, which only an index may follow."""
    stream.seek(0)
    header = stream.read(30)
    at, end, is_live = 30, int.from_bytes(header[16:24], "little"), False
    for _ in range(_MOST_OBJECTS):
        stream.seek(at)
        start = stream.read(_ASF_OBJECT_BYTES)
        length = int.from_bytes(start[16:24], "little")
        if len(start) < _ASF_OBJECT_BYTES or length < _ASF_OBJECT_BYTES:
            break
        if start.startswith(_ASF_FILE):
            is_live = bool(stream.read(68)[64:65] in (b"\x01", b"\x03"))
        if start.startswith(_ASF_DATA):
            return 0 if is_live else at + length
        at += length
        if at > size:
            break
    return max(at, end)


_ENDS: dict[str, Callable[[IO[bytes], int], int]] = {"matroska": _matroska, "asf": _asf}
