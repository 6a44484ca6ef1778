"""Checks PDF documents: pdfium opens them and loads every page, qpdf unpacks every part.

Both silently repair what they can, so both ends of the file are checked as well.
"""

import re
from time import process_time

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import Checked, Limits, Meter, broken
from jobs.operations.verify.pdf_parts import check_parts
from jobs.operations.verify.pdf_pictures import Pictures

TAIL_BYTES = 64 * 1024
_LOADING_SECONDS = 20.0
_LOADING_SECONDS_PER_MB = 20.0
"""Loading pages takes at most this much processor time. Pages can share their content, so a small
document of many pages could take hours."""
_START = re.compile(rb"startxref\s+(\d{1,18})\s+(?:%(?!%EOF)[^\r\n]*[\r\n]\s*)*%%EOF")
_LENGTH = re.compile(
    rb"/Linearized\b[^>]{0,200}?/L\s+(\d{1,18})\b|/L\s+(\d{1,18})\b[^>]{0,200}?/Linearized\b"
)
_TABLE = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")


def check_pdf(content: Content, limits: Limits) -> Checked:
    """Return the number of pages. Raises ItemFailed for a broken or protected document."""
    _check_ends(content)
    facts, note = _load(content)
    with content.open() as stream:
        meter = Meter(limits, content.size)
        pictures = Pictures(limits, meter)
        note = check_parts(stream, meter, limits, pictures) or note
    left = pictures.note()
    notes = [text for text in (left, pictures.note_of_rows(), note) if text]
    return Checked(facts, "; ".join(notes), depth="structure" if left else "content")


def _load(content: Content) -> tuple[dict[str, int], str]:
    """Return facts and a note, which may be empty."""
    import pypdfium2  # slow to load, and most libraries contain other files

    stream = content.open()
    try:
        document = pypdfium2.PdfDocument(content.data if content.data is not None else stream)
    except pypdfium2.PdfiumError:
        return _without_pdfium(content)
    try:
        pages = len(document)
        if not pages:
            raise broken("The PDF is damaged: it has no pages")
        until = process_time() + _LOADING_SECONDS + _LOADING_SECONDS_PER_MB * content.size / 1024**2
        for number in range(pages):
            if process_time() > until:
                return {"pages": pages}, f"only its first {number:,} pages were loaded"
            try:
                document[number].close()
            except pypdfium2.PdfiumError:
                raise broken(
                    f"The PDF is damaged: page {number + 1:,} of {pages:,} cannot be loaded"
                ) from None
        return {"pages": pages}, ""
    finally:
        document.close()
        stream.close()


def _without_pdfium(content: Content) -> tuple[dict[str, int], str]:
    """Return facts and a note of a document that pdfium does not open, or raise ItemFailed.

    Its reason may be that of an earlier document. It does not decrypt all that qpdf does.
    """
    import pikepdf

    try:
        with content.open() as stream, pikepdf.open(stream, suppress_warnings=True) as document:
            if document.is_encrypted and len(document.pages):
                return {"pages": len(document.pages)}, "its pages were not loaded, only unpacked"
    except pikepdf.PasswordError:
        raise broken("Protected by a password: the pages of this PDF cannot be checked") from None
    except pikepdf.PdfError:
        pass
    raise broken("The PDF is damaged: it cannot be opened")


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
