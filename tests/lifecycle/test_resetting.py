"""Resets: a retry or resume makes items pending again, or skips them, in batches."""

import pytest
from django.test import override_settings

from jobs import services
from jobs.lifecycle.preparation import prepare_batch
from jobs.models import Job
from tests.support.factories import delete_jobs, make_lease

pytestmark = pytest.mark.parametrize("module_database", ["sqlite"], indirect=True)

ME = services.Actor()


@pytest.fixture
def half_done(module_database):
    """Ten items: 0 to 2 succeeded, 3 to 6 failed, 7 to 9 were not processed; cancelled."""
    job = services.start_job("act", parameters={"count": 10}, actor=ME)
    for name, first, last in (("succeeded", 0, 2), ("failed", 3, 6)):
        job.items.filter(position__range=(first, last)).update(status=name, attempts=1, slot=1)
    make_lease(job, succeeded=3, failed=4, sequence=7)
    services.cancel_job(job.pk, actor=ME)
    yield job
    delete_jobs(job)


def statuses(job):
    return "".join(
        status[0] for status in job.items.order_by("position").values_list("status", flat=True)
    )


@pytest.mark.parametrize("inline_items", [100, 2])
def test_a_retry_resets_failed_items_and_skips_pending_ones(half_done, inline_items):
    assert statuses(half_done) == "sssffffppp"
    with override_settings(JOBS_INLINE_ITEMS=inline_items):
        services.retry_job(half_done.pk, actor=ME)
    job = Job.objects.get(pk=half_done.pk)
    assert job.prepared == (inline_items == 100)
    while not job.prepared:
        prepare_batch(job, 2)
    items = list(job.items.order_by("position"))
    assert [item.status for item in items] == (
        ["succeeded"] * 3 + ["pending"] * 4 + ["skipped"] * 3
    )
    assert {(item.attempts, item.slot) for item in items[3:7]} == {(0, None)}
    assert (job.skipped, job.retried) == (3, 4)


def test_a_resume_after_a_retry_restores_the_items_that_the_retry_skipped(half_done):
    services.retry_job(half_done.pk, actor=ME)
    services.cancel_job(half_done.pk, actor=ME)
    services.resume_job(half_done.pk, actor=ME)
    job = Job.objects.get(pk=half_done.pk)
    assert (job.status, job.prepared, job.skipped) == ("queued", True, 0)
    assert statuses(job) == "sssppppppp"


def test_a_retry_leaves_items_that_a_worker_still_holds_alone(half_done):
    half_done.items.filter(position=8).update(lease_token=5)
    services.retry_job(half_done.pk, actor=ME)
    assert half_done.items.get(position=8).status == "pending"
    assert Job.objects.get(pk=half_done.pk).skipped == 2
