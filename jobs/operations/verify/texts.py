"""Plain text: any text is valid, so only a block of zeros in it is a trace of damage."""

import codecs

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck

_ZEROS = bytes(512)
"""A sector of a disk. A crash leaves whole ones; text has none."""
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""How UTF-16 and UTF-32 start, in which zeros are parts of characters."""
_READ_BYTES = 1024 * 1024


def cannot_check_text(content: Content) -> CannotCheck:
    """Return why a text was not checked, or where the first block of zeros in it begins."""
    zeros = _first_zeros(content)
    if zeros is None:
        return CannotCheck("text has nothing in it by which damage could be found", kind="text")
    return CannotCheck(
        f"the text has a block of zeros from byte {zeros:,} on, as after a crash", kind="text"
    )


def has_zeros(head: bytes) -> bool:
    """Return True if a block of zeros stands in these first bytes of a text."""
    return _ZEROS in head


def _first_zeros(content: Content) -> int | None:
    if content.head.startswith(_WIDE_MARKS):
        return None
    start, kept = 0, b""
    with content.open() as stream:
        while piece := stream.read(_READ_BYTES):
            piece = kept + piece
            found = piece.find(_ZEROS)
            if found >= 0:
                return start + found
            kept = piece[1 - len(_ZEROS) :]
            start += len(piece) - len(kept)
    return None
