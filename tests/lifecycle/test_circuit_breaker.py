"""The circuit breaker: a job is paused after equal errors, and fails at its failure limit."""

import pytest

from jobs import services
from jobs.models import JobEvent
from tests.lifecycle.failing import FULL, SLOW, FailingWorker, status

pytestmark = pytest.mark.usefixtures("pause_after_five")

ME = services.Actor()


def test_equal_errors_add_up_over_tasks(job):
    for _ in range(2):
        worker = FailingWorker(job)
        assert not worker.end(FULL, FULL)
        worker.leave()
    assert FailingWorker(job).end(FULL)
    assert (status(job), job.notice) == ("paused", f"Paused after 5 equal errors: {FULL}")


def test_items_that_fail_with_their_workers_count_as_equal_errors(job):
    for _ in range(4):
        assert FailingWorker(job).exceed_time().failed
    assert status(job) == "processing"
    FailingWorker(job).exceed_time()
    assert (status(job), job.notice) == ("paused", f"Paused after 5 equal errors: {SLOW}")
    events = list(JobEvent.objects.filter(job=job).values_list("kind", "source", "message"))
    assert events[-2:] == [
        ("item_failed", "engine", f"4 failed: {SLOW}"),
        ("pause", "engine", job.notice),
    ]
    assert [kind for kind, *_ in events].count("pause") == 1


def test_after_a_resume_only_new_errors_count(job):
    late = FailingWorker(job)
    late.end(FULL, FULL)
    assert FailingWorker(job).end(FULL, FULL, FULL)
    services.resume_job(job.pk, actor=ME)
    # One worker still runs an item from before the pause: its error is not a new one.
    late.finish_and_claim(late.outcome(FULL))
    worker = FailingWorker(job)
    assert not worker.end(FULL, FULL)
    late.leave()
    worker.leave()
    worker = FailingWorker(job)
    assert not worker.end(FULL, FULL)
    assert worker.end(FULL)


def test_a_job_fails_when_its_last_item_exceeds_the_failure_limit_with_its_worker(make_job):
    job = make_job(items=3, failure_limit=2)
    for _ in range(3):
        FailingWorker(job).exceed_time()
    assert status(job) == "failed"
    assert job.error == "Stopped after 3 failures: the limit of this job is 2."
    assert list(JobEvent.objects.filter(job=job, kind="fail").values_list("source", "message")) == [
        ("engine", job.error)
    ]


def test_failures_that_a_dead_worker_wrote_without_a_check_are_checked(make_job):
    job = make_job(items=3, failure_limit=2)
    FailingWorker(job).exceed_time()
    worker = FailingWorker(job)
    for _ in range(2):
        worker.finish_and_claim(worker.outcome(FULL))
    worker.die()
    assert status(job) == "failed"


def test_a_job_that_is_being_retried_does_not_fail_for_its_old_failures(make_job, settings):
    settings.JOBS_INLINE_ITEMS = 1
    job = make_job(items=50, failure_limit=2)
    late = FailingWorker(job)
    assert FailingWorker(job).end(FULL, FULL, FULL)
    services.retry_job(job.pk, actor=ME)
    late.exceed_time()
    assert status(job) == "queued"
