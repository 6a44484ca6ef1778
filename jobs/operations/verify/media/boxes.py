"""Walks through files made of boxes: MP4, MOV, M4A, 3GP, HEIC and AVIF."""

from typing import IO

from jobs.operations.verify.limits import broken

_LARGEST_REST = 7
"""Some makers leave a few bytes after the last box. No box is so small."""


def check_boxes(stream: IO[bytes], size: int) -> set[bytes]:
    """Walk to the last box. Returns the names of all, or raises ItemFailed if one is cut off."""
    at = 0
    names = set()
    while size - at > _LARGEST_REST:
        stream.seek(at)
        header = stream.read(16)
        length = int.from_bytes(header[:4], "big")
        name = header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:  # to the end of the file, or padding
            names.add(name)
            return names
        if length < 8:
            raise broken("The file is damaged: the size of a part of it is not valid")
        if not _is_name(name):
            if b"mdat" in names and names & {b"moov", b"meta"}:
                return names  # what a maker has added after the last box
            raise broken("The file is damaged: a part of it has no valid name")
        if at + length > size:
            raise broken(
                f"The file is cut off: it should have {at + length:,} bytes and has {size:,}"
            )
        names.add(name)
        at += length
    return names


def _is_name(name: bytes) -> bool:
    return all(32 <= byte < 127 or byte == 0xA9 for byte in name)
