"""Decodes the kinds of JPEG that photos do not use: 12 and 16 bits, lossless, JPEG-LS.

FFmpeg reports damage in most of them. imagecodecs decodes all of them and reports little.
"""

import re
import struct

from jobs.operations.verify.imagecodecs import CODEC_ERRORS, load_imagecodecs
from jobs.operations.verify.limits import CannotCheck, Limits, broken
from jobs.operations.verify.media.decoding import load_av

JPEG_LS = 0xF7
"""The marker of its frame."""
_DAMAGED = re.compile(r"bad vlc|overread|bitstream end|error y=|error dc|invalid id", re.IGNORECASE)
_CUT_OFF = "The picture is cut off: its data ends before its last row"


def check_rare_jpeg(data: bytes) -> str:
    """Decode one picture, which ends with its end mark. Returns a note, which may be empty.

    Raises ItemFailed for a damaged one, CannotCheck if nothing here decodes it.
    """
    if _decode_by_ffmpeg(data):
        return ""
    library = load_imagecodecs()
    try:
        library.jpeg8_decode(data)
    except CODEC_ERRORS:
        raise CannotCheck("JPEG pictures of this kind cannot be decoded here") from None
    return "it is of a rare kind of JPEG, in which only large damage is found"


def check_jpeg_ls(data: bytes, limits: Limits) -> dict[str, int]:
    """Return the size of a picture of JPEG-LS. Raises ItemFailed if it is damaged."""
    frame = data.find(bytes([0xFF, JPEG_LS]))
    height, width = struct.unpack(">HH", data[frame + 5 : frame + 9].ljust(4, b"\0"))
    limits.check_pixels(width, height)
    # Asked first: the decoder takes seconds to notice that data is missing.
    if data.find(b"\xff\xd9", frame) < 0:
        raise broken(_CUT_OFF)
    try:
        load_imagecodecs().jpegls_decode(data)
    except CODEC_ERRORS:
        raise broken("The picture is damaged: its data is not valid") from None
    return {"width": width, "height": height}


def _decode_by_ffmpeg(data: bytes) -> bool:
    """Return True if FFmpeg decoded it without complaint, False if it cannot decode this kind."""
    av = load_av()
    with av.logging.Capture(local=False) as log:
        av.logging.set_level(av.logging.WARNING)
        decoder = av.CodecContext.create("mjpeg", "r")
        decoder.thread_count = 1
        decoder.options = {"err_detect": "crccheck+bitstream+buffer+explode"}
        try:
            frames = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
        except av.error.FFmpegError:
            frames = []
        said = "\n".join(text for _, _, text in log)
    if "overread" in said or "bitstream end" in said:
        raise broken("The picture is damaged: its data ends before its last row")
    if _DAMAGED.search(said):
        raise broken("The picture is damaged: a code in its data is not valid")
    return bool(frames)
