"""GET /api/files."""

import uuid

import pytest

from tests.api.caller import Caller
from tests.api.conftest import add_files
from tests.support import factories

JOB_ID = "550e8400-e29b-41d4-a716-446655440000"


def test_files_are_listed_by_path(api: Caller, library: list[str]):
    answer = api.get("/api/files")
    assert [file["path"] for file in answer.body["files"]] == library
    assert answer.body["files"][0] == {
        "path": "a.txt",
        "size": 100,
        "modified": "2026-01-31T08:15:00.000Z",
        "kind": "txt",
        "status": "unprocessed",
        "message": "",
        "job_id": None,
        "checked": None,
    }
    assert {name: answer.body[name] for name in ("count", "page", "pages")} == {
        "count": 5,
        "page": 1,
        "pages": 1,
    }


def test_empty_parameters_are_the_same_as_none(api: Caller, library: list[str]):
    assert api.get("/api/files?search=&status=&page=&page_size=").body["count"] == len(library)


def test_files_are_searched_in_any_case(api: Caller, library: list[str]):
    found = api.get("/api/files?search=PHOTOS/").body
    assert [file["path"] for file in found["files"]] == ["photos/c.jpg", "photos/d.jpg"]
    assert found["count"] == 2


def test_files_that_succeeded_with_a_message_are_warnings(api: Caller, library: list[str]):
    add_files("x.txt", status="succeeded", message="Its name is wrong")
    add_files("y.txt", status="succeeded")
    add_files("z.txt", status="failed", message="It is broken")
    for query in ("status=warning", "status=warning&search=.txt"):
        found = api.get(f"/api/files?{query}").body
        assert ([file["path"] for file in found["files"]], found["count"]) == (["x.txt"], 1)


def test_files_have_the_depth_of_their_last_check_until_they_change_or_fail(api: Caller, db: None):
    known = {"checked": "structure"}
    add_files("a.wav", status="succeeded", memory=known)
    add_files("changed.wav", status="unprocessed", memory=known)
    add_files("failed.wav", status="failed", memory=known)
    add_files("odd.wav", status="succeeded", memory=5)
    found = {file["path"]: file["checked"] for file in api.get("/api/files").body["files"]}
    assert found == {
        "a.wav": "structure",
        "changed.wav": None,
        "failed.wav": None,
        "odd.wav": None,
    }


def test_the_status_is_that_of_the_last_item(api: Caller, library: list[str]):
    job = factories.make_job("completed", failed=1)
    add_files("z.txt", status="failed", message="It is broken", job_id=job.pk)
    found = api.get("/api/files?status=failed").body["files"]
    assert [(file["path"], file["message"], file["job_id"]) for file in found] == [
        ("z.txt", "It is broken", str(job.pk))
    ]


def test_each_operation_has_its_own_outcome_of_a_file(api: Caller, library: list[str]):
    add_files("z.txt", status="failed", message="It is broken", operation="slow")
    for operation, status in (("slow", "failed"), ("verify", "unprocessed")):
        found = api.get(f"/api/files?search=z.txt&operation={operation}").body["files"]
        assert [file["status"] for file in found] == [status]
    assert api.get("/api/files?status=failed").body["count"] == 0
    assert api.get("/api/files?status=unprocessed&operation=other").body["count"] == 6
    assert api.get("/api/files?status=failed&operation=slow").body["count"] == 1


def test_a_file_whose_job_is_deleted_keeps_its_message_and_links_to_no_job(
    api: Caller, library: list[str]
):
    add_files("z.txt", status="failed", message="It is broken", job_id=uuid.UUID(JOB_ID))
    (found,) = api.get("/api/files?status=failed").body["files"]
    assert (found["message"], found["job_id"]) == ("It is broken", None)


def test_every_file_is_on_one_page(api: Caller, library: list[str]):
    pages = [api.get(f"/api/files?page_size=2&page={page}").body for page in (1, 2, 3)]
    assert [file["path"] for page in pages for file in page["files"]] == library
    assert {page["pages"] for page in pages} == {3}


def test_a_page_after_the_last_is_empty(api: Caller, library: list[str]):
    found = api.get("/api/files?page=9").body
    assert found["files"] == []
    assert (found["page"], found["pages"], found["count"]) == (9, 1, 5)


def test_an_empty_library_has_one_empty_page(api: Caller, db: None):
    assert api.get("/api/files").body == {"count": 0, "page": 1, "pages": 1, "files": []}


def test_a_page_is_not_larger_than_a_thousand(api: Caller, db: None):
    add_files(*(f"{number:04}.txt" for number in range(1_001)))
    assert len(api.get("/api/files?page_size=100000").body["files"]) == 1_000


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=x", "page"),
        ("page=99999999999999999999", "page"),
        ("page_size=-1", "page_size"),
        ("status=done", "status"),
        ("operation=%00", "operation"),
        ("kind=jpg", "kind"),
        ("sort=name", "sort"),
        ("search=%00", "search"),
        (f"search={'x' * 1_001}", "search"),
    ],
)
def test_a_wrong_parameter_is_named(api: Caller, db: None, query: str, field: str):
    answer = api.get(f"/api/files?{query}")
    assert answer.status == 400
    assert field in answer.error
    assert list(answer.body["fields"]) == [field]


def test_the_error_of_a_wrong_order_lists_the_orders(api: Caller, db: None):
    error = api.get("/api/files?sort=bogus").error
    assert "Choose one of: path, -path, size, -size, modified, -modified, kind, -kind." in error
