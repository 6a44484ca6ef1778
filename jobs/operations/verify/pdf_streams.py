"""The compressed parts of a PDF: their checksums tell of damage that readers pass over."""

import re
import zlib

from jobs.operations.verify.limits import Meter, broken

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_FLATE = re.compile(rb"/Filter\s*(?:\[\s*)?/FlateDecode\b")
_LONGEST_DICTIONARY = 1024
_FEED_BYTES = 64 * 1024
_PIECE_BYTES = 1024 * 1024


def check_streams(data: bytes, meter: Meter) -> None:
    """Unpack every deflated stream. Raises ItemFailed when one is damaged.

    Some programs write wrong checksums everywhere; a document of which no part is right is
    taken for one of theirs. In an encrypted document nothing can be told.
    """
    if b"/Encrypt" in data:
        return
    whole = damaged = place = 0
    while found := _STREAM.search(data, place):
        place = found.end()
        dictionary = data[max(0, found.start() - _LONGEST_DICTIONARY) : found.start()]
        if not _FLATE.search(dictionary, max(0, dictionary.rfind(b" obj"))):
            continue
        length = _whole_length(data, place, meter)
        if length:
            whole += 1
            place += length
        else:
            damaged += 1
    if damaged and (whole or damaged == 1):
        parts = whole + damaged
        raise broken(f"The PDF is damaged: {damaged:,} of its {parts:,} packed parts are not valid")


def _whole_length(data: bytes, start: int, meter: Meter) -> int:
    """How many bytes the zlib stream at `start` takes; 0 when it is damaged."""
    view = memoryview(data)
    inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    at = start + 2  # the zlib header
    adler = 1
    waiting: bytes | memoryview = b""
    try:
        while not inflate.eof:
            if not waiting:
                waiting = view[at : at + _FEED_BYTES]
                at += len(waiting)
                if not waiting:
                    return 0
            piece = inflate.decompress(waiting, _PIECE_BYTES)
            waiting = inflate.unconsumed_tail
            meter.add(len(piece))
            adler = zlib.adler32(piece, adler)
    except zlib.error:
        return 0
    end = at - len(inflate.unused_data)
    recorded = data[end : end + 4]
    missing = recorded.lstrip(b"\r\n").startswith(b"en")  # "endstream" at once: left out
    return end - start if missing or recorded == adler.to_bytes(4, "big") else 0
