"""Checks a photo with all that phones and cameras append to it: more pictures, and a film.

Pictures are listed in an index (MPF) or follow each other. A film (Motion Photo) is an MP4 file
behind the last picture. Other bytes after the end mark are a maker's, and mean nothing here.
"""

import io
import re
import struct
from collections.abc import Iterator

from jobs.operations.results import ItemFailed
from jobs.operations.verify.jpeg import check_first
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, TooLarge, broken
from jobs.operations.verify.media.boxes import check_boxes
from jobs.operations.verify.media.check import clock
from jobs.operations.verify.media.decoding import decode

_START = b"\xff\xd8\xff"
_INDEX = re.compile(rb"\xff\xe2..MPF\0", re.DOTALL)
_INDEX_WITHIN = 1024 * 1024
_ENTRIES_TAG, _ENTRY_BYTES = 0xB002, 16
_FILM = re.compile(rb"\0\0\0[\x08-\xff]ftyp(?:mp4|iso|qt  |3gp|3g2|avc|MSNV|M4V)")
_SAMSUNG_END = b"SEFT"
_MOST_PICTURES = 100


def check_photo(data: bytes, limits: Limits) -> Checked:
    """Return the size of a whole photo. Raises ItemFailed if any part of it is damaged."""
    first, at = check_first(data, limits)
    if at == len(data) and not _INDEX.search(data, 0, _INDEX_WITHIN):
        return first
    parts = [first]
    seen = 0
    for start in _listed(data):
        if start >= len(data):
            parts.append(Checked({}, "a picture that its index names is not there"))
        elif start >= at and data.startswith(_START, start):
            at = _check_appended(data, start, limits, parts)
            seen += 1
    while seen < _MOST_PICTURES:
        start = at + len(data[at:]) - len(data[at:].lstrip(b"\0"))
        if not data.startswith(_START, start):
            break
        at = _check_appended(data, start, limits, parts)
        seen += 1
    film = _FILM.search(data, at)
    if film:
        parts.append(_check_film(data[film.start() : _end(data)], limits))
    is_decoded = all(part.depth == "content" for part in parts)
    note = next(filter(None, (part.note for part in parts)), "")
    return Checked(first.facts, note, depth="content" if is_decoded else "structure")


def _check_appended(data: bytes, start: int, limits: Limits, parts: list[Checked]) -> int:
    """Check the picture at `start`, and add its outcome to `parts`. Returns where it ends."""
    try:
        checked, length = check_first(data[start:], limits)
    except CannotCheck as reason:
        note = f"a picture appended to it was not decoded: {reason}"
        parts.append(Checked({}, note, depth="structure"))
        return len(data)
    except TooLarge:
        raise
    except ItemFailed as failure:
        how = "cut off" if "cut off" in failure.message else "damaged"
        raise broken(f"The picture is whole, but another one appended to it is {how}") from None
    parts.append(checked)
    return start + length


def _check_film(film: bytes, limits: Limits) -> Checked:
    """Check the film of a Motion Photo."""
    try:
        if b"moov" not in check_boxes(io.BytesIO(film), len(film)):
            raise broken("its index is missing")
        found = decode(io.BytesIO(film), "mov", limits.decoding_seconds)
    except CannotCheck as reason:
        return Checked({}, f"the film in it was not decoded: {reason}", depth="structure")
    except ItemFailed as failure:
        how = "cut off" if "cut off" in failure.message else "cut off or damaged"
        raise broken(f"The picture is whole, but the film appended to it is {how}") from None
    if found.damaged_at is not None:
        where = clock(found.damaged_at)
        raise broken(f"The picture is whole, but the film appended to it is damaged at {where}")
    if found.decoded_to is not None:
        note = f"only the first {clock(found.decoded_to)} of the film in it were decoded"
        return Checked({}, note, depth="structure")
    return Checked({})


def _end(data: bytes) -> int:
    """Return the end of the film: where the directory of a Samsung phone starts, or the end."""
    if not data.endswith(_SAMSUNG_END):
        return len(data)
    return max(0, len(data) - 8 - int.from_bytes(data[-8:-4], "little"))


def _listed(data: bytes) -> Iterator[int]:
    """Yield where the pictures after the first one start, by the index of the first one."""
    found = _INDEX.search(data, 0, _INDEX_WITHIN)
    if not found:
        return
    base = found.end()
    order = "<" if data[base : base + 2] == b"II" else ">"
    try:
        (directory,) = struct.unpack_from(order + "I", data, base + 4)
        (count,) = struct.unpack_from(order + "H", data, base + directory)
        for index in range(min(count, 100)):
            tag, _, length, place = struct.unpack_from(
                order + "HHII", data, base + directory + 2 + 12 * index
            )
            if tag == _ENTRIES_TAG:
                for entry in range(1, min(length // _ENTRY_BYTES, _MOST_PICTURES)):
                    (offset,) = struct.unpack_from(
                        order + "I", data, base + place + _ENTRY_BYTES * entry + 8
                    )
                    if offset:
                        yield base + offset
    except struct.error:
        return  # an index that cannot be read, of which no reader makes use
