"""Checks TAR archives: tests the checksum of every header and reads every member to its end.

Python's tarfile stops silently at a damaged header, so the headers are walked here.
"""

import re
from collections.abc import Iterator

from jobs.operations.verify.kinds import is_tar
from jobs.operations.verify.limits import broken

BLOCK = 512
_EXTENDED = b"gxX"  # pax headers: text about the next member, or about all
_LONG_NAMES = b"LKN"  # GNU: a long name for the next member
_WITHOUT_CONTENT = b"123456"  # links, devices, folders, pipes: their size is meaningless
_LONGEST_TEXT = 1024 * 1024
_MOST_DIGITS = 18
"""No file is so large. Python refuses to read a number of thousands of digits."""
_PAX_SIZE = re.compile(rb"(?:^|\n)\d+ size=(\d+)\n")


class Pieces:
    """Reads exact amounts from an iterator of byte strings of any size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._current = memoryview(b"")

    def take(self, count: int) -> Iterator[memoryview]:
        """Yield the next `count` bytes in parts, or fewer at the end."""
        while count:
            self._current = self._current or memoryview(next(self._pieces, b""))
            part, self._current = self._current[:count], self._current[count:]
            if not part:
                return
            count -= len(part)
            yield part

    def read(self, count: int) -> bytes:
        """Return `count` bytes, or fewer at the end."""
        return b"".join(self.take(count))

    def skip(self, count: int) -> bool:
        """Skip `count` bytes. Return True if there were as many."""
        return sum(map(len, self.take(count))) == count


def check_tar(pieces: Iterator[bytes]) -> tuple[int, str]:
    """Return the number of members of an intact archive, and a note, which may be empty.

    Archives can follow the end mark of another one, as `cat` makes them; zeros between them are
    padding. Raises ItemFailed for a broken archive.
    """
    source = Pieces(pieces)
    members = 0
    last = ""
    announced: int | None = None
    ended = False
    while header := source.read(BLOCK):
        if not any(header):
            ended = ended or len(header) == BLOCK
            continue
        if ended and not is_tar(header):
            return members, "other data follows its end"
        _check_complete(header, BLOCK, last)
        _check_sum(header, last)
        ended = False
        kind = header[156:157]
        size = _size(header, last)
        if kind in _EXTENDED and size <= _LONGEST_TEXT:
            text = source.read(size)
            _check_complete(text, size, last)
            announced = _announced(text, last) if kind != b"g" else announced
            source.skip(-size % BLOCK)
            continue
        if kind not in _LONG_NAMES:
            members += 1
            last = header[:100].partition(b"\0")[0].decode(errors="replace")
            size, announced = announced if announced is not None else size, None
            if kind == b"S":
                _skip_sparse_maps(source, header[482])
        old_folder = kind == b"\0" and last.endswith("/")
        if kind in _WITHOUT_CONTENT or old_folder:
            continue
        if not source.skip(size + -size % BLOCK):
            raise broken(f"The TAR archive is cut off in the member “{last}”")
    if not members and not ended:
        raise broken("The TAR archive is cut off: it has no member and no end mark")
    # A cut that falls between two members looks the same. Some programs never write the mark.
    return members, "" if ended else f"its end mark is missing{_after(last)}"


def _check_complete(header: bytes, size: int, last: str) -> None:
    if len(header) < size:
        raise broken(f"The TAR archive is cut off in the header of a member{_after(last)}")


def _check_sum(header: bytes, last: str) -> None:
    recorded = header[148:156].partition(b"\0")[0].strip()
    blanked = header[:148] + b" " * 8 + header[156:]
    try:
        expected = int(recorded, 8)
    except ValueError:
        expected = -1
    # Some old programs summed the bytes as signed numbers.
    if expected not in (sum(blanked), sum(byte - 256 * (byte > 127) for byte in blanked)):
        raise broken(f"The TAR archive is damaged: a header is not valid{_after(last)}")


def _size(header: bytes, last: str) -> int:
    field = header[124:136]
    if field[0] & 0x80:  # GNU: a binary number, for sizes of 8 GB and more
        return int.from_bytes(field[1:], "big")
    try:
        return int(field.partition(b"\0")[0].strip() or b"0", 8)
    except ValueError:
        raise broken(f"The TAR archive is damaged: a size is not valid{_after(last)}") from None


def _announced(text: bytes, last: str) -> int | None:
    """Return the size in a pax header, which overrides the one in the member's own header."""
    found = _PAX_SIZE.search(text)
    if found and len(found[1]) > _MOST_DIGITS:
        raise broken(f"The TAR archive is damaged: a size is not valid{_after(last)}")
    return int(found[1]) if found else None


def _skip_sparse_maps(source: Pieces, more: int) -> None:
    while more:
        block = source.read(BLOCK)
        more = block[504] if len(block) == BLOCK else 0


def _after(last: str) -> str:
    return f" after the member “{last}”" if last else ""
