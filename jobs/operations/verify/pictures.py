"""Checks pictures. JPEG, PNG and GIF have checks of their own, libvips decodes all others.

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
from jobs.operations.verify.tiffs.one_page import OnePage, Page

PICTURES = frozenset({"jpeg", "png", "gif", "webp", "tiff", "heic", "avif"})
_ANIMATIONS = frozenset({"webp"})  # all pages have one size, each builds on the one before
_WITH_PAGES = frozenset({"heic", "avif"})


def check_picture(content: Content, kind: str, limits: Limits) -> Checked:
    """Return size and pages of an intact picture. Raises ItemFailed for a broken one."""
    if kind == "jpeg" and (data := content.whole()) is not None:
        return check_photo(data, limits)
    if kind == "tiff":
        return check_tiff(content, limits, lambda pages: _decode_tiff(content, pages, limits))
    if kind in ("heic", "avif"):
        return check_heif(content, kind, limits, lambda: _decode(content, kind, limits))
    if kind == "gif":
        return check_gif(content, limits)
    if kind == "png":
        with content.open() as stream:
            return check_png(stream, limits)
    return Checked(_decode(content, kind, limits))


def _decode_tiff(content: Content, pages: list[Page], limits: Limits) -> dict[str, Any]:
    """Decode these pages. Return the size of the first one, and how many there are."""
    first: tuple[int, int] | None = None
    for page in pages:
        with vips_errors(silent=True):
            image, source = _tiff_page(OnePage(content.read_at, content.size, page))
            size = (image.width, image.height)
            first = first or size
            limits.check_pixels(*size)
            # Tiles can be read one by one, so only a pass over the whole picture reads all of
            # them. In whole numbers: places without a value are NaN, which has no average.
            image.cast("uchar").avg()
            # The image does not keep its source alive, and the process would crash without it.
            del image, source
    facts = dict(zip(("width", "height"), first, strict=True)) if first else {}
    return {**facts, "pages": len(pages)} if len(pages) > 1 else facts


def _tiff_page(page: OnePage) -> tuple[Any, Any]:
    pyvips = load_vips()
    source = pyvips.SourceCustom()
    source.on_read(page.read)
    source.on_seek(page.seek)
    image = pyvips.Image.tiffload_source(source, access="sequential", fail_on="error")
    return image, source


def _decode(content: Content, kind: str, limits: Limits) -> dict[str, Any]:
    """Decode every page with libvips."""
    with vips_errors():
        return _decode_pages(content, kind, limits)


def _decode_pages(content: Content, kind: str, limits: Limits) -> dict[str, Any]:
    options: dict[str, Any] = {"access": "sequential", "fail_on": "error"}
    if kind in _ANIMATIONS:
        options["n"] = -1
    image = _load(content, kind, options)
    pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
    height = image.get_page_height()
    facts = {"width": image.width, "height": height}
    limits.check_pixels(image.width, height)
    _decode_rows(image)
    if kind in _WITH_PAGES:
        for page in range(1, pages):
            image = _load(content, kind, {**options, "page": page})
            limits.check_pixels(image.width, image.height)
            _decode_rows(image)
    return {**facts, "pages": pages} if pages > 1 else facts


def _load(content: Content, kind: str, options: dict[str, Any]) -> Any:
    pyvips = load_vips()
    loader = "heifload" if kind in ("heic", "avif") else f"{kind}load"
    if content.data is not None:
        return getattr(pyvips.Image, f"{loader}_buffer")(content.data, **options)
    source = pyvips.Source.new_from_descriptor(content.descriptor())
    return getattr(pyvips.Image, f"{loader}_source")(source, **options)


def _decode_rows(image: Any) -> None:
    # Rows are decoded in order: fetching the last one decodes all, in a third of the time.
    load_vips().Region.new(image).fetch(0, image.height - 1, image.width, 1)
