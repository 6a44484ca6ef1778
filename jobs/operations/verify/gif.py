"""Checks the outer structure of GIF pictures, where decoders are too tolerant."""

from typing import IO

from jobs.operations.verify.limits import broken

_CUT_OFF = "The picture is cut off: its data ends before its last row"
_GIF_IMAGE, _GIF_EXTENSION = 0x2C, 0x21


def check_gif(stream: IO[bytes]) -> str:
    """Walk over the blocks to the end mark. Returns a note, or raises ItemFailed.

    A block of an unknown type ends the walk. The decoder then judges the rest.
    """
    header = stream.read(13)
    if len(header) < 13:
        raise broken(_CUT_OFF)
    _skip_colors(stream, header[10])
    images = 0
    while mark := stream.read(1):
        if mark[0] == _GIF_IMAGE:
            images += 1
            descriptor = stream.read(9)
            _skip_colors(stream, descriptor[8] if len(descriptor) == 9 else 0)
            stream.read(1)
        elif mark[0] == _GIF_EXTENSION:
            stream.read(1)
        else:
            return ""
        _skip_blocks(stream)
    if images != 1:
        raise broken(f"{_CUT_OFF} (the end mark is missing)")
    # Some old programs wrote such pictures. A single image is complete without the mark.
    return "its end mark is missing"


def _skip_blocks(stream: IO[bytes]) -> None:
    while size := stream.read(1):
        if not size[0]:
            return
        stream.seek(size[0], 1)
    raise broken(_CUT_OFF)


def _skip_colors(stream: IO[bytes], flags: int) -> None:
    if flags & 0x80:
        stream.seek(3 * 2 ** ((flags & 7) + 1), 1)
