"""Checks JPEG 2000 pictures: their boxes, then decoded by OpenJPEG."""

import struct
from typing import Any, BinaryIO

from jobs.operations.results import ItemFailed
from jobs.operations.verify.boxed import find_boxes
from jobs.operations.verify.content import WHOLE_BYTES, Content
from jobs.operations.verify.imagecodecs import CODEC_ERRORS, load_imagecodecs
from jobs.operations.verify.limits import (
    CannotCheck,
    Checked,
    Limits,
    broken,
    how_it_ends,
    structure_only,
)
from jobs.operations.verify.media.boxes import check_boxes

BARE = b"\xff\x4f\xff\x51"
"""How a picture without boxes starts."""

_SIZES = struct.Struct(">HHIIIIIIIIH")
_END = b"\xff\xd9"
_END_WITHIN = 64
"""Some programs fill up the last bytes."""
_SAMPLE_BYTES = 5
_MOST_BYTES = 1_200_000_000
"""OpenJPEG keeps the whole picture with four bytes for a sample, and a copy with one or two."""


def check_jpeg2000(content: Content, limits: Limits) -> Checked:
    """Return the size of a whole picture. Raises ItemFailed for a damaged one."""
    with content.open() as stream:
        if not content.head.startswith(BARE):
            check_boxes(stream, content.size)
        facts: dict[str, Any] = {}
        try:
            check_codestream(stream, content.size, limits, facts)
        except CannotCheck as reason:
            return structure_only(reason, facts)
    return Checked(facts)


def check_codestream(
    stream: BinaryIO, size: int, limits: Limits, facts: dict[str, Any] | None = None
) -> None:
    """Decode a picture of `size` bytes, with boxes or without, and put its size into `facts`.

    Raises ItemFailed for a damaged one, CannotCheck for one that cannot be decoded here.
    """
    start = 0
    stream.seek(0)
    if stream.read(len(BARE)) != BARE:
        start = next(find_boxes(stream, 0, size, b"jp2c"), (0, 0))[0]
        if not start:
            stream.seek(max(0, size - _END_WITHIN))
            raise _cut_off(stream.read())
    stream.seek(start)
    head = stream.read(len(BARE) + _SIZES.size)
    if not head.startswith(BARE) or len(head) < len(BARE) + _SIZES.size:
        raise broken("The picture is damaged: its header is not valid")
    _, _, right, bottom, left, top, *_, samples = _SIZES.unpack_from(head, len(BARE))
    width, height = right - left, bottom - top
    limits.check_pixels(width, height)
    if facts is not None:
        facts.update(width=width, height=height)
    if size > WHOLE_BYTES or width * height * samples * _SAMPLE_BYTES > _MOST_BYTES:
        raise CannotCheck("it is too large to be decoded at once")
    stream.seek(0)
    _decode(stream.read())


def _decode(data: bytes) -> None:
    try:
        load_imagecodecs().jpeg2k_decode(data, numthreads=1)
    except CODEC_ERRORS as error:
        if not str(error).startswith("opj_"):
            raise CannotCheck("JPEG 2000 of this kind cannot be decoded here") from None
        if _END not in data[-_END_WITHIN:]:
            raise _cut_off(data) from None
        raise broken("The picture is damaged: its data cannot be decoded") from None


def _cut_off(data: bytes) -> ItemFailed:
    how = how_it_ends(_END in data[-_END_WITHIN:])
    return broken(f"The picture is {how}: its data ends before its last row")
