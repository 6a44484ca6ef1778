"""Counts become numbers and words."""

import pytest

from jobs.exceptions import BadCursor
from jobs.feed import ITEMS_LIMIT
from jobs.models import Job, JobItem, Lease
from jobs.progress import Numbers, items_after, numbers
from jobs.states import ENDED, JobStatus


@pytest.mark.parametrize(
    ("total", "processed", "percent"),
    [(0, 0, 0), (3, 0, 0), (3, 1, 33), (3, 2, 66), (3, 3, 100), (1000, 999, 99)],
)
def test_percent_is_rounded_down(total, processed, percent):
    assert Numbers(total, processed, 0, 0, total - processed, 0).percent == percent


@pytest.mark.parametrize("status", JobStatus)
def test_what_is_left_is_pending_or_skipped(status):
    job = Job(status=status, total_items=10, left_out=1, retried=2)
    found = numbers(job, {"succeeded": 3, "failed": 4, "in_flight": 1})
    assert (found.succeeded, found.failed, found.in_flight) == (3, 2, 1)
    assert (found.pending, found.skipped) == ((0, 4) if status in ENDED else (3, 1))


def test_a_job_that_nobody_has_touched():
    found = numbers(Job(status="queued", total_items=10), None)
    assert (found.processed, found.in_flight, found.pending) == (0, 0, 10)


@pytest.fixture
def make_job(module_database):
    made = []

    def make(*lanes):
        """A job in which each lane has finished so many items."""
        job = Job.objects.create(operation="act", label="Act", total_items=sum(lanes))
        made.append(job)
        for number, count in enumerate(lanes, 1):
            Lease.objects.create(job=job, number=number, succeeded=count, sequence=count)
            JobItem.objects.bulk_create(
                JobItem(
                    job=job,
                    position=place,
                    key=f"{number}/{place}",
                    status="succeeded",
                    lane=number,
                    sequence=place,
                )
                for place in range(1, count + 1)
            )
        return job

    yield make
    for job in made:
        job.delete()


def told(job, cursor=""):
    items, cursor = items_after(job, cursor)
    return [item["path"] for item in items], cursor


def test_a_reader_goes_through_the_lanes(make_job):
    job = make_job(2, 0, 1)
    paths, cursor = told(job)
    assert paths == ["1/1", "1/2", "3/1"]
    assert told(job, cursor) == ([], cursor)


@pytest.mark.parametrize("lanes", [(ITEMS_LIMIT,), (ITEMS_LIMIT + 1,), (300, 300, 700), (499, 2)])
def test_no_more_than_the_limit_at_once_and_each_item_once(make_job, lanes):
    job, seen, cursor = make_job(*lanes), [], ""
    while True:
        paths, cursor = told(job, cursor)
        if not paths:
            break
        assert len(paths) == min(ITEMS_LIMIT, sum(lanes) - len(seen))
        seen += paths
    assert len(seen) == len(set(seen)) == sum(lanes)


def test_what_is_finished_while_it_is_read_comes_next_time(make_job):
    job = make_job(3)
    Lease.objects.filter(job=job).update(sequence=2)  # read before the third was committed
    paths, cursor = told(job)
    assert paths == ["1/1", "1/2"]
    Lease.objects.filter(job=job).update(sequence=3)
    assert told(job, cursor)[0] == ["1/3"]


def test_what_a_retry_has_taken_back_is_passed_over(make_job):
    job = make_job(4)
    job.items.filter(sequence__in=(2, 4)).update(lane=None, sequence=None, status="pending")
    paths, cursor = told(job)
    assert paths == ["1/1", "1/3"]
    assert told(job, cursor)[0] == []


@pytest.mark.parametrize("cursor", ["", "0", "0.0"])
def test_the_beginning(make_job, cursor):
    assert told(make_job(1), cursor)[0] == ["1/1"]


@pytest.mark.parametrize(
    "cursor", ["x", "1.", ".", "1..2", "1,2", "1e3", "1.-2", "-" + "9" * 50, "9" * 5000]
)
def test_a_cursor_that_was_never_given_out_is_refused(make_job, cursor):
    with pytest.raises(BadCursor):
        told(make_job(1), cursor)


@pytest.mark.parametrize("cursor", ["99999999999999999999", "5.6.7"])
def test_a_cursor_beyond_the_end_tells_nothing(make_job, cursor):
    assert told(make_job(1), cursor)[0] == []
