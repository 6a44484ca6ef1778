"""Checks the pictures of a TIFF file piece by piece, one piece in memory at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, Limits, Meter, broken
from jobs.operations.verify.tiffs.codecs import Decoder, NotWhole
from jobs.operations.verify.tiffs.directories import Directories, Directory
from jobs.operations.verify.tiffs.layout import Layout


@dataclass(slots=True)
class Found:
    """What a pass over the pictures of a file found.

    sizes    width and height of the first picture
    largest  width, height and compression of the picture with the most pixels, if it was decoded
    decoded  how many pictures were decoded, with every piece
    unknown  why others were not, without repetition
    """

    sizes: tuple[int, int] = (0, 0)
    largest: tuple[int, int, int] | None = None
    pages: int = 0
    decoded: int = 0
    unknown: dict[str, None] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """Say that a picture was not decoded, and why. Empty if all were."""
        reason = next(iter(self.unknown), "")
        return f"a picture in it was not decoded: {reason}" if reason else ""


def check_pieces(
    content: Content,
    limits: Limits,
    *,
    pages: bool = True,
    inside: bool = True,
    standard: bool = True,
) -> Found:
    """Check every piece of the pages, of the pictures inside pages, or of both.

    Unless they are packed in a `standard` way, nothing is decoded: some cameras name one
    compression and use another. Raises ItemFailed for a piece that is cut off or damaged.
    """
    found = Found()
    most_pixels = 0
    with content.open() as stream:
        checker = _Checker(stream, content.size, limits, Meter(limits, content.size))
        for where, directory in _pictures(Directories(stream, content.size), found, pages, inside):
            layout = Layout(directory)
            if not any(found.sizes):
                found.sizes = (layout.width, layout.height)
            checker.check_places(layout, where)
            if not layout.has_picture:
                continue
            limits.check_pixels(layout.width, layout.height)
            is_largest = layout.width * layout.height > most_pixels
            most_pixels = max(most_pixels, layout.width * layout.height)
            try:
                if standard:
                    checker.check(layout, where)
                else:
                    raise CannotCheck("its compression is one of the maker of the camera")
            except CannotCheck as reason:
                found.unknown[str(reason)] = None
                found.largest = None if is_largest else found.largest
            else:
                found.decoded += 1
                if is_largest:
                    found.largest = (layout.width, layout.height, layout.compression)
    return found


def _pictures(
    directories: Directories, found: Found, pages: bool, inside: bool
) -> Iterator[tuple[str, Directory]]:
    """Yield each picture with its name for a sentence."""
    for directory in directories.pages():
        found.pages += 1
        if pages:
            yield f"page {found.pages:,}", directory
        if inside:
            for below in directories.inside(directory):
                yield f"a picture inside page {found.pages:,}", below


class _Checker:
    def __init__(self, stream: IO[bytes], size: int, limits: Limits, meter: Meter) -> None:
        self._stream = stream
        self._size = size
        self._limits = limits
        self._meter = meter

    def check_places(self, layout: Layout, where: str) -> None:
        """Raise ItemFailed for a piece that does not lie in the file."""
        for number, (start, length) in enumerate(layout.places(), 1):
            if start + length > self._size:
                raise broken(f"The picture is cut off: piece {number:,} of {where} is missing")

    def check(self, layout: Layout, where: str) -> None:
        """Raise ItemFailed for damage, CannotCheck if the picture cannot be decoded."""
        decoder = Decoder(layout, self._limits, self._meter)
        for piece in layout.pieces():
            self._stream.seek(piece.start)
            data = self._stream.read(piece.length)
            try:
                decoder.check(piece, data)
            except NotWhole:
                raise broken(
                    f"The picture is damaged: piece {piece.number:,} of {where} is not valid"
                ) from None
