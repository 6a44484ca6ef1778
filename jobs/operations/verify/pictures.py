"""Pictures: decoded to the last row of the last page by libvips, in flat memory."""

import re
from typing import Any

from jobs.operations.verify.containers import check_gif, check_png
from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, Meter, broken
from jobs.operations.verify.tiff import Tiff
from jobs.operations.vips import load_vips

_LOADERS = {
    "jpeg": "jpegload",
    "png": "pngload",
    "gif": "gifload",
    "webp": "webpload",
    "tiff": "tiffload",
    "heic": "heifload",
    "avif": "heifload",
}
_ANIMATIONS = frozenset({"gif", "webp"})  # all pages are of one size, each builds on the last
_WITH_PAGES = frozenset({"tiff", "heic", "avif"})
_CUT_OFF = re.compile(
    r"premature end|truncat|unexpected end|end of (?:file|image|data|stream)|not enough"
    r"|insufficient data|read error|bad seek|short read|eof",
    re.IGNORECASE,
)
_UNSUPPORTED = re.compile(r"not configured|support|not implemented|no decod|codec", re.IGNORECASE)
_NO_MEMORY = re.compile(r"out of memory|insufficient memory", re.IGNORECASE)
# libjpeg warns of much that every program shows as it is; this is what damage looks like.
_HARMLESS = re.compile(r"\d+ extraneous bytes", re.IGNORECASE)
_JPEG_DAMAGE = re.compile(r"corrupt jpeg data: (?!\d+ extraneous)|premature end", re.IGNORECASE)


def check_picture(content: Content, kind: str, limits: Limits) -> Checked:
    """Size and pages of a whole picture. Raises ItemFailed for a broken one."""
    note = ""
    with content.open() as stream:
        if kind == "png":
            check_png(stream)
        elif kind == "gif":
            note = check_gif(stream)
        elif kind == "tiff":
            Tiff(stream, content.size).check(Meter(limits, content.size))
    pyvips = load_vips()
    try:
        return Checked(_decode_strictly(pyvips, content, kind, limits), note)
    except pyvips.Error as error:
        raise failure_of(str(error)) from None


def _decode_strictly(pyvips: Any, content: Content, kind: str, limits: Limits) -> dict[str, Any]:
    if kind == "jpeg":
        try:
            return _decode(pyvips, content, kind, limits, "warning")
        except pyvips.Error as error:
            if _JPEG_DAMAGE.search(str(error)):
                raise
    return _decode(pyvips, content, kind, limits, "error")


def _decode(
    pyvips: Any, content: Content, kind: str, limits: Limits, fail_on: str
) -> dict[str, Any]:
    options: dict[str, Any] = {"access": "sequential", "fail_on": fail_on}
    if kind in _ANIMATIONS:
        options["n"] = -1
    image = _load(pyvips, content, kind, options)
    pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
    height = image.get_page_height()
    facts = {"width": image.width, "height": height}
    limits.check_pixels(image.width, height, pages)
    _decode_rows(pyvips, image, kind)
    if kind in _WITH_PAGES:
        for page in range(1, pages):
            image = _load(pyvips, content, kind, {**options, "page": page})
            limits.check_pixels(image.width, image.height)
            _decode_rows(pyvips, image, kind)
    return {**facts, "pages": pages} if pages > 1 else facts


def _load(pyvips: Any, content: Content, kind: str, options: dict[str, Any]) -> Any:
    loader = _LOADERS[kind]
    if content.data is not None:
        return getattr(pyvips.Image, f"{loader}_buffer")(content.data, **options)
    source = pyvips.Source.new_from_descriptor(content.descriptor())
    return getattr(pyvips.Image, f"{loader}_source")(source, **options)


def _decode_rows(pyvips: Any, image: Any, kind: str) -> None:
    if kind == "tiff":
        # Tiles can be reached one by one, so only a walk over all of them reads them all.
        image.avg()
    else:
        # Rows come one after the other: the last one takes all before it, in a third of the time.
        pyvips.Region.new(image).fetch(0, image.height - 1, image.width, 1)


def failure_of(text: str) -> Exception:
    """The first thing that libvips said, without the names of its functions."""
    lines = [line.strip() for line in text.splitlines()[1:] if line.strip()]
    telling = [line for line in lines if not _HARMLESS.search(line)] or lines
    reason = telling[0].rpartition(": ")[2] if lines else "its data is not complete or not valid"
    if _NO_MEMORY.search(text):
        return MemoryError(reason)
    if _UNSUPPORTED.search(text):
        return CannotCheck(f"pictures of this sort cannot be decoded here ({reason})")
    if _CUT_OFF.search(text):
        return broken(f"The picture is cut off: its data ends before its last row ({reason})")
    return broken(f"The picture is damaged: {reason}")
