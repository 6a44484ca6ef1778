"""For how long a job was worked on: what it rested does not count."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import services
from jobs.lifecycle import leases
from jobs.models import Job
from jobs.processes import identity
from jobs.progress import status_object
from tests.support import factories

ME = services.Actor()


@pytest.fixture(autouse=True)
def _database(db):
    """Each test has it."""


def ago(minutes):
    return timezone.now() - timedelta(minutes=minutes)


def minutes(job):
    """Whole minutes of work, as they are reported."""
    job.refresh_from_db()
    assert status_object(job).active_seconds == pytest.approx(job.active_seconds, abs=5)
    return round(job.active_seconds / 60)


def begin(job):
    """A worker takes a place in the job."""
    me = identity.current()
    lease = leases.acquire(job.pk, host="here", worker=me, executor=me, cluster_pid=1)
    assert lease is not None


def resting(status, *, started, since, **numbers):
    """A job with this status that was started and has rested since so many minutes ago."""
    ended = {} if status == "paused" else {"finished_at": ago(since)}
    job = factories.make_job(status, **numbers)
    Job.objects.filter(pk=job.pk).update(
        started_at=ago(started), inactive_since=ago(since), **ended
    )
    job.refresh_from_db()
    return job


def test_a_job_that_has_not_begun_has_no_duration():
    job = factories.make_job("queued", left=1)
    Job.objects.filter(pk=job.pk).update(started_at=None)
    job.refresh_from_db()
    assert status_object(job).active_seconds is None


def test_a_running_job_is_worked_on_from_its_start():
    job = factories.make_job("processing", left=1)
    Job.objects.filter(pk=job.pk).update(started_at=ago(7))
    assert minutes(job) == 7


@pytest.mark.parametrize("status", ["paused", "cancelled", "failed"])
def test_the_time_until_a_resume_does_not_count(status):
    job = resting(status, started=100, since=90, succeeded=1, left=1)
    assert minutes(job) == 10
    services.resume_job(job.pk, actor=ME)
    assert minutes(job) == 10
    services.cancel_job(job.pk, actor=ME)
    assert minutes(job) == 10, "nobody has worked on it between the two"
    services.resume_job(job.pk, actor=ME)
    begin(job)
    assert minutes(job) == 10
    Job.objects.filter(pk=job.pk).update(inactive_seconds=80 * 60)
    services.cancel_job(job.pk, actor=ME)
    assert minutes(job) == 20


def test_the_time_until_a_retry_does_not_count():
    job = resting("completed", started=60, since=20, succeeded=1, failed=1)
    services.retry_job(job.pk, actor=ME)
    begin(job)
    assert minutes(job) == 40


def test_a_job_that_is_cancelled_while_paused_has_rested_since_the_pause():
    job = resting("paused", started=30, since=10, succeeded=1, left=1)
    services.cancel_job(job.pk, actor=ME)
    assert minutes(job) == 20


def test_a_pause_before_the_start_is_no_rest():
    job = factories.make_job("queued", left=1)
    Job.objects.filter(pk=job.pk).update(started_at=None)
    services.pause_job(job.pk, actor=ME)
    Job.objects.filter(pk=job.pk).update(inactive_since=ago(50))
    services.resume_job(job.pk, actor=ME)
    begin(job)
    Job.objects.filter(pk=job.pk).update(started_at=ago(3))
    assert minutes(job) == 3


def test_a_job_without_inactive_since_is_inactive_since_its_end():
    job = factories.make_job("cancelled", succeeded=1, left=1)
    Job.objects.filter(pk=job.pk).update(started_at=ago(30), finished_at=ago(20))
    assert minutes(job) == 10
    services.resume_job(job.pk, actor=ME)
    assert minutes(job) == 10
    begin(job)
    assert minutes(job) == 10


def test_what_an_older_release_has_left_while_the_job_runs_is_no_rest():
    job = factories.make_job("processing", left=1)
    Job.objects.filter(pk=job.pk).update(started_at=ago(60), inactive_since=ago(50))
    assert minutes(job) == 60
    services.cancel_job(job.pk, actor=ME)
    assert minutes(job) == 60
