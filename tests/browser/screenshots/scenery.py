"""The site before the camera: its library, and how its work is held up or made to fail."""

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
"""Files that take a moment each."""


def fill_library(root: Path) -> None:
    """The sample library once for each year, and in all but the first many large photos.

    They are what keeps a job busy while it is looked at, however fast the machine is at the
    rest: one large picture under many names.
    """
    first = root / str(YEARS[0])
    make_sample_library(first)
    for name in (first / "Odd names").iterdir():
        # A machine without fonts for them would show boxes.
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
    """Whatever is being processed takes until the end of this."""
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
    """The folder cannot be found meanwhile, as if its disk was not mounted."""
    away = folder.rename(folder.with_name(f".{folder.name}"))
    try:
        yield
    finally:
        away.rename(folder)


def change_and_remove(library: Path) -> None:
    """Two files of the last year are written to, one is gone."""
    texts = library / str(YEARS[-1]) / "Documents" / "Text"
    for name in ("note-01.txt", "note-02.txt"):
        with (texts / name).open("a") as text:
            text.write("One more line.\n")
    (texts / "note-04.txt").unlink()
