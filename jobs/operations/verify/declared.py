"""Checks files whose header declares their length: a shorter file is cut off.

The content is not checked. This finds a broken download, not a flipped bit.
"""

import re
import zlib
from collections.abc import Callable

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
    check_end(expected, content.size)


def check_end(expected: int, size: int) -> None:
    """Raise ItemFailed for a file that is shorter than it should be."""
    if expected > size:
        raise broken(f"The file is cut off: it should have {expected:,} bytes and has {size:,}")


def _riff(head: bytes) -> int:
    if head[:4] != b"RIFF":
        return 0
    size = int.from_bytes(head[4:8], "little")
    # Programs that write to a pipe do not know the size and set all its bits.
    return 8 + size if size < 0xFFFFFF00 else 0


def _seven_zip(head: bytes) -> int:
    if len(head) < 32:
        return 32
    if zlib.crc32(head[12:32]) != int.from_bytes(head[8:12], "little"):
        raise broken("The archive is damaged: the checksum of its header does not match")
    place, size = (int.from_bytes(head[at : at + 8], "little") for at in (12, 20))
    return 32 + place + size


_MEASURES: dict[str, Callable[[bytes], int]] = {
    "webp": _riff,
    "7z": _seven_zip,
}
