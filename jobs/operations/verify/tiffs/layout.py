"""How one picture of a TIFF file is laid out: its strips or tiles, and how much each unpacks to."""

from collections.abc import Iterator
from dataclasses import dataclass

from jobs.operations.verify.limits import CannotCheck, broken
from jobs.operations.verify.tiffs.directories import Directory

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIPS, _STRIP_BYTES, _ROWS = 273, 279, 278
_TILES, _TILE_BYTES, _TILE_WIDTH, _TILE_HEIGHT = 324, 325, 322, 323
_SAMPLES, _PLANAR, _SUBSAMPLING, _DEPTH = 277, 284, 530, 32997
_YCBCR, _SEPARATE = 6, 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A strip or tile: where it lies, and its size in pixels and unpacked bytes."""

    number: int
    start: int
    length: int
    width: int
    height: int
    unpacked: int


class Layout:
    """The layout that a directory describes. Raises ItemFailed for one that cannot be."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.width = directory.number(WIDTH)
        self.height = directory.number(HEIGHT)
        self.compression = directory.number(COMPRESSION, 1)
        self.samples = directory.number(_SAMPLES, 1)
        bits = directory.numbers(BITS, (1,)) or (1,)
        self._bits = list(bits) if len(bits) == self.samples else [bits[0]] * self.samples
        self._separate = directory.number(_PLANAR, 1) == _SEPARATE and self.samples > 1
        self._tiled = _TILES in directory or (_TILE_WIDTH in directory and _STRIPS in directory)

    @property
    def has_picture(self) -> bool:
        """Whether there are strips or tiles. Directories of cameras also hold settings alone."""
        return bool(self.width and self.height) and (
            _STRIPS in self.directory or _TILES in self.directory
        )

    @property
    def full_bytes(self) -> int:
        """The unpacked bytes of a strip or tile that has all its rows."""
        wide, high, *_ = self._grid()
        return self._unpacked(wide, high, 0)

    def lists_all_pieces(self) -> bool:
        """Return whether as many pieces are listed as the size of the picture needs."""
        if not self.has_picture:
            return True
        _, _, across, down = self._grid()
        planes = self.samples if self._separate else 1
        listed = max(self.directory.count(_TILES), self.directory.count(_STRIPS))
        return listed >= across * down * planes

    def places(self) -> Iterator[tuple[int, int]]:
        """Yield place and length of each strip and tile that is listed with both."""
        for starts, lengths in ((_STRIPS, _STRIP_BYTES), (_TILES, _TILE_BYTES)):
            yield from zip(
                self.directory.numbers(starts), self.directory.numbers(lengths), strict=False
            )

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces that hold data. A length of 0 means one without, which is drawn empty.

        Raises ItemFailed if some are not listed, CannotCheck for volumes.
        """
        if self.directory.number(_DEPTH, 1) > 1:
            raise CannotCheck("it is a volume of more than two dimensions")
        wide, high, across, down = self._grid()
        planes = self.samples if self._separate else 1
        starts = self.directory.numbers(_TILES if _TILES in self.directory else _STRIPS)
        lengths = self.directory.numbers(_TILE_BYTES if self._tiled else _STRIP_BYTES)
        lengths = lengths or self.directory.numbers(_STRIP_BYTES)
        if len(starts) < across * down * planes:
            raise broken("The picture is damaged: its list of strips or tiles is not complete")
        for index in range(across * down * planes):
            plane, row = index // (across * down), index % (across * down) // across
            rows = high if self._tiled else min(high, self.height - row * high)
            unpacked = self._unpacked(wide, rows, plane)
            length = lengths[index] if index < len(lengths) else unpacked
            if starts[index] and length:
                yield Piece(index + 1, starts[index], length, wide, rows, unpacked)

    def _grid(self) -> tuple[int, int, int, int]:
        """Return width and height of a piece, and how many lie side by side and below."""
        if self._tiled:
            wide = self.directory.number(_TILE_WIDTH)
            high = self.directory.number(_TILE_HEIGHT)
        else:
            wide = self.width
            high = min(self.directory.number(_ROWS, self.height) or self.height, self.height)
        if not wide or not high:
            raise broken("The picture is damaged: the size of its tiles is not valid")
        return wide, high, -(-self.width // wide), -(-self.height // high)

    def _unpacked(self, width: int, height: int, plane: int) -> int:
        """Return the bytes of a piece. Each row starts with a whole byte."""
        if (
            self.directory.number(PHOTOMETRIC) == _YCBCR
            and self.samples == 3
            and not self._separate
        ):
            # Colours are kept once for a block of pixels.
            across, down = (*self.directory.numbers(_SUBSAMPLING, (2, 2)), 2, 2)[:2]
            blocks = -(-width // max(across, 1)) * -(-height // max(down, 1))
            return (blocks * (across * down + 2) * self._bits[0] + 7) // 8
        bits = self._bits[plane] if self._separate else sum(self._bits)
        return (width * bits + 7) // 8 * height
