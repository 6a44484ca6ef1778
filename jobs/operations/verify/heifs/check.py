"""The check of one HEIC, HIF or AVIF file.

libheif decodes HEIC, one picture at a time. The wheel of libvips has no decoder for HEIC, and
gives the same error for whole and cut files; for AVIF its decoder finds the most. It skips the
frames of a sequence, which libavif decodes.
"""

import re
from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Any

from jobs.operations.verify.content import Content
from jobs.operations.verify.heifs.extents import check_extents
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, broken, structure_only
from jobs.operations.verify.media.boxes import check_boxes
from jobs.operations.verify.media.check import clock
from jobs.operations.verify.media.decoding import decode

_ERRORS = (ValueError, RuntimeError, EOFError, SyntaxError, OSError, IndexError, TypeError)
_UNSUPPORTED = re.compile(r"unsupported|no decoding plugin|not implemented", re.IGNORECASE)
_NO_MEMORY = re.compile(r"out of memory", re.IGNORECASE)
_TOO_LARGE = re.compile(r"security limit|memory allocation", re.IGNORECASE)


def check_heif(
    content: Content, kind: str, limits: Limits, by_libvips: Callable[[], dict[str, Any]]
) -> Checked:
    """Return size and pictures of a whole file. `by_libvips` decodes the pictures of an AVIF.

    Without a decoder for it, its structure is checked. Raises ItemFailed for a damaged one.
    """
    with content.open() as stream:
        boxes = check_boxes(stream, content.size)
        if not boxes & {b"meta", b"moov"}:
            raise broken("The picture is cut off or damaged: its list of items is missing")
        check_extents(stream, content.size)
    try:
        return _check_content(content, kind, boxes, limits, by_libvips)
    except CannotCheck as reason:
        return structure_only(reason)


def _check_content(
    content: Content,
    kind: str,
    boxes: set[bytes],
    limits: Limits,
    by_libvips: Callable[[], dict[str, Any]],
) -> Checked:
    if kind == "avif":
        return _frames(content, limits) if b"moov" in boxes else Checked(by_libvips())
    facts: dict[str, Any] = {}
    if b"meta" in boxes:
        facts = _pictures(content, limits)
    if b"moov" in boxes:
        film, note = _sequence(content, limits)
        return Checked(facts or film, note, depth="structure" if note else "content")
    return Checked(facts)


def _pictures(content: Content, limits: Limits) -> dict[str, Any]:
    """Decode every picture with libheif, one after the other."""
    library = load_libheif()
    with content.open() as stream:
        try:
            pictures = library.open_heif(stream)
            sizes = [picture.size for picture in pictures]
            width, height = sizes[pictures.primary_index]
        except _ERRORS as error:
            raise _failure(error) from None
    for size in sizes:
        limits.check_pixels(*size)
    while len(pictures):
        try:
            pictures[0].load()
        except _ERRORS as error:
            raise _failure(error) from None
        del pictures[0]  # a decoded picture stays in memory with its object
    return {"width": width, "height": height, **({"pages": len(sizes)} if len(sizes) > 1 else {})}


@cache
def load_libheif() -> Any:
    """Return pillow-heif, set up for a worker, or raise CannotCheck if it is not installed."""
    try:
        import pillow_heif
    except ImportError:
        raise CannotCheck("it needs the package “pillow-heif”, which is not installed") from None
    pillow_heif.options.DECODE_THREADS = 1
    return pillow_heif


def _frames(content: Content, limits: Limits) -> Checked:
    """Decode every frame of an AVIF sequence with libavif, one after the other."""
    try:
        from PIL import AvifImagePlugin
    except ImportError:
        raise CannotCheck("it needs the package “pillow”, which is not installed") from None
    until = monotonic() + limits.decoding_seconds
    with content.open() as stream:
        try:
            with AvifImagePlugin.AvifImageFile(stream) as picture:
                count = getattr(picture, "n_frames", 1)
                width, height = picture.size
                facts = {"width": width, "height": height}
                for frame in range(count):
                    if frame and monotonic() > until:
                        note = f"only its first {frame:,} frames were decoded"
                        return Checked(facts, note, depth="structure")
                    limits.check_pixels(*picture.size)
                    picture.seek(frame)
                    picture.load()
        except _ERRORS as error:
            raise _failure(error) from None
    return Checked({**facts, "pages": count} if count > 1 else facts)


def _sequence(content: Content, limits: Limits) -> tuple[dict[str, Any], str]:
    """Decode the film in a sequence of HEIC pictures. Returns facts, and a note or nothing."""
    with content.open() as stream:
        found = decode(stream, "mov", limits.decoding_seconds, check_size=limits.check_pixels)
    if found.damaged_at is not None:
        raise broken(f"Damaged at {clock(found.damaged_at)}: it cannot be decoded as a whole")
    if found.decoded_to is not None:
        return {}, f"only its first {clock(found.decoded_to)} were decoded, the rest was only read"
    if not found.sizes:
        return {}, ""
    width, height = found.sizes[0]
    return {"width": width, "height": height, "pages": found.pictures}, ""


def _failure(error: Exception) -> Exception:
    """Return what an error of libheif or libavif means, in a sentence."""
    text = str(error)
    if _NO_MEMORY.search(text):
        return MemoryError()
    if _TOO_LARGE.search(text):
        return CannotCheck("it is too large for its decoder")
    if _UNSUPPORTED.search(text):
        return CannotCheck("pictures of this kind cannot be decoded here")
    return broken("The picture is damaged: its data cannot be decoded")
