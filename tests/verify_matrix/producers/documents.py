"""PDF, Office, books, markup and fonts."""

import json
from pathlib import Path
from typing import Any

from tests.verify_matrix import subjects
from tests.verify_matrix.producers.recipe import Recipe, library, program
from tests.verify_matrix.producers.sources import SOURCES


def _photo(out: Path, number: int) -> str:
    """Return the path of a photo to put into a document."""
    path = out.with_name(f"{out.stem}-photo.jpg")
    SOURCES["jpg"](path, number)
    return str(path)


def _reportlab(ascii85: int) -> Any:
    def make(out: Path, number: int) -> None:
        from reportlab import rl_config
        from reportlab.pdfgen.canvas import Canvas

        rl_config.useA85, rl_config.invariant = ascii85, 1
        canvas = Canvas(str(out))
        for page in range(6):
            canvas.drawImage(_photo(out, number), 60, 400, 400, 350)
            for line, text in enumerate(subjects.text(number + page, 2000).splitlines()):
                canvas.drawString(40, 380 - 12 * line, text[:90])
            canvas.showPage()
        canvas.save()

    return make


def _pikepdf(**options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        import pikepdf

        source = out.with_name(f"{out.stem}-source.pdf")
        _reportlab(0)(source, number)
        with pikepdf.open(source) as document:
            document.save(out, **options)

    return make


def _fpdf(out: Path, number: int) -> None:
    from fpdf import FPDF

    document = FPDF()
    document.add_page()
    document.set_font("Helvetica", size=10)
    document.multi_cell(0, 5, subjects.text(number, 30_000))
    document.image(_photo(out, number), w=150)
    document.output(str(out))


def _img2pdf(out: Path, number: int) -> None:
    import img2pdf

    out.write_bytes(img2pdf.convert([_photo(out, number)], deterministic=True))


def _word(out: Path, number: int) -> None:
    import docx

    document = docx.Document()
    for line in subjects.text(number, 60_000).splitlines():
        document.add_paragraph(line)
    document.add_picture(_photo(out, number))
    document.save(str(out))


def _sheet(module: str) -> Any:
    def make(out: Path, number: int) -> None:
        rows = [
            [row["id"], row["name"], row["size"], row["ratio"]] for row in subjects.records(number)
        ]
        if module == "openpyxl":
            import openpyxl

            book = openpyxl.Workbook()
            for row in rows:
                book.active.append(row)
            book.save(out)
            return
        import xlsxwriter

        with xlsxwriter.Workbook(str(out)) as written:
            sheet = written.add_worksheet()
            for index, row in enumerate(rows):
                sheet.write_row(index, 0, row)

    return make


def _slides(out: Path, number: int) -> None:
    import pptx

    show = pptx.Presentation()
    for page in range(8):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = f"Slide {page}"
        slide.placeholders[1].text = subjects.text(number + page, 1500)
    show.slides[0].shapes.add_picture(_photo(out, number), 0, 0)
    show.save(str(out))


def _open_document(out: Path, number: int) -> None:
    from odf.opendocument import OpenDocumentText
    from odf.text import P

    document = OpenDocumentText()
    for line in subjects.text(number, 120_000).splitlines():
        document.text.addElement(P(text=line))
    document.save(str(out))


def _book(out: Path, number: int) -> None:
    from ebooklib import epub

    book = epub.EpubBook()
    book.set_identifier(f"book-{number}")
    book.set_title("A book")
    chapters = []
    for page in range(6):
        chapter = epub.EpubHtml(title=f"Chapter {page}", file_name=f"{page}.xhtml")
        chapter.content = f"<h1>{page}</h1><p>{subjects.text(number + page, 20_000)}</p>"
        book.add_item(chapter)
        chapters.append(chapter)
    book.toc = chapters
    book.spine = ["nav", *chapters]
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    epub.write_epub(str(out), book)


def _old_sheet(out: Path, number: int) -> None:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("data")
    for index, row in enumerate(subjects.records(number)):
        for column, name in enumerate(("id", "name", "size", "ratio")):
            sheet.write(index, column, row[name])
    book.save(str(out))


def _xml(encoding: str) -> Any:
    def make(out: Path, number: int) -> None:
        rows = "\n".join(
            f'<row id="{row["id"]}"><name>{row["name"]} ä</name><size>{row["size"]}</size></row>'
            for row in subjects.records(number)
        )
        text = f'<?xml version="1.0" encoding="{encoding}"?>\n<rows>\n{rows}\n</rows>\n'
        out.write_bytes(text.encode(encoding))

    return make


def _json(indent: int | None) -> Any:
    def make(out: Path, number: int) -> None:
        out.write_text(json.dumps(subjects.records(number), indent=indent))

    return make


def _json_lines(out: Path, number: int) -> None:
    out.write_text("".join(json.dumps(row) + "\n" for row in subjects.records(number)))


PASSWORDS = "qpdf --encrypt '' owner 256 --"
RECIPES: list[Recipe] = [
    library("PDF", "pdf", "reportlab", _reportlab(1), "reportlab, ASCII85"),
    library("PDF", "pdf", "reportlab", _reportlab(0), "reportlab"),
    library("PDF", "pdf", "pikepdf", _pikepdf(linearize=True), "pikepdf, linearized"),
    library("PDF", "pdf", "pikepdf", _pikepdf(compress_streams=True), "pikepdf"),
    library("PDF", "pdf", "fpdf", _fpdf, "fpdf2"),
    library("PDF", "pdf", "img2pdf", _img2pdf, "img2pdf"),
    program("PDF", "pdf", "gs -q -sDEVICE=pdfwrite -o {out} {pdf}"),
    program("PDF", "pdf", "pdftocairo -pdf {pdf} {out}"),
    program("PDF", "pdf", "qpdf --object-streams=generate {pdf} {out}"),
    program("PDF", "pdf", PASSWORDS + " {pdf} {out}"),
    library("Office", "docx", "docx", _word, "python-docx"),
    library("Office", "xlsx", "openpyxl", _sheet("openpyxl"), "openpyxl"),
    library("Office", "xlsx", "xlsxwriter", _sheet("xlsxwriter"), "XlsxWriter"),
    library("Office", "pptx", "pptx", _slides, "python-pptx"),
    library("OpenDocument, EPUB", "odt", "odf", _open_document, "odfpy"),
    library("OpenDocument, EPUB", "epub", "ebooklib", _book, "EbookLib"),
    library("old Office", "xls", "xlwt", _old_sheet, "xlwt"),
    library("XML", "xml", "numpy", _xml("utf-8"), "written as text"),
    library("XML", "xml", "numpy", _xml("iso-8859-1"), "written as Latin-1"),
    library("JSON", "json", "numpy", _json(1), "json, indented"),
    library("JSON", "json", "numpy", _json(None), "json"),
    library("JSON", "jsonl", "numpy", _json_lines, "json, lines"),
]  # fmt: skip
