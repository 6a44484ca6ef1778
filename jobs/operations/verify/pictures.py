"""Checks pictures. JPEG and PNG have checks of their own, libvips decodes all others.

libvips decodes to the last row of the last page in constant memory.
"""

from collections.abc import Callable
from typing import IO, Any

from jobs.operations.verify.content import Content
from jobs.operations.verify.gif import check_gif
from jobs.operations.verify.jpeg import check_jpeg
from jobs.operations.verify.libvips import load_vips, vips_errors
from jobs.operations.verify.limits import Checked, Limits, Meter
from jobs.operations.verify.png import check_png
from jobs.operations.verify.tiff import Tiff
from jobs.operations.verify.tiff_page import OnePage

PICTURES = frozenset({"jpeg", "png", "gif", "webp", "tiff", "heic", "avif"})
_ANIMATIONS = frozenset({"gif", "webp"})  # all pages have one size, each builds on the one before
_WITH_PAGES = frozenset({"heic", "avif"})


def check_picture(content: Content, kind: str, limits: Limits) -> Checked:
    """Return size and pages of an intact picture. Raises ItemFailed for a broken one."""
    if kind == "jpeg" and (data := content.whole()) is not None:
        return check_jpeg(data, limits)
    note = ""
    with content.open() as stream:
        if kind == "tiff":
            return _check_tiff(content, stream, limits)
        if kind == "png":
            return check_png(stream, limits)
        if kind == "gif":
            note = check_gif(stream)
    with vips_errors():
        return Checked(_decode(content, kind, limits), note)


def _check_tiff(content: Content, stream: IO[bytes], limits: Limits) -> Checked:
    tiff = Tiff(stream, content.size, Meter(limits, content.size))
    tiff.check()
    sizes: list[tuple[int, int]] = []
    pixels = 0

    def check_size(width: int, height: int) -> None:
        nonlocal pixels
        sizes.append((width, height))
        pixels += width * height
        limits.check_pixels(width, height)
        limits.check_all_pixels(pixels, len(sizes))

    for page in tiff.pages:
        with vips_errors(silent=True):
            _decode_page(OnePage(content.read_at, content.size, page), check_size)
    facts = dict(zip(("width", "height"), sizes[0], strict=True)) if sizes else {}
    if len(sizes) > 1:
        facts["pages"] = len(sizes)
    return Checked(facts, "it has more pages than are looked at" if tiff.has_more else "")


def _decode_page(page: OnePage, check_size: Callable[[int, int], None]) -> None:
    """Decode all rows if `check_size(width, height)` raises nothing."""
    pyvips = load_vips()
    # The image does not keep its source alive, and the process would crash without it.
    source = pyvips.SourceCustom()
    source.on_read(page.read)
    source.on_seek(page.seek)
    image = pyvips.Image.tiffload_source(source, access="sequential", fail_on="error")
    try:
        check_size(image.width, image.height)
        # Tiles can be read one by one, so only a pass over the whole picture reads all of them.
        image.avg()
    finally:
        del image


def _decode(content: Content, kind: str, limits: Limits) -> dict[str, Any]:
    options: dict[str, Any] = {"access": "sequential", "fail_on": "error"}
    if kind in _ANIMATIONS:
        options["n"] = -1
    image = _load(content, kind, options)
    pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
    height = image.get_page_height()
    facts = {"width": image.width, "height": height}
    limits.check_pixels(image.width, height, pages)
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
