"""PDF documents: opened by pdfium and every page loaded.

pdfium repairs what it can without a word, so the ends of the file are looked at as well.
"""

import re
from typing import Any

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import Checked, Limits, Meter, broken
from jobs.operations.verify.pdf_streams import check_streams

TAIL_BYTES = 64 * 1024
STREAMS_BYTES = 128 * 1024**2
"""The checksums inside a larger document are not tested: that needs it in memory."""
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF")
_LENGTH = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d+)|/L\s+(\d+)\b[^>]{0,200}?/Linearized\b")
_TABLE = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")


def check_pdf(content: Content, limits: Limits) -> Checked:
    """The number of pages. Raises ItemFailed for a broken or protected document."""
    _check_ends(content)
    facts = _load(content)
    if content.size <= STREAMS_BYTES:
        with content.open() as stream:
            check_streams(stream.read(), Meter(limits, content.size))
    return Checked(facts)


def _load(content: Content) -> dict[str, int]:
    import pypdfium2  # loading it takes a while, and most libraries hold other files

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
        return {"pages": _load_pages(document, pypdfium2.PdfiumError)}
    finally:
        document.close()
        stream.close()


def _load_pages(document: Any, failed: type[Exception]) -> int:
    pages = len(document)
    if not pages:
        raise broken("The PDF is damaged: it has no pages")
    for number in range(pages):
        try:
            document[number].close()
        except failed:
            raise broken(
                f"The PDF is damaged: page {number + 1:,} of {pages:,} cannot be loaded"
            ) from None
    return pages


def _check_ends(content: Content) -> None:
    """What a reader needs to find anything without guessing."""
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
        # Some programs put a few bytes before the beginning, and count from there or not.
        for place in (at, at + max(0, content.head.find(b"%PDF-"))):
            stream.seek(place)
            if _TABLE.match(stream.read(64)):
                return
    raise broken("The PDF is damaged or cut off: its table of contents is not where it should be")
