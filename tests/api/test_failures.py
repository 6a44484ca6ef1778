"""GET /api/jobs/<id>/failures."""

from collections.abc import Callable

import pytest

from jobs.api import failure_groups
from jobs.models import Job, JobItem
from jobs.operations import without_name
from tests.api.caller import Caller

Start = Callable[..., Job]


def fail(job: Job, *messages: str) -> None:
    """Failed items with these messages; `{key}` in them is the item's own path."""
    first = JobItem.objects.filter(job=job).count()
    JobItem.objects.bulk_create(
        JobItem(
            job=job,
            position=first + place,
            key=f"more/{place}.jpg",
            status="failed",
            message=message.replace("{key}", f"more/{place}.jpg"),
        )
        for place, message in enumerate(messages)
    )


def test_no_failures(api: Caller, start: Start):
    found = api.get(f"/api/jobs/{start().pk}/failures").body
    assert found == {"failures": [], "looked_at": 0, "complete": True}


def test_equal_messages_are_one_group(api: Caller, start: Start):
    job = start()
    fail(job, "Rare", *["The disk is full"] * 900)
    assert api.get(f"/api/jobs/{job.pk}/failures").body == {
        "failures": [
            {"message": "The disk is full", "count": 900, "example": "more/1.jpg"},
            {"message": "Rare", "count": 1, "example": "more/0.jpg"},
        ],
        "looked_at": 901,
        "complete": True,
    }


def test_messages_that_differ_in_the_items_name_are_one_group(api: Caller, start: Start):
    job = start()
    fail(job, *["Cannot open '/library/{key}'"] * 3, "{key} is unique")
    assert [
        (group["message"], group["count"])
        for group in api.get(f"/api/jobs/{job.pk}/failures").body["failures"]
    ] == [("Cannot open '/library/…'", 3), ("more/3.jpg is unique", 1)]


@pytest.mark.parametrize(
    ("message", "key", "expected"),
    [
        ("a failed at a", "a", "… failed at …"),
        ("bad a.txt: a.txt", "x/a.txt", "bad …: …"),
        ("x/a.txt and a.txt", "x/a.txt", "… and …"),
        ("aa.txt", "a.txt", "aa.txt"),
        ("", "a", ""),
        ("a" * 10_000, "a", "a" * 10_000),
    ],
)
def test_only_whole_names_are_replaced(message: str, key: str, expected: str):
    assert without_name(message, key) == expected


def test_groups_after_the_hundredth_are_not_listed(api: Caller, start: Start):
    job = start()
    fail(job, *(f"Message number {number}" for number in range(101)), "Message number 7")
    found = api.get(f"/api/jobs/{job.pk}/failures").body
    assert (len(found["failures"]), found["complete"], found["looked_at"]) == (100, False, 102)
    assert found["failures"][0]["count"] == 2


def test_failures_after_the_limit_are_not_read(
    api: Caller, start: Start, monkeypatch: pytest.MonkeyPatch
):
    job = start()
    fail(job, *["The disk is full"] * 50)
    for limit, complete in ((49, False), (50, True)):
        monkeypatch.setattr(failure_groups, "ROWS_LIMIT", limit)
        found = api.get(f"/api/jobs/{job.pk}/failures").body
        assert (found["looked_at"], found["complete"]) == (limit, complete)
