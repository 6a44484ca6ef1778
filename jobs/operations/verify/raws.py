"""Checks raw files of cameras: the raw picture itself, not only its preview.

Files built like TIFF are walked, with the pictures inside them, and what is packed in a standard
way is unpacked. LibRaw then unpacks the raw picture of every kind. Nobody can find a wrong bit
where samples are stored plainly.
"""

from functools import cache
from typing import Any

from jobs.operations.verify.content import WHOLE_BYTES, Content
from jobs.operations.verify.kinds import MAGIC
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, broken, structure_only
from jobs.operations.verify.media.boxes import check_boxes
from jobs.operations.verify.tiffs.pieces import Found, check_pieces

RAWS = frozenset({"dng", "nef", "cr2", "cr3", "arw", "raf", "rw2", "orf", "pef"})
_BOXES, _PARTS = frozenset({"cr3"}), frozenset({"raf"})
_STANDARD = frozenset({"dng"})
_LOSSLESS_JPEG = 7
"""LibRaw finds more damage in it. It does not read all others that a DNG may have."""

_RAF_PARTS = (84, 92, 100)
"""Where a RAF file states place and length of preview, settings and raw picture."""

_CUT_OFF = "The picture is cut off: its raw data is not complete"


def check_raw(content: Content, kind: str, limits: Limits) -> Checked:
    """Return the size of a whole raw picture. Raises ItemFailed for a damaged one.

    If LibRaw does not know the camera or is not installed, only the structure is checked, and for
    kinds without a known one CannotCheck is raised.
    """
    found = Found()
    if kind in _BOXES:
        with content.open() as stream:
            if not {b"moov", b"mdat"} <= check_boxes(stream, content.size):
                raise broken(_CUT_OFF)
    elif kind in _PARTS:
        _check_parts(content)
    elif content.head.startswith(MAGIC["tiff"] + MAGIC["cr2"]):
        found = check_pieces(content, limits, standard=kind in _STANDARD)
    if found.largest is not None:
        width, height, compression = found.largest
        if compression != _LOSSLESS_JPEG:
            return Checked({"width": width, "height": height}, found.note)
    try:
        return Checked(_unpack(content, limits))
    except CannotCheck as reason:
        if kind in _BOXES | _PARTS or found.pages:
            return structure_only(reason)
        raise


def _check_parts(content: Content) -> None:
    """Raise ItemFailed if a part of a RAF file lies behind its end."""
    for at in _RAF_PARTS:
        place, length = (
            int.from_bytes(content.head[start : start + 4], "big") for start in (at, at + 4)
        )
        if place + length > content.size:
            raise broken(
                f"The picture is cut off: it should have at least {place + length:,} bytes and "
                f"has {content.size:,}"
            )


def _unpack(content: Content, limits: Limits) -> dict[str, Any]:
    """Unpack the raw picture with LibRaw, and return its size."""
    library = load_rawpy()
    if content.size > WHOLE_BYTES:
        raise CannotCheck(f"raw files of more than {WHOLE_BYTES // 1024**2} MB are not unpacked")
    with content.open() as stream, library.RawPy() as raw:
        try:
            raw.open_buffer(stream)
            sizes = raw.sizes
            limits.check_pixels(sizes.raw_width, sizes.raw_height)
            raw.unpack()
        except library.LibRawIOError:
            raise broken(_CUT_OFF) from None
        except library.LibRawDataError:
            raise broken("The picture is damaged: its raw data cannot be unpacked") from None
        except library.LibRawUnsufficientMemoryError:
            raise MemoryError from None
        except library.LibRawError:
            raise CannotCheck("LibRaw does not know raw files of this kind") from None
        return {"width": sizes.width, "height": sizes.height}


@cache
def load_rawpy() -> Any:
    """Return the module, or raise CannotCheck if it is not installed."""
    try:
        import rawpy
    except ImportError:
        raise CannotCheck("raw files need the package “rawpy”, which is not installed") from None
    return rawpy
