"""Error streaks: which errors of which slots count as equal errors in a row.

On one database: what stores the streaks is tested with the backends.
"""

import pytest

from jobs import services
from tests.lifecycle.failing import FINDING, FULL, OK, FailingWorker, status

pytestmark = [
    pytest.mark.usefixtures("pause_after_five"),
    pytest.mark.parametrize("module_database", ["sqlite"], indirect=True),
]


def test_equal_errors_add_up_over_released_slots(job):
    workers = [FailingWorker(job) for _ in range(3)]
    for worker in workers:
        worker.end(FULL)
    for worker in workers:
        worker.leave()
    assert not FailingWorker(job).end(FULL)
    assert FailingWorker(job).end(FULL)


@pytest.mark.parametrize("other", [OK, FINDING, "another error"])
def test_another_outcome_ends_a_streak_of_equal_errors(job, other):
    worker = FailingWorker(job)
    worker.end(FULL, FULL, FULL, FULL)
    worker.leave()
    worker = FailingWorker(job)
    assert not worker.end(other, FULL, FULL, FULL, FULL)
    worker.leave()
    assert FailingWorker(job).end(FULL)


def test_a_success_ends_the_streaks_of_all_released_slots(job):
    first, second = FailingWorker(job), FailingWorker(job)
    first.end(FULL, FULL)
    second.end(FULL, FULL)
    first.leave()
    second.leave()
    worker = FailingWorker(job)
    worker.end(OK)
    assert not worker.end(FULL, FULL, FULL, FULL)


def test_a_worker_whose_last_item_succeeded_keeps_the_job_running(job):
    succeeding, failing = FailingWorker(job), FailingWorker(job)
    succeeding.end(OK)
    assert not failing.end(*[FULL] * 9)
    assert succeeding.end(FULL)


def test_another_error_of_a_released_slot_does_not_keep_the_job_running(job):
    first, second = FailingWorker(job), FailingWorker(job)
    first.end("another error")
    first.leave()
    assert second.end(*[FULL] * 5)


def test_the_same_error_of_a_released_slot_counts_for_present_workers(job):
    first, second = FailingWorker(job), FailingWorker(job)
    first.end(FULL, FULL)
    first.leave()
    assert not second.end(FULL, FULL)
    assert second.end(FULL)


def test_different_errors_of_released_slots_count_from_zero(job):
    first, second = FailingWorker(job), FailingWorker(job)
    first.end(FULL, FULL, FULL)
    second.end("another error")
    first.leave()
    second.leave()
    worker = FailingWorker(job)
    assert not worker.end(FULL, FULL, FULL, FULL)
    assert worker.end(FULL)


def test_an_attempt_that_is_not_the_last_is_no_error(job):
    for _ in range(3):
        FailingWorker(job).exceed_time()
    assert not FailingWorker(job).die().failed
    FailingWorker(job).exceed_time()
    assert status(job) == "processing"
    FailingWorker(job).exceed_time()
    assert status(job) == "paused"


def test_after_a_retry_only_new_errors_count(make_job):
    job = make_job(items=4)
    worker = FailingWorker(job)
    worker.end(FULL, FULL, FULL, FULL)
    worker.leave()
    assert status(job) == "completed"
    services.retry_job(job.pk, actor=services.Actor())
    assert not FailingWorker(job).end(FULL, FULL, FULL, FULL)


def test_a_limit_of_0_equal_errors_never_pauses(job, settings):
    settings.JOBS_MAX_EQUAL_ERRORS = 0
    assert not FailingWorker(job).end(*[FULL] * 30)
