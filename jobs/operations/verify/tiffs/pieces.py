"""Checks the pictures of a TIFF file piece by piece, one piece in memory at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from jobs.operations.results import ItemFailed
from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, Limits, Meter, broken
from jobs.operations.verify.tiffs.codecs import Decoder, NotWhole
from jobs.operations.verify.tiffs.directories import Directories, Directory
from jobs.operations.verify.tiffs.layout import Layout, Piece


@dataclass(slots=True)
class Found:
    """What a pass over the pictures of a file found.

    sizes       width and height of the first picture
    decoded     pictures of which every piece was decoded
    compressed  numbers of the compressions of these
    unknown     why others were not, without repetition
    """

    sizes: tuple[int, int] = (0, 0)
    pages: int = 0
    decoded: int = 0
    compressed: set[int] = field(default_factory=set)
    unknown: dict[str, None] = field(default_factory=dict)


def check_pieces(
    content: Content,
    limits: Limits,
    *,
    pages: bool = True,
    inside: bool = True,
    trusted: frozenset[int] | None = None,
) -> Found:
    """Check every piece of the pages, of the pictures inside pages, or of both.

    With `trusted`, other compressions are not decoded: some cameras name one and use another.
    Raises ItemFailed for a piece that is cut off or damaged.
    """
    found = Found()
    with content.open() as stream:
        checker = _Checker(stream, content.size, limits, Meter(limits, content.size), trusted)
        for where, directory in _pictures(Directories(stream, content.size), found, pages, inside):
            layout = Layout(directory)
            if not any(found.sizes):
                found.sizes = (layout.width, layout.height)
            if not layout.has_picture:
                continue
            limits.check_pixels(layout.width, layout.height)
            try:
                checker.check(layout, where)
            except CannotCheck as reason:
                found.unknown[str(reason)] = None
            else:
                found.decoded += 1
                found.compressed.add(layout.compression)
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
    def __init__(
        self,
        stream: IO[bytes],
        size: int,
        limits: Limits,
        meter: Meter,
        trusted: frozenset[int] | None,
    ) -> None:
        self._stream = stream
        self._size = size
        self._limits = limits
        self._meter = meter
        self._trusted = trusted

    def check(self, layout: Layout, where: str) -> None:
        """Raises ItemFailed for damage, and CannotCheck if the picture cannot be decoded.

        That every piece lies in the file is found in both cases.
        """
        decoder, reason = self._decoder(layout)
        for piece in layout.pieces():
            if piece.start + piece.length > self._size:
                raise broken(
                    f"The picture is cut off: piece {piece.number:,} of {where} is missing"
                )
            if decoder is not None:
                try:
                    decoder.check(piece, self._read(piece))
                except CannotCheck as cannot:
                    decoder, reason = None, cannot
                except (NotWhole, ItemFailed) as failure:
                    if isinstance(failure, ItemFailed) and "limit" in failure.message:
                        raise
                    raise broken(
                        f"The picture is damaged: piece {piece.number:,} of {where} is not valid"
                    ) from None
        if reason is not None:
            raise reason

    def _decoder(self, layout: Layout) -> tuple[Decoder | None, CannotCheck | None]:
        if self._trusted is not None and layout.compression not in self._trusted:
            return None, CannotCheck("its compression is one of the maker of the camera")
        try:
            return Decoder(layout, self._limits, self._meter), None
        except CannotCheck as reason:
            return None, reason

    def _read(self, piece: Piece) -> bytes:
        self._stream.seek(piece.start)
        return self._stream.read(piece.length)
