"""The items that were processed since the last call."""

import pytest

from jobs.exceptions import BadCursor
from jobs.models import Job, JobItem, Lease
from jobs.progress import items_after
from jobs.progress.finished_items import ITEMS_LIMIT


@pytest.fixture
def make_job(module_database):
    made = []

    def make(*counts):
        """A job in which each slot has finished this many items."""
        job = Job.objects.create(operation="act", label="Act", total_items=sum(counts))
        made.append(job)
        for number, count in enumerate(counts, 1):
            Lease.objects.create(job=job, slot=number, succeeded=count, sequence=count)
            JobItem.objects.bulk_create(
                JobItem(
                    job=job,
                    position=place,
                    key=f"{number}/{place}",
                    status="succeeded",
                    slot=number,
                    sequence=place,
                )
                for place in range(1, count + 1)
            )
        return job

    yield make
    for job in made:
        job.delete()


def read(job, cursor=""):
    items, cursor = items_after(job, cursor)
    return [item["path"] for item in items], cursor


def test_items_of_all_slots_are_read_in_the_order_of_the_slots(make_job):
    job = make_job(2, 0, 1)
    paths, cursor = read(job)
    assert paths == ["1/1", "1/2", "3/1"]
    assert read(job, cursor) == ([], cursor)


@pytest.mark.parametrize("counts", [(ITEMS_LIMIT,), (ITEMS_LIMIT + 1,), (300, 300, 700), (499, 2)])
def test_a_call_returns_items_up_to_the_limit_and_each_item_once(make_job, counts):
    job, seen, cursor = make_job(*counts), [], ""
    while True:
        paths, cursor = read(job, cursor)
        if not paths:
            break
        assert len(paths) == min(ITEMS_LIMIT, sum(counts) - len(seen))
        seen += paths
    assert len(seen) == len(set(seen)) == sum(counts)


def test_an_item_finished_during_a_call_comes_with_the_next_one(make_job):
    job = make_job(3)
    Lease.objects.filter(job=job).update(sequence=2)  # read before the third was committed
    paths, cursor = read(job)
    assert paths == ["1/1", "1/2"]
    Lease.objects.filter(job=job).update(sequence=3)
    assert read(job, cursor)[0] == ["1/3"]


def test_items_that_a_retry_has_reset_are_passed_over(make_job):
    job = make_job(4)
    job.items.filter(sequence__in=(2, 4)).update(slot=None, sequence=None, status="pending")
    paths, cursor = read(job)
    assert paths == ["1/1", "1/3"]
    assert read(job, cursor)[0] == []


@pytest.mark.parametrize("cursor", ["", "0", "0.0"])
def test_an_empty_cursor_starts_from_the_beginning(make_job, cursor):
    assert read(make_job(1), cursor)[0] == ["1/1"]


@pytest.mark.parametrize(
    "cursor",
    ["x", "1.", ".", "1..2", "1,2", "1e3", "1.-2", "-" + "9" * 50, "9" * 5000, "1." * 3500 + "1"],
)
def test_a_malformed_cursor_is_refused(make_job, cursor):
    with pytest.raises(BadCursor):
        read(make_job(1), cursor)


@pytest.mark.parametrize("cursor", ["99999999999999999999", "5.6.7"])
def test_a_cursor_beyond_the_end_returns_no_items(make_job, cursor):
    assert read(make_job(1), cursor)[0] == []
