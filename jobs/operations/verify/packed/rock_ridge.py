"""Checks the fields that Rock Ridge adds to the folders of a disk image (SUSP, RRIP)."""

from collections.abc import Callable, Iterator

_MARK = b"SP\x07\x01\xbe\xef"
"""The first field of the first record of the root, if the image has such fields."""
_CONTINUED = b"CE"
_ENDED = b"ST"
_MOST_CONTINUED = 64


def has_fields(record: bytes) -> bool:
    """Return True if the first record of the root says that records have such fields."""
    return _added(record).startswith(_MARK)


def are_valid(record: bytes, read: Callable[[int, int, int], bytes]) -> bool:
    """Return True if a record has fields, and wherever they continue.

    `read` returns so many bytes from a block and a place in it.
    """
    data = _added(record)
    for _ in range(_MOST_CONTINUED):
        following = None
        for name, field in _fields(data):
            if name is None:
                return False
            if name == _CONTINUED and len(field) >= 28:
                following = [int.from_bytes(field[at : at + 4], "little") for at in (4, 12, 20)]
        if following is None:
            return True
        data = read(*following)
        if len(data) < following[2]:
            return False
    return False


def _added(record: bytes) -> bytes:
    """Return what follows the name in a record."""
    length = record[32]
    return record[33 + length + (length + 1) % 2 :]


def _fields(data: bytes) -> Iterator[tuple[bytes | None, bytes]]:
    """Yield name and bytes of each field; None if there is none."""
    at = 0
    while at + 4 <= len(data) and data[at : at + 2] != _ENDED:
        name, length = data[at : at + 2], data[at + 2]
        if length < 4 or at + length > len(data) or not name.isalnum():
            if not at:
                yield None, b""
            return  # padding, or what genisoimage writes for links of over 500 characters
        yield name, data[at : at + length]
        at += length
