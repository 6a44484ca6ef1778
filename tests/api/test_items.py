"""GET /api/jobs/<id>/items."""

from collections.abc import Callable
from typing import Any

import pytest

from jobs.models import Job
from jobs.progress import items
from tests.api.caller import Caller
from tests.support.worker import FakeWorker

Start = Callable[..., Job]


def paths(found: dict[str, Any]) -> list[str]:
    return [item["path"] for item in found["items"]]


@pytest.fixture
def running(transactional_db: None, start: Start) -> Job:
    """a.txt succeeded, b.txt failed, bad.png is being processed, two are pending."""
    job = start()
    worker = FakeWorker(job)
    worker.start()
    worker.finish(result={"bytes": 3, "name": "ü"}, seconds=0.5)
    worker.run("It is broken")
    worker.start()
    return job


def test_items_are_listed_in_the_jobs_order(api: Caller, start: Start):
    files = ["photos/d.jpg", "a.txt", "bad.png"]
    found = api.get(f"/api/jobs/{start(files=files).pk}/items").body
    assert paths(found) == files
    assert (found["count"], found["next"]) == (3, None)
    assert found["items"][0] == {
        "path": "photos/d.jpg",
        "status": "pending",
        "message": "",
        "result": None,
        "attempts": 0,
        "started_at": None,
        "finished_at": None,
    }


def test_a_processed_item_has_its_result(api: Caller, running: Job):
    item, failed = api.get(f"/api/jobs/{running.pk}/items?limit=2").body["items"]
    assert (item["status"], item["result"]) == ("succeeded", {"bytes": 3, "name": "ü"})
    assert item["attempts"] == 1
    assert item["started_at"] < item["finished_at"]
    assert item["finished_at"].endswith("Z")
    assert (failed["status"], failed["message"]) == ("failed", "It is broken")


EXPECTED_RUNNING = {
    "succeeded": ["a.txt"],
    "failed": ["b.txt"],
    "processed": ["a.txt", "b.txt"],
    "processing": ["bad.png"],
    "pending": ["photos/c.jpg", "photos/d.jpg"],
    "skipped": [],
}
EXPECTED_CANCELLED = EXPECTED_RUNNING | {"pending": [], "skipped": EXPECTED_RUNNING["pending"]}


@pytest.mark.parametrize("cancelled", [False, True])
def test_items_are_filtered_by_their_reported_status(api: Caller, running: Job, cancelled: bool):
    if cancelled:
        api.post(f"/api/jobs/{running.pk}/cancel")
    for status, expected in (EXPECTED_CANCELLED if cancelled else EXPECTED_RUNNING).items():
        found = api.get(f"/api/jobs/{running.pk}/items?status={status}").body
        assert (status, paths(found), found["count"]) == (status, expected, len(expected))
        shown = {item["status"] for item in found["items"]}
        assert shown <= ({status} if status != "processed" else {"succeeded", "failed"})


def test_succeeded_items_with_a_message_are_warnings_and_counted(
    transactional_db: None, api: Caller, start: Start
):
    job = start()
    worker = FakeWorker(job)
    worker.start()
    worker.finish(warning="Its end mark is missing")
    worker.run(None, "It is broken")
    found = api.get(f"/api/jobs/{job.pk}/items?status=warning").body
    assert (paths(found), found["count"]) == (["a.txt"], 1)
    assert found["items"][0]["status"] == "succeeded"
    progress = api.get(f"/api/jobs/{job.pk}").body["progress"]
    assert (progress["succeeded"], progress["warnings"], progress["failed"]) == (2, 1, 1)
    lines = api.get(f"/api/jobs/{job.pk}/items.csv?status=warning").body.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["a.txt"]


def test_only_the_running_item_of_a_claimed_batch_is_processing(api: Caller, running: Job):
    # In a group of cheap items only the lease says which one runs.
    running.items.filter(key="bad.png").update(status="pending")
    found = api.get(f"/api/jobs/{running.pk}/items").body
    assert found["items"][2]["status"] == "processing"
    assert paths(api.get(f"/api/jobs/{running.pk}/items?status=pending").body) == [
        "photos/c.jpg",
        "photos/d.jpg",
    ]


def test_count_is_that_of_the_matching_items(api: Caller, running: Job):
    found = api.get(f"/api/jobs/{running.pk}/items?search=PHOTOS&limit=1").body
    assert (paths(found), found["count"]) == (["photos/c.jpg"], 2)
    none = api.get(f"/api/jobs/{running.pk}/items?search=PHOTOS&status=failed").body
    assert (none["items"], none["count"], none["next"]) == ([], 0, None)


@pytest.mark.parametrize("query", ["", "&status=pending", "&search=.&status=", "&search=a%26b"])
def test_next_leads_to_every_page(api: Caller, start: Start, query: str):
    job = start()
    job.items.update(key="x.a&b")
    pages, address = [], f"/api/jobs/{job.pk}/items?limit=2{query}"
    while address:
        found = api.get(address).body
        pages.append(len(found["items"]))
        assert found["count"] == 5
        address = found["next"]
    assert pages == [2, 2, 1]


def test_a_last_page_that_is_full_has_no_next(api: Caller, start: Start):
    assert api.get(f"/api/jobs/{start().pk}/items?limit=5").body["next"] is None


def test_a_page_with_much_text_ends_earlier_and_next_leads_to_the_rest(
    api: Caller, start: Start, library: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(items, "PAGE_CHUNK", 2)
    job = start()
    job.items.update(result={"text": "x" * 1000}, message="y" * 1000)
    monkeypatch.setattr(items, "PAGE_TEXT", 4200)  # two items
    found, address = [], f"/api/jobs/{job.pk}/items?limit=4"
    while address:
        page = api.get(address).body
        found.append(paths(page))
        address = page["next"]
    assert [len(page) for page in found] == [2, 2, 1]
    assert [path for page in found for path in page] == library
    monkeypatch.setattr(items, "PAGE_TEXT", 10)
    assert len(api.get(f"/api/jobs/{job.pk}/items").body["items"]) == 1, "each page has an item"


def test_empty_parameters_are_the_same_as_none(api: Caller, start: Start):
    assert len(api.get(f"/api/jobs/{start().pk}/items?status=&search=&limit=").body["items"]) == 5


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("after=x", "after"),
        ("after=99999999999999", "after"),
        ("search=%00", "search"),
    ],
)
def test_a_wrong_parameter_is_named(api: Caller, start: Start, query: str, field: str):
    answer = api.get(f"/api/jobs/{start().pk}/items?{query}")
    assert (answer.status, list(answer.body["fields"])) == (400, [field])


@pytest.mark.parametrize("call", ["items", "items.csv", "items.json", "failures", "events"])
def test_an_unknown_job(api: Caller, db: None, call: str):
    assert api.get(f"/api/jobs/nothing/{call}").status == 404


@pytest.mark.parametrize("status", ["", "pending"])
def test_last_page_needs_as_many_queries_as_the_first(
    api: Caller, start: Start, django_assert_num_queries: Callable[..., Any], status: str
):
    path = f"/api/jobs/{start().pk}/items?limit=1&status={status}"
    for address in (path, f"{path}&after=3"):
        # The job, what runs, the rows, the sums that the count is made of.
        with django_assert_num_queries(4 if not status else 5):
            api.get(address)
