"""Checks PDF documents: pdfium opens them and loads every page.

pdfium silently repairs what it can, so both ends of the file are checked as well, and the
checksums of its compressed parts.
"""

import re
import zlib

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import Checked, Limits, Meter, broken

TAIL_BYTES = 64 * 1024
STREAMS_BYTES = 128 * 1024**2
"""Checksums inside a larger document are not tested, because it has to fit in memory."""
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF")
_LENGTH = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d+)|/L\s+(\d+)\b[^>]{0,200}?/Linearized\b")
_TABLE = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_FLATE = re.compile(rb"/Filter\s*(?:\[\s*)?/FlateDecode\b")
_LONGEST_DICTIONARY = 1024
_FEED_BYTES = 64 * 1024
_PIECE_BYTES = 1024 * 1024


def check_pdf(content: Content, limits: Limits) -> Checked:
    """Return the number of pages. Raises ItemFailed for a broken or protected document."""
    _check_ends(content)
    facts = _load(content)
    if content.size <= STREAMS_BYTES:
        with content.open() as stream:
            check_streams(stream.read(), Meter(limits, content.size))
    return Checked(facts)


def _load(content: Content) -> dict[str, int]:
    import pypdfium2  # slow to load, and most libraries contain other files

    stream = content.open()
    try:
        document = pypdfium2.PdfDocument(content.data if content.data is not None else stream)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise broken(
                "Protected by a password: the pages of this PDF cannot be checked"
            ) from None
        raise broken("The PDF is damaged: it cannot be opened") from None
    try:
        pages = len(document)
        if not pages:
            raise broken("The PDF is damaged: it has no pages")
        for number in range(pages):
            try:
                document[number].close()
            except pypdfium2.PdfiumError:
                raise broken(
                    f"The PDF is damaged: page {number + 1:,} of {pages:,} cannot be loaded"
                ) from None
        return {"pages": pages}
    finally:
        document.close()
        stream.close()


def _check_ends(content: Content) -> None:
    """Check what a reader needs to find the content without guessing."""
    declared = _LENGTH.search(content.head[:1024])
    if declared and int(declared[1] or declared[2]) > content.size:
        raise broken(
            f"The PDF is cut off: it should have {int(declared[1] or declared[2]):,} bytes "
            f"and has {content.size:,}"
        )
    starts = _START.findall(content.tail(TAIL_BYTES))
    if not starts:
        raise broken("The PDF is cut off: its end mark is missing")
    at = int(starts[-1])
    with content.open() as stream:
        # Some programs put a few bytes before the start, and may or may not count them.
        for place in (at, at + max(0, content.head.find(b"%PDF-"))):
            stream.seek(place)
            if _TABLE.match(stream.read(64)):
                return
    raise broken("The PDF is damaged or cut off: its table of contents is not where it should be")


def check_streams(data: bytes, meter: Meter) -> None:
    """Unpack every deflated stream. Raises ItemFailed if one is damaged.

    Some programs write wrong checksums everywhere, so a document in which every part is wrong
    passes. An encrypted document cannot be checked.
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
    """Return the length in bytes of the zlib stream at `start`; 0 if it is damaged."""
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
