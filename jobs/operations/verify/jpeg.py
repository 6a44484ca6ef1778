"""Checks JPEG pictures: libjpeg decodes them to the end, and every warning of it is weighed.

libjpeg decodes what it can, and reports only the first of its warnings. A harmless one could so
hide damage behind it. Each harmless cause is therefore taken out of a copy of the data, and the
copy is decoded again.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from jobs.operations.verify.jpeg_rare import JPEG_LS, check_jpeg_ls, check_rare_jpeg
from jobs.operations.verify.libvips import load_vips
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, broken, how_it_ends

EOI = b"\xff\xd9"
_SOS, _SOF = 0xDA, {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_LOSSLESS = (0xC3, 0xC7, 0xCB, 0xCF)
_SCALABLE = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)
"""Frames that TurboJPEG can draw smaller. It writes all of a lossless one, beyond the buffer."""
_BITS = 8
_COEFFICIENTS = 64
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
_RESTARTS = range(0xD0, 0xD8)
_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""The end of a scan: a marker that is neither a stuffed zero nor a restart nor a fill byte."""

_EXTRANEOUS = re.compile(r"(\d+) extraneous bytes before marker 0x([0-9a-f]{2})")
_MOST_STRAY_BYTES = 8
"""More bytes than this behind a scan, unless all are equal, are what a decoder that lost its place
left over. Fewer are padding of some cameras."""

_MOST_ROUNDS = 20
_MOST_SCANS = 100
"""Programs write ten. A picture may have thousands of a few bytes, and each is a pass over all its
pixels."""
_MOST_PASSED_PIXELS = 10_000_000_000
_UNSUPPORTED = re.compile(r"color conversion|data precision|SOF type|not supported|not compiled")
_ODD_COLORS = re.compile(r"color conversion|colorspace|subsampling")
_BAD_PROFILE, _PROFILE = "bad ICC marker", b"ICC_PROFILE\0"
_DAMAGES = {
    "extraneous": "data is left over where a part of it ends",
    "found marker": "a part of it is missing",
    "code": "a code in its data is not valid",
    "able": "a table that its data needs is missing or not valid",
    "Header": "its header is not valid",
    "marker": "a part of it is not known",
    "progressi": "its passes do not follow each other",
}
"""What libjpeg says, in parts, and what it means."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One marker with its data: `start` is where its 0xFF stands, `end` what follows it.

    For a scan, `end` is the end of its coded data.
    """

    marker: int
    start: int
    end: int


class _RareKind(CannotCheck):
    """libjpeg decodes 8 bits only, and not every way to convert colours."""


def check_jpeg(data: bytes, limits: Limits) -> Checked:
    """Return the size of the picture at the start of `data`.

    Raises ItemFailed for a damaged one, CannotCheck for one that cannot be decoded here.
    """
    return check_first(data, limits)[0]


def check_first(data: bytes, limits: Limits) -> tuple[Checked, int]:
    """Check the picture at the start of `data`, and return where it ends as well."""
    segments = list(walk(data))
    if any(part.marker == JPEG_LS for part in segments):
        return Checked(check_jpeg_ls(data, limits)), len(data)
    frame = _frame(segments)
    facts = _facts(data, frame, segments)
    limits.check_pixels(facts["width"], facts["height"])
    scans = sum(part.marker == _SOS for part in segments)
    if scans > _MOST_SCANS and scans * facts["width"] * facts["height"] > _MOST_PASSED_PIXELS:
        raise CannotCheck(f"decoding its {scans:,} passes over all its pixels takes too long")
    note = ""
    if segments[-1].marker != 0xD9:
        # Decoding with an end mark shows whether the last scan has all rows.
        note = "its end mark is missing"
        if not _has_all_scans(data, frame, segments):
            raise broken("The picture is cut off: its last details are missing")
        if _is_rare(data, frame):
            # Decoders of these kinds do not report rows that are missing.
            raise broken("The picture is cut off: its end mark is missing")
    clean = _without_gaps(data, segments)
    if note:
        clean += EOI
    try:
        _decode_all(
            clean,
            small=frame.marker in _SCALABLE and not _is_rare(data, frame),
            how=how_it_ends(not note),
        )
    except _RareKind:
        note = check_rare_jpeg(clean)
    return Checked(facts, note), segments[-1].end


def _without_gaps(data: bytes, segments: list[Segment]) -> bytes:
    """Return the segments alone. Most pictures have nothing between them, and are not copied."""
    end = segments[-1].end
    if all(part.end == after.start for part, after in pairwise(segments)):
        return data if end == len(data) else data[:end]
    return b"\xff\xd8" + b"".join(data[part.start : part.end] for part in segments[1:])


def walk(data: bytes, at: int = 0) -> Iterator[Segment]:
    """Yield the segments of the picture at `at`, up to its end mark or the end of the data.

    Bytes between segments that belong to none are skipped. Raises ItemFailed if a segment
    before the first scan is cut off.
    """
    yield Segment(0xD8, at, at + 2)
    at += 2
    scanned = False
    while True:
        at = data.find(b"\xff", at)
        while data[at : at + 2] in (b"\xff\xff", b"\xff\0") and at >= 0:
            at = data.find(b"\xff", at + 1)
        if at < 0 or at + 2 > len(data):
            break
        marker = data[at + 1]
        if marker == 0xD9:
            yield Segment(marker, at, at + 2)
            return
        if marker in _WITHOUT_LENGTH:
            yield Segment(marker, at, at + 2)
            at += 2
            continue
        end = at + 2 + _length(data, at)
        if end > len(data):
            break
        if marker == _SOS:
            scanned = True
            found = _NEXT_MARKER.search(data, end)
            end = found.start() if found else len(data)
        yield Segment(marker, at, end)
        at = end
    if not scanned:
        how = how_it_ends(data.endswith(EOI))
        raise broken(f"The picture is {how}: its data ends before its first row")


def _length(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 2 : at + 4], "big")


def _frame(segments: list[Segment]) -> Segment:
    """Return the segment that says size, colours and way of coding. Raises ItemFailed."""
    frame = next((part for part in segments if part.marker in _SOF), None)
    if frame is None or frame.end - frame.start < 10:
        raise broken("The picture is damaged: it does not say how large it is")
    return frame


def _facts(data: bytes, frame: Segment, segments: list[Segment]) -> dict[str, int]:
    height, width = struct.unpack_from(">HH", data, frame.start + 5)
    if not height:
        # The number of lines may follow the first scan (DNL).
        late = next((part for part in segments if part.marker == 0xDC), None)
        height = struct.unpack_from(">H", data, late.start + 4)[0] if late else 0
    return {"width": width, "height": height}


def _is_rare(data: bytes, frame: Segment) -> bool:
    """Return True if the picture is lossless or has more than 8 bits."""
    return frame.marker in _LOSSLESS or data[frame.start + 4] != _BITS


def _has_all_scans(data: bytes, frame: Segment, segments: list[Segment]) -> bool:
    """Return True if the scans hold each bit of each coefficient of each component.

    A progressive picture is sent in passes, and every one of them covers all rows.
    """
    count = data[frame.start + 9]
    progressive = frame.marker in _PROGRESSIVE
    missing = {
        (component, coefficient)
        for component in data[frame.start + 10 : frame.start + 10 + 3 * count : 3]
        for coefficient in range(_COEFFICIENTS)
    }
    for part in segments:
        if part.marker != _SOS:
            continue
        header = data[part.start + 4 : part.start + 2 + _length(data, part.start)]
        count = header[0] if header else 0
        components = header[1 : 1 + 2 * count : 2]
        first, last, bits = header[-3:] if progressive and len(header) > 3 else (0, 63, 0)
        if not bits & 0x0F:
            missing -= {(c, k) for c in components for k in range(first, last + 1)}
    return not missing


def _decode_all(data: bytes, *, small: bool, how: str) -> None:
    """Decode until no warning is left. Raises ItemFailed for one that means damage.

    `how` is what a picture is that has too few rows: "cut off" or "damaged".
    """
    for _ in range(_MOST_ROUNDS):
        warning = _decode(data, small=small)
        if not warning:
            return
        cleaned = _without_cause(data, warning, small=small)
        if cleaned is None:
            raise _failure_of(warning, how)
        data = cleaned
    raise CannotCheck("it has too many odd parts")


def _decode(data: bytes, *, small: bool) -> str:
    """Return libjpeg's first warning or error; empty if it has none.

    Every coefficient is read, and the picture drawn in grey: if `small`, only an eighth of its
    rows and columns.
    """
    # `min_factor` alone does nothing: it says how far the least size may be approached.
    size = {"min_height": 1, "min_width": 1, "min_factor": 8} if small else {}
    for colors in ("GRAY", "CMYK"):
        try:
            load_simplejpeg().decode_jpeg(
                data, colors, fastdct=True, fastupsample=True, strict=True, **size
            )
        except ValueError as error:
            reason = str(error)
            if not _ODD_COLORS.search(reason):
                break
        else:
            return ""
    # TurboJPEG knows only the usual ways to sample and to convert colours.
    return _decode_by_vips(data) if _ODD_COLORS.search(reason) else reason


def _decode_by_vips(data: bytes) -> str:
    vips = load_vips()
    try:
        image = vips.Image.jpegload_buffer(data, access="sequential", fail_on="warning")
        vips.Region.new(image).fetch(0, image.height - 1, image.width, 1)
    except vips.Error as error:
        return str(error).partition("VipsJpeg: ")[2].strip() or "its data is not valid"
    finally:
        vips.vips_lib.vips_error_clear()
    return ""


@cache
def load_simplejpeg() -> Any:
    """Return the module. It loads NumPy, which most libraries of files do not need."""
    import simplejpeg

    return simplejpeg


def _without_cause(data: bytes, warning: str, *, small: bool) -> bytes | None:
    """Return the data without the cause of a harmless warning; None for one that means damage."""
    if _BAD_PROFILE in warning:
        return _without_profile(data)
    if found := _EXTRANEOUS.search(warning):
        return _without_stray(data, int(found[1]), int(found[2], 16), small=small)
    return None


def _without_profile(data: bytes) -> bytes | None:
    """Return the data without its colour profile, which says nothing about the rows."""
    parts = [part for part in walk(data) if data[part.start + 4 : part.end].startswith(_PROFILE)]
    for part in reversed(parts):
        data = data[: part.start] + data[part.end :]
    return data if parts else None


def _without_stray(data: bytes, count: int, marker: int, *, small: bool) -> bytes | None:
    """Return the data without `count` bytes at the end of the first scan that has so many."""
    segments = list(walk(data))
    if marker in _RESTARTS or sum(part.marker == _SOS for part in segments) > _MOST_SCANS:
        return None
    for part in segments:
        if part.marker != _SOS or data[part.end + 1 : part.end + 2] != bytes([marker]):
            continue
        alone = _decode(data[: part.end] + EOI, small=small)
        found = _EXTRANEOUS.search(alone)
        if not found:
            continue
        stray = data[part.end - count : part.end]
        if count > _MOST_STRAY_BYTES and len(set(stray)) > 1:
            return None
        return data[: part.end - count] + data[part.end :]
    return None


def _failure_of(reason: str, how: str) -> Exception:
    """Return the failure for a warning or an error of libjpeg."""
    if _UNSUPPORTED.search(reason):
        return _RareKind("JPEG pictures of this kind cannot be decoded here")
    if "remature end" in reason:
        return broken(f"The picture is {how}: its data ends before its last row")
    for pattern, sentence in _DAMAGES.items():
        if pattern in reason:
            return broken(f"The picture is damaged: {sentence}")
    return broken("The picture is damaged: its data is not valid")
