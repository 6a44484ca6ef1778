"""Checks pictures: libvips decodes them to the last row of the last page in constant memory."""

import logging
import os
import re
from functools import cache
from typing import Any

from jobs.operations.verify.containers import check_gif, check_png
from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, Meter, broken
from jobs.operations.verify.tiff import Tiff

_ANIMATIONS = frozenset({"gif", "webp"})  # all pages have one size, each builds on the one before
_WITH_PAGES = frozenset({"tiff", "heic", "avif"})
_CUT_OFF = re.compile(
    r"premature end|truncat|unexpected end|end of (?:file|image|data|stream)|not enough"
    r"|insufficient data|read error|bad seek|short read|eof",
    re.IGNORECASE,
)
_UNSUPPORTED = re.compile(r"not configured|support|not implemented|no decod|codec", re.IGNORECASE)
_NO_MEMORY = re.compile(r"out of memory|insufficient memory", re.IGNORECASE)
# libjpeg warns of much that every program displays well. These warnings mean damage.
_HARMLESS = re.compile(r"\d+ extraneous bytes", re.IGNORECASE)
_JPEG_DAMAGE = re.compile(r"corrupt jpeg data: (?!\d+ extraneous)|premature end", re.IGNORECASE)


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
    logging.getLogger("pyvips").setLevel(logging.CRITICAL)
    return pyvips


def check_picture(content: Content, kind: str, limits: Limits) -> Checked:
    """Return size and pages of an intact picture. Raises ItemFailed for a broken one."""
    note = ""
    with content.open() as stream:
        if kind == "png":
            check_png(stream)
        elif kind == "gif":
            note = check_gif(stream)
        elif kind == "tiff":
            Tiff(stream, content.size).check(Meter(limits, content.size))
    try:
        return Checked(_decode_strictly(content, kind, limits), note)
    except load_vips().Error as error:
        raise failure_of(str(error)) from None


def _decode_strictly(content: Content, kind: str, limits: Limits) -> dict[str, Any]:
    if kind == "jpeg":
        try:
            return _decode(content, kind, limits, "warning")
        except load_vips().Error as error:
            if _JPEG_DAMAGE.search(str(error)):
                raise
    return _decode(content, kind, limits, "error")


def _decode(content: Content, kind: str, limits: Limits, fail_on: str) -> dict[str, Any]:
    options: dict[str, Any] = {"access": "sequential", "fail_on": fail_on}
    if kind in _ANIMATIONS:
        options["n"] = -1
    image = _load(content, kind, options)
    pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
    height = image.get_page_height()
    facts = {"width": image.width, "height": height}
    limits.check_pixels(image.width, height, pages)
    _decode_rows(image, kind)
    if kind in _WITH_PAGES:
        for page in range(1, pages):
            image = _load(content, kind, {**options, "page": page})
            limits.check_pixels(image.width, image.height)
            _decode_rows(image, kind)
    return {**facts, "pages": pages} if pages > 1 else facts


def _load(content: Content, kind: str, options: dict[str, Any]) -> Any:
    pyvips = load_vips()
    loader = "heifload" if kind in ("heic", "avif") else f"{kind}load"
    if content.data is not None:
        return getattr(pyvips.Image, f"{loader}_buffer")(content.data, **options)
    source = pyvips.Source.new_from_descriptor(content.descriptor())
    return getattr(pyvips.Image, f"{loader}_source")(source, **options)


def _decode_rows(image: Any, kind: str) -> None:
    if kind == "tiff":
        # Tiles can be read one by one, so only a pass over the whole picture reads all of them.
        image.avg()
    else:
        # Rows are decoded in order: fetching the last one decodes all, in a third of the time.
        load_vips().Region.new(image).fetch(0, image.height - 1, image.width, 1)


def failure_of(text: str) -> Exception:
    """Return the first error that libvips reported, without the names of its functions."""
    lines = [line.strip() for line in text.splitlines()[1:] if line.strip()]
    relevant = [line for line in lines if not _HARMLESS.search(line)] or lines
    reason = relevant[0].rpartition(": ")[2] if lines else "its data is not complete or not valid"
    if _NO_MEMORY.search(text):
        return MemoryError(reason)
    if _UNSUPPORTED.search(text):
        return CannotCheck(f"pictures of this kind cannot be decoded here ({reason})")
    if _CUT_OFF.search(text):
        return broken(f"The picture is cut off: its data ends before its last row ({reason})")
    return broken(f"The picture is damaged: {reason}")
