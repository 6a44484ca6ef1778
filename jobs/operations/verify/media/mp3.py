"""Walks through the frames of an MP3 file, which says nowhere but in each frame how long it is."""

from jobs.operations.verify.limits import CannotCheck, broken

_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_LAYER_3 = 1
_HEADER_BYTES = 4
_READ_BYTES = 1024 * 1024
JOINED = "it was joined from several files"
"""The note of a file in which decoders stumble, where one part follows the other."""
_LAST_IS_CUT = "its last frame is cut off, as after damage or a cut by a program"
_MORE = "other data follows its last frame"
_TAGS = (b"TAG", b"APETAGEX", b"ID3", b"LYRICSBEGIN", b"3DI")
_MISSING_FRAMES = 2
"""Encoders count their own first frame or not, and players cut the last one."""


def frame_length(header: bytes) -> int:
    """Return the length in bytes of the Layer III frame that starts so; 0 if none does."""
    if len(header) < _HEADER_BYTES or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    kbits, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer != _LAYER_3 or kbits in (0, 15) or rate == 3:
        return 0
    bits = (_KBITS_1 if version == 3 else _KBITS_2)[kbits] * 1000
    return (144 if version == 3 else 72) * bits // _RATES[version][rate] + padding


def is_free_format(header: bytes) -> bool:
    """Return True for a frame whose length can only be guessed from where the next one starts."""
    return (
        len(header) >= _HEADER_BYTES
        and header[0] == 0xFF
        and header[1] & 0xE6 == 0xE2
        and header[2] >> 4 == 0
    )


def tag_length(head: bytes) -> int:
    """Return the length in bytes of the ID3 tag that starts so; 0 if none does."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    return 10 + length + (10 if head[5] & 0x10 else 0)


def check_mp3(data: bytes) -> str:
    """Walk from frame to frame. Returns a note, which may be empty.

    Raises ItemFailed for damage, CannotCheck for a free format.
    """
    note = ""
    at = _first_frame(data)
    if is_free_format(data[at : at + 4]):
        raise CannotCheck("MP3 files of a free bit rate are not looked into")
    declared = _declared_frames(data, at)
    frames = 0
    while at < len(data):
        length = frame_length(data[at : at + 4])
        if length:
            frames += 1
            at += length
            continue
        tag = tag_length(data[at : at + 10])
        if tag:
            at += tag
            note = JOINED
            continue
        rest = data[at : at + 16]
        if rest.startswith(_TAGS) or not any(data[at : at + _READ_BYTES]):
            break
        following = _next_frames(data, at)
        if following < 0:
            note = note or (_LAST_IS_CUT if len(rest) < _HEADER_BYTES else _MORE)
            break
        raise broken(
            f"The sound is damaged: {following - at:,} bytes in it are no sound (byte {at:,})"
        )
    if declared and frames < declared - _MISSING_FRAMES:
        raise broken(f"The sound is cut off: it has {frames:,} of {declared:,} frames")
    return note or (_LAST_IS_CUT if at > len(data) else "")


def _first_frame(data: bytes) -> int:
    at = 0
    while tag := tag_length(data[at : at + 10]):
        at += tag
    found = _next_frames(data, at)
    if found < 0:
        if is_free_format(data[at : at + 4]):
            return at
        raise broken("The sound is damaged or cut off: no frame of it can be found")
    return found


def _next_frames(data: bytes, at: int) -> int:
    """Return where the next three frames in a row start; -1 if there are none."""
    while (at := data.find(b"\xff", at)) >= 0:
        place = at
        for _ in range(3):
            length = frame_length(data[place : place + 4])
            if not length:
                break
            place += length
            if place >= len(data):
                break
        if length:
            return at
        at += 1
    return -1


def _declared_frames(data: bytes, at: int) -> int:
    """Return the number of frames that the first one (Xing, Info, VBRI) declares; 0 if none."""
    frame = data[at : at + 200]
    for mark, place in ((b"Xing", 8), (b"Info", 8), (b"VBRI", 14)):
        found = frame.find(mark)
        if found < 0:
            continue
        if mark != b"VBRI" and not frame[found + 7] & 1:
            return 0
        return int.from_bytes(frame[found + place : found + place + 4], "big")
    return 0
