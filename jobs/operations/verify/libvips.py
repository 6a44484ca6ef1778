"""libvips: how it is loaded, and what its errors mean."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from jobs.operations.verify.limits import CannotCheck, broken

_CUT_OFF = re.compile(
    r"premature end|truncat|unexpected end|end of (?:file|image|data|stream)|not enough"
    r"|insufficient data|read error|bad seek|short read|eof",
    re.IGNORECASE,
)
_UNSUPPORTED = re.compile(
    r"not configured|support|not implemented|no decod|codec|not a whole number of bytes",
    re.IGNORECASE,
)
_DAMAGED = re.compile(r"bad code word|corrupt|not terminated", re.IGNORECASE)
_BAD_ROWS = re.compile(r"premature eol|line length mismatch|bad (?:code word|2d)", re.IGNORECASE)
_NO_MEMORY = re.compile(r"out of memory|insufficient memory", re.IGNORECASE)


@cache
def load_vips() -> Any:
    """Return the module pyvips, set up for a worker: one thread, no cache between pictures.

    Loading takes a tenth of a second, and libvips does not survive a fork. So call this in the
    process that does the work, not at import.
    """
    os.environ.setdefault("VIPS_CONCURRENCY", "1")
    import pyvips

    pyvips.cache_set_max(0)
    # Its warnings concern files; the item's message reports them.
    logger = logging.getLogger("pyvips")
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    logger.handlers = [_BAD]
    return pyvips


class _BadRows(logging.Handler):
    """Notes that rows of a fax did not fit, which the decoder of TIFF only warns of."""

    found = False

    def emit(self, record: logging.LogRecord) -> None:
        self.found = self.found or bool(_BAD_ROWS.search(record.getMessage()))


_BAD = _BadRows()


def had_bad_rows() -> bool:
    """Return True if rows of a fax did not fit since the last call."""
    found, _BAD.found = _BAD.found, False
    return found


@contextmanager
def vips_errors(*, silent: bool = False) -> Iterator[None]:
    """Turn what libvips reports in the block into a failure of this picture, and of no other.

    libvips keeps one text of errors for the whole process, which outlasts the picture. A tile
    of TIFF that it cannot read is drawn in black, raises nothing, and leaves only the text: with
    `silent`, that is a failure, too. Other formats leave texts behind that mean nothing.
    """
    vips = load_vips()
    library = vips.vips_lib
    library.vips_error_clear()
    try:
        yield
        text = vips.ffi.string(library.vips_error_buffer()).decode(errors="replace")
        if silent and text:
            raise failure_of("\n" + text)
    except vips.Error as error:
        raise failure_of(str(error)) from None
    finally:
        library.vips_error_clear()


def failure_of(text: str) -> Exception:
    """Return what an error of libvips means, in a sentence."""
    if _NO_MEMORY.search(text):
        return MemoryError()
    if _UNSUPPORTED.search(text) and not _DAMAGED.search(text):
        return CannotCheck("pictures of this kind cannot be decoded here")
    if _CUT_OFF.search(text):
        return broken("The picture is cut off: its data ends before its last row")
    return broken("The picture is damaged: its data cannot be decoded")
