"""A job's items as a file, streamed: a million rows need no more memory than ten."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from django.http import StreamingHttpResponse

from jobs.models import Job
from jobs.progress.items import COLUMNS, Item, item_objects

CHUNK_ROWS = 100

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = re.compile(r'[",;\s]')


def csv_download(job: Job, status: str, search: str) -> StreamingHttpResponse:
    """The columns of `progress.items.COLUMNS`; results are JSON, lines end as in RFC 4180."""
    rows = item_objects(job, status=status, search=search)
    lines = chain([COLUMNS], map(_cells, rows))
    text = (",".join(map(cell, line)) + "\r\n" for line in lines)
    return _download(job, status, "csv", "text/csv; charset=utf-8", text)


def json_download(job: Job, status: str, search: str) -> StreamingHttpResponse:
    """A JSON list, one row a line."""
    lines = _json_lines(item_objects(job, status=status, search=search))
    return _download(job, status, "json", "application/json", lines)


def cell(value: Any) -> str:
    """One cell. Text that a spreadsheet would run as a formula gets an apostrophe before it.

    Cells with a semicolon or a space are quoted as well, since some programs split there.
    """
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _cells(row: Item) -> Iterable[Any]:
    result = row["result"]
    text = None if result is None else json.dumps(result, ensure_ascii=False)
    return {**row, "result": text}.values()


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
