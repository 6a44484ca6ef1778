"""Items are made, and set back, in batches that can be cut short and carried on with."""

import pytest
from django.test import override_settings

from jobs import services
from jobs.exceptions import BadItems
from jobs.models import Job, JobItem, Lease, LibraryFile
from jobs.operations import Operation, registry
from jobs.preparation import NotAllowed, prepare, prepare_batch

ME = services.Actor()


@pytest.fixture
def library(module_database):
    LibraryFile.objects.bulk_create(
        LibraryFile(
            path=f"{'odd' if number % 2 else 'even'}/{number:03}",
            size=0,
            mtime_ns=0,
            modified="2026-01-01T00:00Z",
            status="succeeded" if number < 10 else "unprocessed",
        )
        for number in range(30)
    )
    yield
    Job.objects.all().delete()
    LibraryFile.objects.all().delete()


@pytest.fixture
def large(library):
    """Makes a job that is too large to be prepared at once: only its first batch is there."""

    def start(**selection):
        with override_settings(JOBS_PREPARE_ITEMS=4):
            return services.start_job("slow", actor=ME, **selection)

    return start


def keys(job):
    rows = job.items.order_by("position").values_list("position", "key")
    assert [position for position, _ in rows] == list(range(len(rows)))
    return [key for _, key in rows]


def test_a_large_selection_is_carried_on_with_by_a_worker(large):
    job = large(all=True)
    assert (job.prepared, job.total_items, len(keys(job))) == (False, 4, 4)
    assert prepare(Job.objects.get(pk=job.pk))
    job.refresh_from_db()
    assert (job.prepared, job.total_items, job.preparation) == (True, 30, {})
    assert keys(job) == sorted(LibraryFile.objects.values_list("path", flat=True))
    assert not job.items.filter(file_id=None).exists()


@pytest.mark.parametrize(
    ("selection", "count"), [({"unprocessed": True}, 20), ({"search": "odd"}, 15)]
)
def test_the_selection_is_kept(large, selection, count):
    job = large(**selection)
    assert prepare(job)
    assert len(keys(job)) == job.total_items == count


def test_another_worker_carries_on_after_a_death_at_any_batch(large):
    job = large(all=True)
    for _ in range(20):
        if prepare_batch(Job.objects.get(pk=job.pk), 3):
            break
    assert len(keys(job)) == 30


def test_two_who_prepare_the_same_job_make_each_item_once(large):
    job = large(all=True)
    one, other = Job.objects.get(pk=job.pk), Job.objects.get(pk=job.pk)
    prepare_batch(one, 5)
    with pytest.raises(NotAllowed):
        prepare_batch(other, 5)
    assert prepare(one)
    assert len(keys(job)) == 30


@pytest.mark.parametrize("stop", [services.cancel_job, services.pause_job])
def test_a_job_that_was_stopped_is_not_prepared_further_until_it_is_resumed(large, stop):
    job = large(all=True)
    stop(job.pk, actor=ME)
    assert not prepare(Job.objects.get(pk=job.pk))
    assert len(keys(job)) == 4
    services.resume_job(job.pk, actor=ME)
    assert prepare(Job.objects.get(pk=job.pk))
    assert len(keys(job)) == 30


def test_preparing_ends_when_the_worker_has_to_stop(large):
    job = large(all=True)
    assert not prepare(job, should_stop=lambda: True)
    assert len(keys(job)) == 4


def own(job):
    """The job as its operation's own items are to be prepared, from the start."""
    Job.objects.filter(pk=job.pk).update(prepared=False, preparation={"kind": "own"})
    return Job.objects.get(pk=job.pk)


def test_own_items_are_begun_afresh_by_the_next_worker(library):
    job = services.start_job("act", parameters={"count": 12}, actor=ME)
    expected = keys(job)
    assert prepare(own(job))
    assert keys(job) == expected
    job.refresh_from_db()
    assert (job.prepared, job.total_items) == (True, 12)


class Broken(Operation):
    """Says what its items are until it breaks."""

    name = "broken"

    def __init__(self, *items):
        self.found = items

    def items(self, parameters):
        for item in self.found:
            if isinstance(item, Exception):
                raise item
            yield item


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (("fine", ValueError("no connection")), "no connection"),
        (("fine", 5), "an item is 5, and not a text"),
        (("nul\0",), "NUL character"),
        (("\ud800",), "surrogates not allowed"),
    ],
)
def test_own_items_that_cannot_be_had_are_told(library, monkeypatch, items, words):
    monkeypatch.setitem(registry._operations, "broken", Broken(*items))
    with pytest.raises(BadItems, match=words):
        services.start_job("broken", actor=ME)
    assert not Job.objects.exists()


@pytest.fixture
def half_done(library):
    """Ten items: 0 to 2 succeeded, 3 to 6 failed, 7 to 9 were not processed; cancelled."""
    job = services.start_job("act", parameters={"count": 10}, actor=ME)
    for name, first, last in (("succeeded", 0, 2), ("failed", 3, 6)):
        job.items.filter(position__range=(first, last)).update(status=name, attempts=1, lane=1)
    Lease.objects.create(job=job, number=1, succeeded=3, failed=4, sequence=7)
    services.cancel_job(job.pk, actor=ME)
    return job


def statuses(job):
    return "".join(
        status[0] for status in job.items.order_by("position").values_list("status", flat=True)
    )


@pytest.mark.parametrize("few", [100, 2])
def test_a_retry_sets_back_what_failed_and_leaves_out_the_rest(half_done, few):
    assert statuses(half_done) == "sssffffppp"
    with override_settings(JOBS_PREPARE_ITEMS=few):
        services.retry_job(half_done.pk, actor=ME)
    job = Job.objects.get(pk=half_done.pk)
    assert job.prepared == (few == 100)
    while not job.prepared:
        prepare_batch(job, 2)
    items = list(JobItem.objects.filter(job=job).order_by("position"))
    assert [item.status for item in items] == (
        ["succeeded"] * 3 + ["pending"] * 4 + ["skipped"] * 3
    )
    assert {(item.attempts, item.lane) for item in items[3:7]} == {(0, None)}
    assert (job.left_out, job.retried) == (3, 4)


def test_a_resume_after_a_retry_takes_up_what_that_left_out(half_done):
    services.retry_job(half_done.pk, actor=ME)
    services.cancel_job(half_done.pk, actor=ME)
    services.resume_job(half_done.pk, actor=ME)
    job = Job.objects.get(pk=half_done.pk)
    assert (job.status, job.prepared, job.left_out) == ("queued", True, 0)
    assert statuses(job) == "sssppppppp"


def test_items_that_a_worker_still_holds_are_left_to_it(half_done):
    half_done.items.filter(position=8).update(claim=5)
    services.retry_job(half_done.pk, actor=ME)
    assert half_done.items.get(position=8).status == "pending"
    assert Job.objects.get(pk=half_done.pk).left_out == 2
