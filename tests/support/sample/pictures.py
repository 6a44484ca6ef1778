"""Drawn landscapes in every picture format that is verified to the last row."""

from random import Random
from typing import Any

from jobs.operations.verify.libvips import load_vips

_WIDTH, _HEIGHT = 480, 320
_SKIES = (
    ("#1b2a4a", "#e07a5f"),
    ("#8ecae6", "#ffffff"),
    ("#2b2d42", "#ef8354"),
    ("#a2d2ff", "#fefae0"),
    ("#355070", "#eaac8b"),
    ("#cdb4db", "#ffc8dd"),
)
_HILLS = (
    ("#606c38", "#283618"),
    ("#52796f", "#2f3e46"),
    ("#6d597a", "#355070"),
    ("#bc6c25", "#582f0e"),
)
_PLACES = ("Lake", "Hills", "Coast", "Dawn", "Meadow", "Dunes", "Harbour", "Ridge")


def pictures() -> dict[str, bytes]:
    """About 70 files in the folder `Pictures`."""
    files: dict[str, bytes] = {}
    for number in range(36):
        files[f"Pictures/Holiday/{_title(number)}.jpg"] = _render(number, ".jpg", Q=82)
    for number in range(36, 40):
        files[f"Pictures/Holiday/{_title(number)}.jpeg"] = _render(
            number, ".jpg", Q=75, interlace=True
        )
    for number in range(40, 52):
        files[f"Pictures/Drawings/{_title(number)}.png"] = _render(number, ".png")
    for number in range(52, 58):
        files[f"Pictures/Web/{_title(number)}.webp"] = _render(number, ".webp", Q=70)
    for number in range(58, 61):
        files[f"Pictures/Scans/{_title(number)}.tif"] = _render(
            number, ".tif", compression="deflate"
        )
    files[f"Pictures/Web/{_title(61)}.avif"] = _render(61, ".avif", effort=0)
    for number in range(62, 66):
        files[f"Pictures/Web/{_title(number)}.gif"] = _animation(number)
    for number in range(66, 71):
        files[f"Pictures/Drawings/{_title(number)}.svg"] = landscape(number)
    return files


def landscape(number: int) -> bytes:
    """The same SVG for the same number: a sky, a sun and three rows of hills."""
    random = Random(number)
    top, bottom = _SKIES[number % len(_SKIES)]
    near, far = _HILLS[number % len(_HILLS)]
    sun = f'<circle cx="{random.randrange(60, 420)}" cy="{random.randrange(50, 150)}" r="28"'
    rows = [
        f'<path d="{_hills(random, level)}" fill="{colour}" fill-opacity="0.85"/>'
        for level, colour in ((190, far), (225, near), (265, far))
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}">'
        f'<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="{top}"/>'
        f'<stop offset="1" stop-color="{bottom}"/></linearGradient></defs>'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="url(#sky)"/>'
        f'{sun} fill="#fff3c4"/>{"".join(rows)}</svg>\n'
    ).encode()


def _hills(random: Random, level: int) -> str:
    steps = [
        f"Q{right - 40} {level + random.randrange(-50, 40)} {right} {level}"
        for right in range(80, _WIDTH + 80, 80)
    ]
    return " ".join([f"M0 {_HEIGHT} L0 {level}", *steps, f"L{_WIDTH} {_HEIGHT} Z"])


def _title(number: int) -> str:
    return f"{_PLACES[number % len(_PLACES)]} {number:02}"


def _image(number: int) -> Any:
    return load_vips().Image.svgload_buffer(landscape(number)).flatten()


def _render(number: int, suffix: str, **options: object) -> bytes:
    content: bytes = _image(number).write_to_buffer(suffix, **options)
    return content


def _animation(number: int) -> bytes:
    """Four frames that differ in brightness."""
    small = _image(number).resize(0.25)
    frames = [(small * factor).cast("uchar") for factor in (1.0, 0.9, 0.8, 0.9)]
    strip = load_vips().Image.arrayjoin(frames, across=1).copy()
    strip.set_type(load_vips().GValue.gint_type, "page-height", small.height)
    content: bytes = strip.write_to_buffer(".gif", effort=1)
    return content
