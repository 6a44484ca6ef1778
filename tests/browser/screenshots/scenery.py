"""The library of the site, and ways to hold up its work or make it fail."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import pyvips

from jobs.library.sample import make_sample_library

YEARS = range(2018, 2027)
PHOTOS = 80
SLOW = "2024/Camera"
"""Files that take a moment each to process."""


def fill_library(root: Path) -> None:
    """Create the sample library once per year, with many large photos in each but the first.

    The photos, one large picture under many names, keep a job running long enough for a
    screenshot on any machine.
    """
    first = root / str(YEARS[0])
    make_sample_library(first)
    for name in (first / "Odd names").iterdir():
        # A machine without a font for these names would show boxes.
        if any(east_asian_width(character) == "W" for character in name.name):
            name.unlink()
    photo = root.with_name("photo.jpg")
    noise = pyvips.Image.gaussnoise(600, 400, mean=128).cast("uchar").zoom(10, 10)
    noise.bandjoin([noise.fliphor(), noise.flipver()]).copy(interpretation="srgb").jpegsave(
        str(photo), Q=40
    )
    for year in YEARS[1:]:
        folder = root / str(year)
        shutil.copytree(first, folder, symlinks=True)
        (folder / "Camera").mkdir()
        for number in range(PHOTOS):
            os.link(photo, folder / "Camera" / f"IMG_{year % 100}{number * 7 + 12:04}.jpg")


@contextmanager
def held_up(site: Any) -> Iterator[None]:
    """Stop all running items until the end of the context."""
    executors = site.clusters[-1].executors()
    for pid in executors:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in executors:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def not_there(folder: Path) -> Iterator[None]:
    """Hide the folder until the end of the context, as if its disk were not mounted."""
    away = folder.rename(folder.with_name(f".{folder.name}"))
    try:
        yield
    finally:
        away.rename(folder)


def change_and_remove(library: Path) -> None:
    """Change two files of the last year and delete one."""
    texts = library / str(YEARS[-1]) / "Documents" / "Text"
    for name in ("note-01.txt", "note-02.txt"):
        with (texts / name).open("a") as text:
            text.write("One more line.\n")
    (texts / "note-04.txt").unlink()
