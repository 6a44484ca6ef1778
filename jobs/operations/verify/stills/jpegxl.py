"""Checks JPEG XL pictures and animations: their boxes, then decoded by libjxl."""

from jobs.operations.verify.boxed import find_boxes
from jobs.operations.verify.content import WHOLE_BYTES, Content
from jobs.operations.verify.imagecodecs import CODEC_ERRORS, load_imagecodecs
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, broken, structure_only
from jobs.operations.verify.media.boxes import check_boxes

BARE = b"\xff\x0a"
"""How a picture without boxes starts."""

_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_WIDTHS = (9, 13, 18, 30)
_CUT_OFF = "The picture is cut off: its data ends before its last row"
_SIZE_BYTES = 12


def check_jpegxl(content: Content, limits: Limits) -> Checked:
    """Return size and frames of a whole picture. Raises ItemFailed for a damaged one."""
    start = 0
    with content.open() as stream:
        if not content.head.startswith(BARE):
            check_boxes(stream, content.size)
            start = next(find_boxes(stream, 0, content.size, b"jxlc"), (0, 0))[0]
            # A part of a picture that was split begins with its number.
            start = start or next(find_boxes(stream, 0, content.size, b"jxlp"), (-4, 0))[0] + 4
        stream.seek(start)
        head = stream.read(len(BARE) + _SIZE_BYTES)
    if not head.startswith(BARE):
        raise broken("The picture is damaged: its header is not valid")
    width, height = _size(head[len(BARE) :])
    limits.check_pixels(width, height)
    facts = {"width": width, "height": height}
    try:
        frames = _decode(content)
    except CannotCheck as reason:
        return structure_only(reason, facts)
    return Checked({**facts, "pages": frames} if frames > 1 else facts)


def _decode(content: Content) -> int:
    """Return the number of frames."""
    if content.size > WHOLE_BYTES:
        raise CannotCheck("it is too large to be decoded at once")
    with content.open() as stream:
        data = stream.read()
    try:
        pixels = load_imagecodecs().jpegxl_decode(data, numthreads=1)
    except CODEC_ERRORS as error:
        if "NEED_MORE" in str(error):
            raise broken(_CUT_OFF) from None
        if "JXL_DEC_ERROR" in str(error):
            raise broken("The picture is damaged: its data cannot be decoded") from None
        raise CannotCheck("JPEG XL of this kind cannot be decoded here") from None
    return int(pixels.shape[0]) if pixels.ndim > 3 else 1


def _size(header: bytes) -> tuple[int, int]:
    """Return width and height, which are packed into bits, the lowest ones first."""
    bits = int.from_bytes(header, "little")

    def take(count: int) -> int:
        nonlocal bits
        taken = bits & ((1 << count) - 1)
        bits >>= count
        return taken

    is_small = take(1)

    def length() -> int:
        return (take(5) + 1) * 8 if is_small else take(_WIDTHS[take(2)]) + 1

    height = length()
    ratio = take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return length(), height
