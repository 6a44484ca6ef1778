"""Checks JPEG 2000 pictures: their boxes, then decoded by OpenJPEG."""

import struct

from jobs.operations.verify.boxed import find_boxes
from jobs.operations.verify.content import WHOLE_BYTES, Content
from jobs.operations.verify.imagecodecs import CODEC_ERRORS, load_imagecodecs
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, broken, structure_only
from jobs.operations.verify.media.boxes import check_boxes

BARE = b"\xff\x4f\xff\x51"
"""How a picture without boxes starts."""

_SIZES = struct.Struct(">HHIIIIIIIIH")
_END = b"\xff\xd9"
_CUT_OFF = "The picture is cut off: its data ends before its last row"
_SAMPLE_BYTES = 5
_MOST_BYTES = 1_200_000_000
"""OpenJPEG keeps the whole picture with four bytes for a sample, and a copy with one or two."""


def check_jpeg2000(content: Content, limits: Limits) -> Checked:
    """Return the size of a whole picture. Raises ItemFailed for a damaged one."""
    start = 0
    with content.open() as stream:
        if not content.head.startswith(BARE):
            check_boxes(stream, content.size)
            start = next(find_boxes(stream, 0, content.size, b"jp2c"), (0, 0))[0]
            if not start:
                raise broken(_CUT_OFF)
        stream.seek(start)
        head = stream.read(len(BARE) + _SIZES.size)
    if not head.startswith(BARE) or len(head) < len(BARE) + _SIZES.size:
        raise broken("The picture is damaged: its header is not valid")
    _, _, right, bottom, left, top, *_, samples = _SIZES.unpack_from(head, len(BARE))
    width, height = right - left, bottom - top
    limits.check_pixels(width, height)
    facts = {"width": width, "height": height}
    try:
        _decode(content, width * height * samples * _SAMPLE_BYTES)
    except CannotCheck as reason:
        return structure_only(reason, facts)
    return Checked(facts)


def _decode(content: Content, needed: int) -> None:
    if content.size > WHOLE_BYTES or needed > _MOST_BYTES:
        raise CannotCheck("it is too large to be decoded at once")
    with content.open() as stream:
        data = stream.read()
    try:
        load_imagecodecs().jpeg2k_decode(data, numthreads=1)
    except CODEC_ERRORS as error:
        if not str(error).startswith("opj_"):
            raise CannotCheck("JPEG 2000 of this kind cannot be decoded here") from None
        if _END not in data[-64:]:
            raise broken(_CUT_OFF) from None
        raise broken("The picture is damaged: its data cannot be decoded") from None
