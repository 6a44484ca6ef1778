"""GET /api/jobs/<id>/items.csv and items.json."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable

import pytest

from jobs.api.downloads import cell
from jobs.api.rows import CHUNK
from jobs.models import Job, JobItem
from tests.api.caller import Caller
from tests.api.worker import Worker

Start = Callable[..., Job]

HEADER = ["path", "status", "message", "result", "attempts", "started_at", "finished_at"]


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture
def running(transactional_db: None, start: Start) -> Job:
    job = start()
    worker = Worker(job)
    worker.start()
    worker.end(result={"bytes": 3, "name": "ü"})
    worker.do('It is "broken", really')
    return job


def test_csv_has_the_rows_of_the_list(api: Caller, running: Job):
    answer = api.get(f"/api/jobs/{running.pk}/items.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, *rows = table(answer.body)
    assert header == HEADER
    listed = api.get(f"/api/jobs/{running.pk}/items").body["items"]
    for row, item in zip(rows, listed, strict=True):
        result = json.dumps(item["result"], ensure_ascii=False) if item["result"] else ""
        expected = {name: str(item[name] or "") for name in HEADER}
        expected |= {"result": result, "attempts": str(item["attempts"])}
        assert dict(zip(HEADER, row, strict=True)) == expected


def test_json_has_the_rows_of_the_list(api: Caller, running: Job):
    answer = api.get(f"/api/jobs/{running.pk}/items.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body == api.get(f"/api/jobs/{running.pk}/items").body["items"]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_download_can_be_filtered_and_is_named_for_it(api: Caller, running: Job, kind: str):
    answer = api.get(f"/api/jobs/{running.pk}/items.{kind}?status=failed&search=B.TXT")
    rows = table(answer.body)[1:] if kind == "csv" else answer.body
    assert len(rows) == 1
    name = f"slow-{str(running.pk)[:8]}-failed.{kind}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_download_of_nothing_is_whole(api: Caller, running: Job):
    path = f"/api/jobs/{running.pk}"
    assert table(api.get(f"{path}/items.csv?status=skipped").body) == [HEADER]
    assert api.get(f"{path}/items.json?status=skipped").body == []


@pytest.mark.parametrize("query", ["status=done", "search=%00"])
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_wrong_parameter_is_told_in_json(api: Caller, running: Job, kind: str, query: str):
    assert api.get(f"/api/jobs/{running.pk}/items.{kind}?{query}").status == 400


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(api: Caller, start: Start, first: str):
    job = start()
    key = f"{first}cmd|' /C calc'!A0.txt"
    job.items.filter(position=0).update(key=key, message=f"{first}1+1")
    row = table(api.get(f"/api/jobs/{job.pk}/items.csv").body)[1]
    assert (row[0], row[2]) == (f"'{key}", f"'{first}1+1")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (0, "0"),
        ("a-b=c", "a-b=c"),
        ("a b", '"a b"'),
        ('say "x"', '"say ""x"""'),
        ("a;=1+1", '"a;=1+1"'),
        ("a,b", '"a,b"'),
        ("a\r\nb", '"a\r\nb"'),
        ("<img src=x onerror=alert(1)>", '"<img src=x onerror=alert(1)>"'),
    ],
)
def test_what_splits_cells_is_quoted(value: object, expected: str):
    assert cell(value) == expected


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_large_download_needs_no_more_memory_than_a_small_one(
    api: Caller, start: Start, kind: str
):
    job = start()
    JobItem.objects.bulk_create(
        JobItem(job=job, position=place, key=f"{place:06}.txt", message="x" * 400)
        for place in range(5, 6 * CHUNK)
    )
    response = api.client.get(f"/api/jobs/{job.pk}/items.{kind}")
    tracemalloc.start()
    size, peak_of_a_third = 0, 0
    for piece in response:
        size += len(piece)
        if not peak_of_a_third and size > 2 * CHUNK * 420:
            _, peak_of_a_third = tracemalloc.get_traced_memory()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 6 * CHUNK * 420
    assert 0 < peak < 1.1 * peak_of_a_third
