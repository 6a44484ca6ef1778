"""A job's items as a file, streamed: a million rows need no more memory than ten."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from django.http import StreamingHttpResponse

from jobs.models import Job
from jobs.progress.items import COLUMNS, Item, item_objects

CHUNK_ROWS = 100

_FORMULA = "=+-@"
BYTE_ORDER_MARK = "\ufeff"
"""At the start of a file it tells spreadsheets that the text is UTF-8."""

_QUOTED = re.compile(r'[",;\s]')


def csv_download(
    job: Job, status: str, search: str, *, bom: bool, columns: Sequence[str]
) -> StreamingHttpResponse:
    """The columns of `progress.items.COLUMNS`; results are JSON, lines end as in RFC 4180.

    `bom`: with a byte order mark, for spreadsheets. `columns`: keys of results that get a column
    of their own behind the others; empty for items without the key.
    """
    rows = item_objects(job, status=status, search=search)
    lines = chain([[*COLUMNS, *columns]], (_cells(row, columns) for row in rows))
    text = (",".join(map(cell, line)) + "\r\n" for line in lines)
    mark = [BYTE_ORDER_MARK] if bom else []
    return _download(job, status, "csv", "text/csv; charset=utf-8", chain(mark, text))


def json_download(job: Job, status: str, search: str) -> StreamingHttpResponse:
    """A JSON list, one row a line."""
    lines = _json_lines(item_objects(job, status=status, search=search))
    return _download(job, status, "json", "application/json", lines)


def cell(value: Any) -> str:
    """One cell. Text that a spreadsheet would run as a formula gets an apostrophe before it.

    Cells with a semicolon or a space are quoted as well, since some programs split there.
    """
    text = "" if value is None else str(value)
    if _starts_formula(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _starts_formula(text: str) -> bool:
    """Return True if a spreadsheet may run the text: also after a tab or line break, and in other
    widths of the characters, which some convert.
    """
    first = text[:1]
    if first < "\x20" or first == BYTE_ORDER_MARK:
        return bool(first)
    return unicodedata.normalize("NFKC", first)[0] in _FORMULA


def _cells(row: Item, columns: Sequence[str]) -> Iterable[Any]:
    result = row["result"]
    found = result if isinstance(result, dict) else {}
    own = [_text(found[name]) if name in found else None for name in columns]
    text = None if result is None else json.dumps(result, ensure_ascii=False)
    return [*{**row, "result": text}.values(), *own]


def _text(value: Any) -> Any:
    """A string as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _json_lines(rows: Iterable[Item]) -> Iterator[str]:
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _download(
    job: Job, status: str, extension: str, kind: str, lines: Iterable[str]
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_chunks(lines), content_type=kind)
    # An operation's name is ASCII without quotes.
    name = "-".join(filter(None, (job.operation, str(job.pk)[:8], status)))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return response


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    lines = iter(lines)
    while chunk := "".join(islice(lines, CHUNK_ROWS)):
        yield chunk.encode(errors="backslashreplace")
