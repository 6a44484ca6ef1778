"""Checks JPEG XL pictures and animations: their boxes, then decoded by libjxl."""

from time import monotonic

from jobs.operations.verify.boxed import find_boxes
from jobs.operations.verify.content import WHOLE_BYTES, Content
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, broken, structure_only
from jobs.operations.verify.media.boxes import check_boxes
from jobs.operations.verify.stills.libjxl import CutOff, Damaged, decode_frames

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
        frames, all_frames = _decode(content, limits)
    except CannotCheck as reason:
        return structure_only(reason, facts)
    if not all_frames:
        note = f"only its first {frames:,} frames were decoded"
        return Checked(facts, note, depth="structure")
    return Checked({**facts, "pages": frames} if frames > 1 else facts)


def _decode(content: Content, limits: Limits) -> tuple[int, bool]:
    """Return how many frames were decoded, and whether these are all."""
    if content.size > WHOLE_BYTES:
        raise CannotCheck("it is too large to be decoded at once")
    with content.open() as stream:
        data = stream.read()
    count, is_late, until = 0, False, monotonic() + limits.decoding_seconds
    try:
        for _ in decode_frames(data):
            count += 1
            if is_late:
                return count, False
            is_late = monotonic() > until
    except CutOff:
        raise broken(_CUT_OFF) from None
    except Damaged:
        raise broken("The picture is damaged: its data cannot be decoded") from None
    return count, True


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
