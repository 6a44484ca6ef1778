"""Checks GIF pictures: the blocks to the end mark, then every frame."""

import warnings
from typing import IO, Any

from jobs.operations.results import ItemFailed
from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, broken, how_it_ends

_CUT_OFF = "The picture is cut off: its data ends before its last row"
_GIF_IMAGE, _GIF_EXTENSION, _GIF_END = 0x2C, 0x21, 0x3B
_MOST_ZEROS = 8
"""Some programs end a block twice. More zeros than this are what damage left."""
_ERRORS = (OSError, SyntaxError, ValueError, IndexError, TypeError, EOFError)


def check_gif(content: Content, limits: Limits) -> Checked:
    """Return size and frames of a whole picture. Raises ItemFailed for a damaged one.

    Pillow decodes the frames: it rejects codes that cannot follow and frames with too few of them,
    which libvips fills with the background.
    """
    with content.open() as stream:
        note = walk(stream)
    with content.open() as stream:
        return Checked(_decode(stream, limits, how_it_ends(not note)), note)


def walk(stream: IO[bytes]) -> str:
    """Walk over the blocks to the end mark. Returns a note, or raises ItemFailed."""
    header = stream.read(13)
    if len(header) < 13:
        raise broken(_CUT_OFF)
    _skip_colors(stream, header[10])
    images = zeros = 0
    while mark := stream.read(1):
        if not mark[0]:
            zeros += 1
            continue
        if zeros > _MOST_ZEROS:
            raise _no_block(stream)
        zeros = 0
        if mark[0] == _GIF_IMAGE:
            images += 1
            descriptor = stream.read(9)
            _skip_colors(stream, descriptor[8] if len(descriptor) == 9 else 0)
            stream.read(1)
        elif mark[0] == _GIF_EXTENSION:
            stream.read(1)
        elif mark[0] == _GIF_END:
            return ""
        elif _ends_with_mark(stream):
            raise _no_block(stream)
        else:
            return "data that is no picture follows its last one"
        _skip_blocks(stream)
    if images != 1:
        raise broken(f"{_CUT_OFF} (the end mark is missing)")
    # Some old programs wrote such pictures. A single image is complete without the mark.
    return "its end mark is missing"


def _ends_with_mark(stream: IO[bytes]) -> bool:
    """Return True if the end mark is the last byte, so that all before it belongs to the picture.

    The position stays.
    """
    at = stream.tell()
    stream.seek(-1, 2)
    last = stream.read(1)
    stream.seek(at)
    return last[0] == _GIF_END


def _no_block(stream: IO[bytes]) -> ItemFailed:
    return broken(f"The picture is damaged: no part of it can start at byte {stream.tell() - 1:,}")


def _decode(stream: IO[bytes], limits: Limits, how: str) -> dict[str, Any]:
    try:
        from PIL import GifImagePlugin, Image
    except ImportError:
        raise CannotCheck("it needs the package “pillow”, which is not installed") from None
    try:
        with warnings.catch_warnings(action="ignore"), GifImagePlugin.GifImageFile(stream) as image:
            limits.check_pixels(*image.size)
            frames = 0
            while True:
                image.load()
                frames += 1
                try:
                    image.seek(frames)
                except EOFError:
                    break
            width, height = image.size
    except Image.DecompressionBombError:
        raise broken("The picture is damaged: a frame of it is larger than the picture") from None
    except _ERRORS as error:
        raise broken(_failure(str(error), how)) from None
    return {"width": width, "height": height, **({"pages": frames} if frames > 1 else {})}


def _failure(text: str, how: str) -> str:
    if "truncated" in text:
        return f"The picture is {how}: its data ends before its last row"
    return "The picture is damaged: its data cannot be decoded"


def _skip_blocks(stream: IO[bytes]) -> None:
    while size := stream.read(1):
        if not size[0]:
            return
        stream.seek(size[0], 1)
    raise broken(_CUT_OFF)


def _skip_colors(stream: IO[bytes], flags: int) -> None:
    if flags & 0x80:
        stream.seek(3 * 2 ** ((flags & 7) + 1), 1)
