"""A job's items as a file: streamed, so that a million rows need no more memory than ten."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from django.http import StreamingHttpResponse

from jobs.api.rows import COLUMNS, Rows

ROWS_A_CHUNK = 500

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = re.compile(r'[",;\s]')


def csv_download(rows: Rows) -> StreamingHttpResponse:
    """The columns of `rows.COLUMNS`; results as JSON, lines end as RFC 4180 says."""
    lines = chain([list(COLUMNS)], map(_cells, rows.all()))
    text = (",".join(map(cell, line)) + "\r\n" for line in lines)
    return _download(rows, "csv", "text/csv; charset=utf-8", text)


def json_download(rows: Rows) -> StreamingHttpResponse:
    """A JSON list, one row a line."""
    return _download(rows, "json", "application/json", _json_lines(rows.all()))


def cell(value: Any) -> str:
    """One cell: what a spreadsheet would take for a formula gets an apostrophe before it.

    Cells with a semicolon or a space are quoted too, since some programs split there.
    """
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _cells(row: dict[str, Any]) -> list[Any]:
    result = row["result"]
    shown = None if result is None else json.dumps(result, ensure_ascii=False)
    return [shown if column == "result" else row[column] for column in COLUMNS]


def _json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _download(rows: Rows, extension: str, kind: str, lines: Iterable[str]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_chunks(lines), content_type=kind)
    status = f"-{rows.status}" if rows.status else ""
    # An operation's name is ASCII without quotes.
    name = f"{rows.job.operation}-{str(rows.job.pk)[:8]}{status}.{extension}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    lines = iter(lines)
    while chunk := "".join(islice(lines, ROWS_A_CHUNK)):
        yield chunk.encode(errors="backslashreplace")
