"""GET /api/jobs/<id>/items.csv and items.json."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable

import pytest

from jobs.api import downloads
from jobs.api.downloads import cell
from jobs.models import Job, JobItem
from jobs.progress import items
from tests.api.caller import Caller
from tests.support.worker import FakeWorker

Start = Callable[..., Job]

HEADER = ["path", "status", "message", "result", "attempts", "started_at", "finished_at"]


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture
def running(transactional_db: None, start: Start) -> Job:
    job = start()
    worker = FakeWorker(job)
    worker.start()
    worker.finish(result={"bytes": 3, "name": "ü"})
    worker.run('It is "broken", really')
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


def test_csv_has_columns_for_the_asked_keys_of_results(api: Caller, running: Job):
    running.items.filter(position=2).update(result={"bytes": [1, 2], "name": "=1+1"})
    path = f"/api/jobs/{running.pk}/items.csv"
    header, *rows = table(api.get(f"{path}?columns=name,%20bytes,name,gone").body)
    assert header == [*HEADER, "name", "bytes", "gone"]
    assert [row[len(HEADER) :] for row in rows[:3]] == [
        ["ü", "3", ""],
        ["", "", ""],
        ["'=1+1", "[1, 2]", ""],
    ]
    assert table(api.get(f"{path}?columns=").body)[0] == HEADER
    many = ",".join(f"name{number}" for number in range(21))
    answer = api.get(f"{path}?columns={many}")
    assert (answer.status, list(answer.body["fields"])) == (400, ["columns"])


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


def test_download_without_items_is_valid(api: Caller, running: Job):
    path = f"/api/jobs/{running.pk}"
    assert table(api.get(f"{path}/items.csv?status=skipped").body) == [HEADER]
    assert api.get(f"{path}/items.json?status=skipped").body == []


@pytest.mark.parametrize("query", ["status=done", "search=%00"])
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_wrong_parameter_of_a_download_is_an_error_in_json(
    api: Caller, running: Job, kind: str, query: str
):
    assert api.get(f"/api/jobs/{running.pk}/items.{kind}?{query}").status == 400


@pytest.mark.parametrize("first", [*"=+-@\t\r\n\v", *"＝＋－＠", *"﹦﹢﹣﹫", "\ufeff", "⁺", "⩵"])
def test_formulas_in_cells_are_escaped(api: Caller, start: Start, first: str):
    job = start()
    key = f"{first}cmd|' /C calc'!A0.txt"
    job.items.filter(position=0).update(key=key, message=f"{first}1+1")
    row = table(api.get(f"/api/jobs/{job.pk}/items.csv").body)[1]
    assert (row[0], row[2]) == (f"'{key}", f"'{first}1+1")


def test_csv_begins_with_a_byte_order_mark_only_on_request(api: Caller, start: Start):
    job = start()
    job.items.filter(position=0).update(key="Größe.txt")
    path = f"/api/jobs/{job.pk}/items.csv"
    plain, marked = api.get(path).body, api.get(f"{path}?bom=1").body
    assert plain.startswith("path,")
    assert marked == f"\ufeff{plain}"
    assert "Größe.txt" in plain
    assert api.get(f"{path}?bom=2").status == 400


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (0, "0"),
        ("", ""),
        ("Ａ１", "Ａ１"),
        ("a-b=c", "a-b=c"),
        ("a b", '"a b"'),
        ('say "x"', '"say ""x"""'),
        ("a;=1+1", '"a;=1+1"'),
        ("a,b", '"a,b"'),
        ("a\r\nb", '"a\r\nb"'),
        ("<img src=x onerror=alert(1)>", '"<img src=x onerror=alert(1)>"'),
    ],
)
def test_cells_with_separators_are_quoted(value: object, expected: str):
    assert cell(value) == expected


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_download_needs_less_memory_than_its_rows(
    api: Caller, start: Start, monkeypatch: pytest.MonkeyPatch, kind: str
):
    chunk, length = 50, 4_000
    monkeypatch.setattr(items, "CHUNK", chunk)
    monkeypatch.setattr(downloads, "CHUNK_ROWS", chunk // 4)
    job = start()
    JobItem.objects.bulk_create(
        JobItem(job=job, position=place, key=f"{place:06}.txt", message="x" * length)
        for place in range(5, 12 * chunk)
    )
    response = api.client.get(f"/api/jobs/{job.pk}/items.{kind}")
    tracemalloc.start()
    size = sum(map(len, response))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 11 * chunk * length
    assert peak < size / 2
