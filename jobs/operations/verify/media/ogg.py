"""Walks through the pages of an Ogg file. Each one has a checksum, which FFmpeg only logs."""

import zlib
from typing import IO

from jobs.operations.verify.limits import broken

_HEADER_BYTES = 27
_MARK = b"OggS"
_REST_BYTES = 1024 * 1024
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def crc32(data: bytes) -> int:
    """Return the CRC-32 of Ogg: the polynomial of zlib's, with bits in the other order.

    Reversing the bits of each byte and of the result makes one out of the other (RFC 3533, 6).
    """
    # zlib inverts the register before and after; Ogg does neither.
    reflected = zlib.crc32(data.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(reflected.to_bytes(4, "little").translate(_REVERSED), "big")


def check_ogg(stream: IO[bytes], size: int) -> str:
    """Test the checksum of every page. Returns a note, or raises ItemFailed.

    Zeros after the last page are padding. A missing end mark and jumps in the page numbers are
    not damage: sound that was cut out of another file has them.
    """
    at = 0
    while at < size:
        header = stream.read(_HEADER_BYTES)
        if not header.startswith(_MARK):
            rest = header + stream.read(_REST_BYTES)
            if at and not any(rest):
                return ""
            if at and _MARK not in rest:
                return "other data follows its end"
            raise broken(f"The sound is damaged: no page begins where one should (byte {at:,})")
        segments = stream.read(header[26]) if len(header) == _HEADER_BYTES else b""
        body = stream.read(sum(segments))
        length = _HEADER_BYTES + len(segments) + len(body)
        if len(header) < _HEADER_BYTES or len(segments) < header[26] or len(body) < sum(segments):
            raise broken("The sound is cut off: its last page is not complete")
        recorded = int.from_bytes(header[22:26], "little")
        if crc32(header[:22] + bytes(4) + header[26:] + segments + body) != recorded:
            raise broken(
                f"The sound is damaged: the checksum of a page does not match (byte {at:,})"
            )
        at += length
    return ""
