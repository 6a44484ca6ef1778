"""Checks files whose header declares their length: a shorter file is cut off.

The content is not checked. This finds a broken download, not a flipped bit.
"""

import re
import zlib

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, broken

_VOLUME = re.compile(r"\.\d{3}$")


def check_length(content: Content, kind: str, name: str) -> None:
    """Raise ItemFailed if a file of such a kind is shorter than its header declares.

    Raises CannotCheck for a volume, which declares the length of all of them.
    """
    if kind not in _MEASURES:
        return
    if kind == "7z" and _VOLUME.search(name):
        raise CannotCheck("it is one of several volumes of an archive")
    expected = _MEASURES[kind](content.head)
    if expected > content.size:
        raise broken(
            f"The file is cut off: it should have {expected:,} bytes and has {content.size:,}"
        )


def _bmp(head: bytes) -> int:
    """Return the start of the pixels plus, if they are not compressed, the bytes of their rows."""
    start = int.from_bytes(head[10:14], "little")
    if int.from_bytes(head[14:18], "little") < 40 or len(head) < 34:
        return start
    width = int.from_bytes(head[18:22], "little", signed=True)
    height = int.from_bytes(head[22:26], "little", signed=True)
    bits = int.from_bytes(head[28:30], "little")
    if int.from_bytes(head[30:34], "little") not in (0, 3):
        return start
    return start + (abs(width) * bits + 31) // 32 * 4 * abs(height)


def _ico(head: bytes) -> int:
    """Return the furthest end of a picture in the icon."""
    count = int.from_bytes(head[4:6], "little")
    entries = [head[6 + 16 * index :][:16] for index in range(count)]
    return max(
        (
            int.from_bytes(entry[8:12], "little") + int.from_bytes(entry[12:16], "little")
            for entry in entries
            if len(entry) == 16
        ),
        default=0,
    )


def _riff(head: bytes) -> int:
    if head[:4] != b"RIFF":
        return 0
    size = int.from_bytes(head[4:8], "little")
    # Programs that write to a pipe do not know the size and set all its bits.
    return 8 + size if size < 0xFFFFFF00 else 0


def _woff(head: bytes) -> int:
    return int.from_bytes(head[8:12], "big") if len(head) >= 12 else 12


def _seven_zip(head: bytes) -> int:
    if len(head) < 32:
        return 32
    if zlib.crc32(head[12:32]) != int.from_bytes(head[8:12], "little"):
        raise broken("The archive is damaged: the checksum of its header does not match")
    place, size = (int.from_bytes(head[at : at + 8], "little") for at in (12, 20))
    return 32 + place + size


_MEASURES = {
    "bmp": _bmp,
    "ico": _ico,
    "webp": _riff,
    "woff": _woff,
    "woff2": _woff,
    "7z": _seven_zip,
}
