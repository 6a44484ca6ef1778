"""Walks through files made of chunks: WAV, RF64, AVI, AIFF and Wave64.

A chunk that ends beyond the file is cut off, unless its size is one that programs write when they
stream to a pipe and cannot know it.
"""

from typing import IO

from jobs.operations.verify.limits import broken

_OPEN_ENDED = 0x7FFF0000
"""Sizes from here on, and 0, mean “to the end of the file”."""
_W64_HEADER_BYTES = 24
_RIFF_FORMS = (b"RIFF", b"RF64", b"BW64", b"RIFX")
_LARGE = 0xFFFFFFFF


def check_chunks(stream: IO[bytes], size: int) -> None:
    """Walk to the end of the file. Raises ItemFailed if it is cut off."""
    head = stream.read(12)
    if head.startswith(b"riff"):
        return _check_wave64(stream, size)
    order = "big" if head[:4] in (b"FORM", b"RIFX") else "little"
    at = 0
    sizes: dict[bytes, int] = {}
    while at < size:
        stream.seek(at)
        start = stream.read(12)
        name = start[:4]
        length = int.from_bytes(start[4:8], order)  # type: ignore[arg-type]
        if name in (*_RIFF_FORMS, b"FORM"):
            if not (_is_open(length) or length == size) and name != b"RF64":
                _expect(at + 8 + length, size)
            at += 12
            continue
        if not name.strip(b"\0"):
            return None  # padding
        if name == b"LIST" and length >= _OPEN_ENDED:
            at += 12  # its chunks follow
            continue
        if name == b"ds64":
            sizes[b"data"] = int.from_bytes(stream.read(12)[4:12], "little")
        if length == _LARGE:
            length = sizes.get(name, 0)
        if name in (b"data", b"SSND") and _is_open(length) and name not in sizes:
            return None
        _expect(at + 8 + length, size)
        at += 8 + length + length % 2
    return None


def _is_open(length: int) -> bool:
    return not length or length >= _OPEN_ENDED


def _check_wave64(stream: IO[bytes], size: int) -> None:
    stream.seek(16)
    declared = int.from_bytes(stream.read(8), "little")
    if 0 < declared < 1 << 62:
        _expect(declared, size)
    at = 40
    while at + _W64_HEADER_BYTES <= size:
        stream.seek(at)
        header = stream.read(_W64_HEADER_BYTES)
        length = int.from_bytes(header[16:24], "little")
        if length < _W64_HEADER_BYTES or length >= 1 << 62:
            return
        _expect(at + length, size)
        at += (length + 7) // 8 * 8


def _expect(end: int, size: int) -> None:
    if end > size:
        raise broken(f"The file is cut off: it should have {end:,} bytes and has {size:,}")
