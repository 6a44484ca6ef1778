"""Deleting jobs while others do something with them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import services
from jobs.exceptions import JobNotFound, JobStillActive
from jobs.models import Job, JobItem, Lease
from tests.support import rows

ME = services.Actor()
LONG_AGO = timezone.now() - timedelta(days=40)


@pytest.fixture
def old_jobs(module_database):
    """Two jobs that were completed long ago, the older one first."""
    found = [rows.job("completed", succeeded=2) for _ in range(2)]
    Job.objects.filter(pk__in=[job.pk for job in found]).update(finished_at=LONG_AGO)
    yield found
    Job.objects.all().delete()


def left():
    return set(Job.objects.values_list("pk", flat=True))


def test_old_jobs_go_with_all_their_items(old_jobs):
    assert services.prune_jobs(older_than_days=30) == 2
    assert not left()
    assert not JobItem.objects.exists()


def test_nothing_is_older_than_time_itself(old_jobs):
    assert services.prune_jobs(older_than_days=1e7) == 0
    assert len(left()) == 2


def test_a_job_that_was_resumed_and_ended_again_meanwhile_is_kept(old_jobs):
    first, second = old_jobs

    def resumed_and_ended(deleted):
        assert deleted.pk == first.pk
        Job.objects.filter(pk=second.pk).update(finished_at=timezone.now())

    assert services.prune_jobs(older_than_days=30, progress=resumed_and_ended) == 1
    assert left() == {second.pk}
    assert JobItem.objects.filter(job=second).count() == 2
    assert Job.objects.get(pk=second.pk).prepared


def test_a_job_of_which_an_item_still_runs_is_kept(old_jobs):
    first, _ = old_jobs
    Lease.objects.filter(job=first).update(token=1)
    assert services.prune_jobs(older_than_days=30) == 1
    assert left() == {first.pk}
    with pytest.raises(JobStillActive):
        services.delete_job(first.pk, actor=ME)
    assert Job.objects.get(pk=first.pk).prepared


def test_a_deletion_that_was_cut_short_is_done_again(old_jobs, monkeypatch):
    first, second = old_jobs

    def cut_short(job):
        raise KeyboardInterrupt

    monkeypatch.setattr("jobs.services.removal._keep_totals", cut_short)
    with pytest.raises(KeyboardInterrupt):
        services.delete_job(first.pk, actor=ME)
    monkeypatch.undo()
    assert left() == {first.pk, second.pk}
    services.delete_job(first.pk, actor=ME)
    assert left() == {second.pk}


def test_a_job_that_is_not_there_cannot_be_deleted(old_jobs):
    first, _ = old_jobs
    services.delete_job(first.pk, actor=ME)
    with pytest.raises(JobNotFound):
        services.delete_job(first.pk, actor=ME)
