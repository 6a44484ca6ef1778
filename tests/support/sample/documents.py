"""PDF, office and text files, written by hand."""

import json
from random import Random

from tests.support.sample.pdfs import make_pdf
from tests.support.sample.zips import make_zip

_WORDS = (
    "batch", "file", "library", "worker", "cancel", "resume", "page", "picture", "archive",
    "letter", "report", "table", "summer", "harbour", "meeting", "budget", "garden", "notes",
    "travel", "recipe", "invoice", "plan", "music", "history",
)  # fmt: skip
_CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns='
    '"http://schemas.openxmlformats.org/package/2006/content-types"/>'
)
_OFFICE = {
    "docx": ("word/document.xml", "<w:document xmlns:w='w'><w:p>{}</w:p></w:document>"),
    "xlsx": ("xl/workbook.xml", "<workbook><sheet>{}</sheet></workbook>"),
}
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument.text"


def documents() -> dict[str, bytes]:
    """About 90 files in the folders `Documents`, `Books` and `Data`."""
    files: dict[str, bytes] = {}
    for number in range(24):
        pages = [prose(number * 10 + page, 8) for page in range(1 + number % 5)]
        files[f"Documents/Report {2001 + number}.pdf"] = make_pdf(pages)
    for number in range(4):
        files[f"Documents/Letter {number + 1}.docx"] = _office("docx", number)
        files[f"Documents/Table {number + 1}.xlsx"] = _office("xlsx", number)
        files[f"Documents/Notes {number + 1}.odt"] = make_zip(
            {"mimetype": _OPEN_DOCUMENT, "content.xml": f"<office>{prose(number, 5)}</office>"}
        )
        files[f"Books/Book {number + 1}.epub"] = _book(number)
    for number in range(18):
        files[f"Documents/Text/note-{number:02}.txt"] = prose(number, 30).encode()
    for number in range(12):
        rows = [{"id": row, "name": prose(row, 1).strip()} for row in range(20 + number)]
        files[f"Data/records-{number:02}.json"] = json.dumps(rows, indent=1).encode()
    for number in range(8):
        entries = "".join(f'<entry n="{row}">{prose(row, 1)}</entry>' for row in range(10))
        files[f"Data/feed-{number:02}.xml"] = (
            f'<?xml version="1.0" encoding="utf-8"?>\n<feed>{entries}</feed>\n'.encode()
        )
    for number in range(6):
        lines = [f"{row},{prose(row, 1).strip()}" for row in range(40)]
        files[f"Data/table-{number:02}.csv"] = "\n".join(["id,name", *lines, ""]).encode()
    return files


def prose(seed: int, lines: int) -> str:
    """The same lines of words for the same seed."""
    random = Random(seed)
    text = [" ".join(random.choice(_WORDS) for _ in range(9)).capitalize() for _ in range(lines)]
    return ".\n".join(text) + ".\n"


def _office(kind: str, number: int) -> bytes:
    name, text = _OFFICE[kind]
    return make_zip({"[Content_Types].xml": _CONTENT_TYPES, name: text.format(prose(number, 12))})


def _book(number: int) -> bytes:
    chapters = {
        f"OEBPS/chapter{chapter}.xhtml": f"<html><p>{prose(number + chapter, 20)}</p></html>"
        for chapter in range(1, 5)
    }
    container = '<container><rootfile full-path="OEBPS/book.opf"/></container>'
    return make_zip(
        {"mimetype": "application/epub+zip", "META-INF/container.xml": container, **chapters}
    )
