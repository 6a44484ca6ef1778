"""Cancel, pause, resume and retry while a real cluster works."""

import pytest

from jobs import services
from jobs.exceptions import JobNotActive, JobStillActive
from jobs.models import Job, JobItem
from tests.support.invariants import Reader, check_runs, check_totals
from tests.support.waiting import wait_until

ME = services.Actor()


def test_cancelled_job_finishes_started_items_and_skips_the_others(running):
    job = running.start_job(count=100, seconds=0.02, hold=50)
    running.wait_for(job, processed=5)
    services.cancel_job(job.pk, actor=ME)
    found = running.status(job)
    assert found["status"] == "cancelled"
    started = len([line for line in running.lines(job) if line.what == "start"])
    running.let_go(job)
    found = running.wait_for_end(job)
    progress = found["progress"]
    assert progress["processed"] == started
    assert progress["skipped"] == 100 - started > 0
    check_totals(running, job)
    with pytest.raises(JobNotActive):
        services.cancel_job(job.pk, actor=ME)


def test_job_cancelled_and_resumed_runs_each_item_once(running):
    job = running.start_job(count=60, seconds=0.02, hold=50)
    reader = Reader(job)
    for processed in (5, 15, 30):
        running.wait_for(job, processed=processed)
        services.cancel_job(job.pk, actor=ME)
        reader.read()
        services.resume_job(job.pk, actor=ME)
    running.let_go(job)
    assert running.wait_for_end(job)["status"] == "completed"
    check_totals(running, job)
    assert set(check_runs(running, job).values()) == {1}
    assert sorted(reader.read_all()) == sorted(f"{number} ok" for number in range(60))


def test_paused_job_runs_nothing_until_it_is_resumed(running):
    job = running.start_job(count=60, seconds=0.02, hold=40)
    running.wait_for(job, processed=5)
    services.pause_job(job.pk, actor=ME)
    running.let_go(job)
    wait_until(lambda: running.status(job)["progress"]["in_flight"] == 0)
    found = running.status(job)
    assert found["status"] == "paused"
    assert found["progress"]["pending"] == 60 - found["progress"]["processed"]
    # The workers are free for others meanwhile.
    other = running.start_job(count=10)
    running.wait_for_end(other)
    assert running.status(job)["progress"] == found["progress"]
    services.resume_job(job.pk, actor=ME)
    assert running.wait_for_end(job)["status"] == "completed"
    assert set(check_runs(running, job).values()) == {1}


def test_retry_runs_the_failed_items_only(running):
    job = running.start_job(count=30, script={"3": "error", "7": "error", "20": "system_exit"})
    assert running.wait_for_end(job)["progress"]["failed"] == 3
    services.retry_job(job.pk, actor=ME)
    assert running.wait_for_end(job)["progress"]["failed"] == 3
    runs = check_runs(running, job)
    assert {key for key, times in runs.items() if times == 2} == {
        "3 error", "7 error", "20 system_exit",
    }  # fmt: skip
    check_totals(running, job)
    assert len(set(Reader(job).read_all())) == 30


def test_retry_leaves_skipped_items_and_resume_runs_them(running):
    job = running.start_job(count=60, hold=40, script={"0": "error", "1": "error"})
    running.wait_for(job, failed=2, succeeded=3)
    services.cancel_job(job.pk, actor=ME)
    running.let_go(job)
    before = running.wait_for_end(job)["progress"]
    services.retry_job(job.pk, actor=ME)
    after = running.wait_for_end(job)
    assert after["status"] == "completed"
    assert after["progress"] == before
    services.resume_job(job.pk, actor=ME)
    progress = running.wait_for_end(job)["progress"]
    assert (progress["succeeded"], progress["failed"]) == (58, 2)
    check_totals(running, job)


def test_job_cancelled_during_its_preparation_is_consistent_and_can_be_deleted(running):
    job = running.start_job("noop", count=500_000)
    assert not job.prepared
    running.wait_for(job, total=5000)
    services.cancel_job(job.pk, actor=ME)
    found = running.wait_for_end(job)
    total = found["progress"]["total"]
    assert 0 < total < 500_000
    assert found["progress"]["skipped"] == total
    wait_until(lambda: not Job.objects.get(pk=job.pk).leases.held().exists())
    assert JobItem.objects.filter(job=job).count() == Job.objects.get(pk=job.pk).total_items
    services.delete_job(job.pk, actor=ME)
    wait_until(lambda: not JobItem.objects.filter(job=job).exists())


def test_job_with_a_running_item_cannot_be_deleted(running):
    job = running.start_job(count=4, hold=0)
    running.wait_for(job, in_flight=1)
    services.cancel_job(job.pk, actor=ME)
    with pytest.raises(JobStillActive):
        services.delete_job(job.pk, actor=ME)
    running.let_go(job)
    running.wait_for_end(job)
    wait_until(lambda: not Job.objects.get(pk=job.pk).leases.held().exists())
    services.delete_job(job.pk, actor=ME)
    assert not Job.objects.filter(pk=job.pk).exists()


def test_cancel_all_cancels_every_active_job_once(running):
    jobs = [running.start_job(count=50, hold=20) for _ in range(3)]
    assert services.cancel_all(actor=ME) == 3
    assert services.cancel_all(actor=ME) == 0
    for job in jobs:
        running.let_go(job)
        assert running.wait_for_end(job)["status"] == "cancelled"
