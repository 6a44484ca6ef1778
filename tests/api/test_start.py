"""POST /api/jobs."""

import json
from typing import Any

import pytest

from jobs.api import formats
from jobs.models import Job, JobEvent, JobItem
from tests.api.caller import Caller


def keys(job_id: Any) -> list[str]:
    items = JobItem.objects.filter(job=job_id).order_by("position")
    return list(items.values_list("key", flat=True))


def test_a_job_over_chosen_files_keeps_their_order(api: Caller, library: list[str]):
    files = ["photos/c.jpg", "a.txt", "a.txt"]
    answer = api.post("/api/jobs", {"operation": "slow", "parameters": {}, "files": files})
    assert answer.status == 201
    assert answer.body["total_items"] == 2
    assert answer.body["id"] == answer.body["job_id"]
    assert answer.body["status"] == "queued"
    assert answer.body["progress"]["pending"] == 2
    assert keys(answer.body["job_id"]) == ["photos/c.jpg", "a.txt"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"all": True}, ["a.txt", "b.txt", "bad.png", "photos/c.jpg", "photos/d.jpg"]),
        ({"unprocessed": True}, ["a.txt", "b.txt", "bad.png", "photos/c.jpg", "photos/d.jpg"]),
        ({"search": "c.jpg"}, ["photos/c.jpg"]),
        ({"all": True, "files": None, "unprocessed": False, "search": None}, None),
    ],
)
def test_every_selection_starts_a_job_over_its_files(
    api: Caller, library: list[str], selection: dict[str, Any], expected: list[str] | None
):
    answer = api.post("/api/jobs", {"operation": "slow", **selection})
    assert answer.status == 201
    assert keys(answer.body["job_id"]) == (library if expected is None else expected)


def test_operation_that_lists_its_items_takes_no_selection(api: Caller, db: None):
    answer = api.post("/api/jobs", {"operation": "act", "parameters": {"count": 3}})
    assert (answer.status, answer.body["total_items"]) == (201, 3)
    refused = api.post("/api/jobs", {"operation": "act", "all": True})
    assert (refused.status, refused.error) == (
        400,
        "The operation “act” lists its own items: start it without files.",
    )


def test_limits_are_kept(api: Caller, library: list[str]):
    body = {"operation": "slow", "all": True, "max_workers": 1, "failure_limit": 0}
    job = Job.objects.get(pk=api.post("/api/jobs", body).body["job_id"])
    assert (job.max_workers, job.failure_limit) == (1, 0)


def test_event_source_is_page_for_requests_of_the_page(api: Caller, library: list[str]):
    order = {"operation": "slow", "all": True}
    api.post("/api/jobs", order)
    api.post("/api/jobs", order, X_Requested_With="batchsite-page")
    assert list(JobEvent.objects.values_list("kind", "source")) == [
        ("start", "api"),
        ("start", "page"),
    ]


GOOD = {"operation": "slow", "all": True}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"all": True}, ["operation"]),
        ({"operation": "", "all": True}, ["operation"]),
        ({"operation": ["slow"], "all": True}, ["operation"]),
        ({"operation": "nothing", "all": True}, ["operation"]),
        ({"operation": "\ud800", "all": True}, ["operation"]),
        ({**GOOD, "parameters": []}, ["parameters"]),
        ({**GOOD, "parameters": "x"}, ["parameters"]),
        ({**GOOD, "parameters": {"seconds": "soon"}}, ["seconds"]),
        ({**GOOD, "parameters": {"secnds": 1}}, ["secnds"]),
        ({**GOOD, "files": ["a.txt"]}, ["files", "all"]),
        ({**GOOD, "search": "x", "unprocessed": True}, ["all", "unprocessed", "search"]),
        ({**GOOD, "all": "yes"}, ["all"]),
        ({**GOOD, "all": 1}, ["all"]),
        ({**GOOD, "max_workers": 0}, ["max_workers"]),
        ({**GOOD, "max_workers": True}, ["max_workers"]),
        ({**GOOD, "max_workers": "2"}, ["max_workers"]),
        ({**GOOD, "max_workers": 10**30}, ["max_workers"]),
        ({**GOOD, "failure_limit": -1}, ["failure_limit"]),
        ({**GOOD, "failure_limit": 1.5}, ["failure_limit"]),
        ({**GOOD, "fils": []}, ["fils"]),
        ({"operation": "slow", "files": "a.txt"}, ["files"]),
        ({"operation": "slow", "files": {}}, ["files"]),
        ({"operation": "slow", "files": []}, ["files"]),
        ({"operation": "slow", "files": [1]}, ["files"]),
        ({"operation": "slow", "files": ["a.txt", ""]}, ["files"]),
        ({"operation": "slow", "files": ["a\0.txt"]}, ["files"]),
        ({"operation": "slow", "files": ["\ud800"]}, ["files"]),
        ({"operation": "slow", "files": ["a.txt", "gone.txt"]}, ["files"]),
        ({"operation": "slow", "files": ["../a.txt"]}, ["files"]),
        ({"operation": "slow", "search": ""}, ["search"]),
        ({"operation": "slow", "search": ["a"]}, ["search"]),
        ({"operation": "slow", "search": "a\0"}, ["search"]),
    ],
)
def test_a_wrong_field_is_named(
    api: Caller, library: list[str], body: dict[str, Any], fields: list[str]
):
    answer = api.post("/api/jobs", body)
    assert (answer.status, list(answer.body["fields"])) == (400, fields)
    assert answer.error
    assert not Job.objects.exists()


@pytest.mark.parametrize("body", [[], "x", 1, True])
def test_a_body_that_is_no_object_is_refused(api: Caller, db: None, body: Any):
    assert api.post("/api/jobs", body).error == "Send a JSON object, like {}."


def test_start_without_a_selection_is_refused(api: Caller, library: list[str]):
    for body in ({"operation": "slow"}, {"operation": "slow", "all": False}):
        answer = api.post("/api/jobs", body)
        assert answer.status == 400
        assert "exactly one of" in answer.error


def test_start_over_no_files_is_refused(api: Caller, db: None):
    answer = api.post("/api/jobs", {"operation": "slow", "all": True})
    assert (answer.status, answer.error) == (400, "There are no files to process.")


def test_an_unknown_path_is_named(api: Caller, library: list[str]):
    answer = api.post("/api/jobs", {"operation": "slow", "files": ["a.txt", "gone.txt"]})
    assert "“gone.txt”" in answer.error
    assert "a.txt" not in answer.error


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"operation": NaN}', "not valid JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 5_000, "not valid JSON"),
        (b"", "operation"),
        (b"  ", "operation"),
    ],
)
def test_a_body_that_is_not_json(api: Caller, db: None, raw: bytes, part: str):
    answer = api.call("POST", "/api/jobs", raw)
    assert answer.status == 400
    assert part in answer.error


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_kind_is_refused(api: Caller, db: None, kind: str):
    answer = api.call("POST", "/api/jobs", json.dumps(GOOD).encode(), kind)
    assert answer.status == 415
    assert "application/json" in answer.error


def test_a_body_that_is_too_large_is_refused(api: Caller, db: None, settings: Any):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = api.post("/api/jobs", {**GOOD, "files": ["x" * 1_000]})
    assert answer.status == 413
    assert "too large" in answer.error


@pytest.mark.parametrize("bracket", [b"[", b"{"])
def test_a_body_of_very_many_objects_is_refused(
    api: Caller, db: None, monkeypatch: pytest.MonkeyPatch, bracket: bytes
):
    monkeypatch.setattr(formats, "MAX_BRACKETS", 20)
    few, many = (bracket * number for number in (10, 21))
    assert api.call("POST", "/api/jobs", few).status == 400
    assert api.call("POST", "/api/jobs", many).status == 413
