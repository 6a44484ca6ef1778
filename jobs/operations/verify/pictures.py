"""Checks pictures. JPEG, PNG, TIFF and HEIC have checks of their own, libvips decodes the others.

libvips decodes to the last row of the last page in constant memory.
"""

from typing import Any

from jobs.operations.verify.content import Content
from jobs.operations.verify.gif import check_gif
from jobs.operations.verify.heifs.check import check_heif
from jobs.operations.verify.jpeg_appended import check_photo
from jobs.operations.verify.libvips import load_vips, vips_errors
from jobs.operations.verify.limits import Checked, Limits
from jobs.operations.verify.png import check_png
from jobs.operations.verify.tiffs.check import check_tiff

PICTURES = frozenset({"jpeg", "png", "gif", "webp", "tiff", "heic", "avif"})
_ANIMATIONS = frozenset({"gif", "webp"})  # all pages have one size, each builds on the one before
_WITH_PAGES = frozenset({"tiff", "heic", "avif"})


def check_picture(content: Content, kind: str, limits: Limits) -> Checked:
    """Return size and pages of an intact picture. Raises ItemFailed for a broken one."""
    if kind == "jpeg" and (data := content.whole()) is not None:
        return check_photo(data, limits)
    if kind == "tiff":
        return check_tiff(content, limits, lambda: _decode(content, kind, limits))
    if kind in ("heic", "avif"):
        return check_heif(content, kind, limits, lambda: _decode(content, kind, limits))
    note = ""
    with content.open() as stream:
        if kind == "png":
            return check_png(stream, limits)
        if kind == "gif":
            note = check_gif(stream)
    return Checked(_decode(content, kind, limits), note)


def _decode(content: Content, kind: str, limits: Limits) -> dict[str, Any]:
    """Decode every page with libvips."""
    with vips_errors(silent=kind == "tiff"):
        return _decode_pages(content, kind, limits)


def _decode_pages(content: Content, kind: str, limits: Limits) -> dict[str, Any]:
    options: dict[str, Any] = {"access": "sequential", "fail_on": "error"}
    if kind in _ANIMATIONS:
        options["n"] = -1
    image = _load(content, kind, options)
    pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
    height = image.get_page_height()
    facts = {"width": image.width, "height": height}
    limits.check_pixels(image.width, height, pages if kind in _ANIMATIONS else 1)
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
        # In whole numbers: GIS programs keep places without a value as NaN, which has no average.
        image.cast("uchar").avg()
    else:
        # Rows are decoded in order: fetching the last one decodes all, in a third of the time.
        load_vips().Region.new(image).fetch(0, image.height - 1, image.width, 1)
