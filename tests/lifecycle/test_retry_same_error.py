"""After a pause because of equal errors: these items again, and the others, in one run."""

from dataclasses import asdict

import pytest

from jobs import services
from jobs.backends import job_totals
from jobs.exceptions import NoRepeatedError, NotPrepared
from jobs.lifecycle.preparation import prepare, prepare_batch
from jobs.models import Job
from jobs.progress import progress_of
from tests.lifecycle.failing import FINDING, FULL, OK, FailingWorker
from tests.support.invariants import adds_up
from tests.support.worker import FakeWorker, finished

ME = services.Actor()


@pytest.fixture(autouse=True)
def _pause_after_five(settings):
    settings.JOBS_MAX_EQUAL_ERRORS = 5


@pytest.fixture
def paused(make_job):
    """2 succeeded, 1 failed otherwise, 5 failed with FULL, 1 is in flight, 3 are left."""
    job = make_job(items=12)
    worker = FailingWorker(job)
    late = FailingWorker(job)
    worker.end(OK, FINDING)
    assert worker.end(*[FULL] * 5)
    worker.finish_and_claim(worker.outcome(OK), size=0)
    job.refresh_from_db()
    job.late = late
    return job


def numbers(job):
    job.refresh_from_db()
    found = asdict(progress_of(job, job_totals([job.pk])[job.pk]))
    assert adds_up(found)
    names = ("succeeded", "failed", "in_flight", "pending", "skipped")
    return job.status, *(found[name] for name in names)


def run_all(job):
    job.leases.filter(fenced=True).update(token=None, fenced=False, current_item=None)
    FakeWorker(job).run_all()


def resume(job, **options):
    services.resume_job(job.pk, actor=ME, retry_failed="same_error", **options)


@pytest.mark.parametrize("inline", [1000, 2])
def test_the_items_with_the_same_error_run_again_in_the_same_run(paused, settings, inline):
    settings.JOBS_INLINE_ITEMS = inline
    assert paused.repeated_error == FULL
    assert numbers(paused) == ("paused", 2, 6, 1, 3, 0)
    resume(paused)
    if inline == 2:
        job = Job.objects.get(pk=paused.pk)
        while not prepare_batch(job, 2):
            numbers(paused)
    assert numbers(paused) == ("queued", 2, 1, 1, 8, 0)
    assert (paused.prepared, paused.repeated_error) == (True, "")
    # The item from before the pause ends after it, with the same error.
    paused.late.finish_and_claim(paused.late.outcome(FULL), size=0)
    assert numbers(paused) == ("queued", 2, 2, 0, 8, 0)
    run_all(paused)
    assert numbers(paused) == ("completed", 10, 2, 0, 0, 0)


def test_items_whose_error_has_their_name_in_it_are_found(make_job):
    job = make_job(items=3, status="paused", repeated_error="Cannot read …: I/O error")
    job.items.filter(position=0).update(
        key="a/b.jpg", status="failed", message="Cannot read b.jpg: I/O error"
    )
    job.items.filter(position=1).update(
        key="a/c.jpg", status="failed", message="Cannot open c.jpg: I/O error"
    )
    resume(job)
    statuses = list(job.items.order_by("position").values_list("status", flat=True))
    assert statuses == ["pending", "failed", "pending"]


@pytest.mark.parametrize("skipped", [0, 1])
def test_a_cancelled_job_resumes_with_them_and_with_what_was_skipped(paused, skipped):
    run_late(paused)
    if skipped:
        paused.items.filter(status="pending", position=11).update(status="skipped")
        Job.objects.filter(pk=paused.pk).update(skipped=1)
    services.cancel_job(paused.pk, actor=ME)
    resume(paused)
    assert numbers(paused) == ("queued", 3, 1, 0, 8, 0)


def run_late(job):
    """The item from before the pause succeeds, and both workers leave."""
    job.late.finish_and_claim(finished(job.late.item), size=0)
    job.leases.update(token=None, fenced=False, current_item=None)


def test_a_resume_that_is_paused_in_between_continues_with_them(paused, settings):
    settings.JOBS_INLINE_ITEMS = 2
    run_late(paused)
    resume(paused)
    prepare_batch(Job.objects.get(pk=paused.pk), 2)
    services.pause_job(paused.pk, actor=ME)
    assert numbers(paused) == ("paused", 3, 5, 0, 4, 0)
    with pytest.raises(NotPrepared):
        services.retry_job(paused.pk, actor=ME)
    services.resume_job(paused.pk, actor=ME)
    assert prepare(Job.objects.get(pk=paused.pk))
    assert numbers(paused) == ("queued", 3, 1, 0, 8, 0)


def test_changed_files_are_skipped_as_in_any_resume(paused, settings, tmp_path):
    settings.LIBRARY_ROOT = tmp_path
    (tmp_path / "some.file").touch()
    run_late(paused)
    resume(paused, skip_changed=True)
    assert not Job.objects.get(pk=paused.pk).prepared
    assert prepare(Job.objects.get(pk=paused.pk))
    assert numbers(paused) == ("queued", 3, 1, 0, 8, 0)


def test_a_job_that_a_person_has_paused_has_no_such_items(make_job):
    job = make_job()
    services.pause_job(job.pk, actor=ME)
    with pytest.raises(NoRepeatedError):
        resume(job)
    services.resume_job(job.pk, actor=ME)


def test_a_retry_of_a_paused_job_runs_all_failed_items_and_those_that_wait(paused):
    services.retry_job(paused.pk, actor=ME)
    assert numbers(paused) == ("queued", 2, 0, 1, 9, 0)
    paused.late.finish_and_claim(finished(paused.late.item), size=0)
    run_all(paused)
    assert numbers(paused) == ("completed", 12, 0, 0, 0, 0)
