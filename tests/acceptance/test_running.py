"""Jobs from start to end with a real cluster: progress, cursor, order, sharing."""

import time

import pytest
from django.test import override_settings
from django_q.brokers import get_broker

from jobs import services
from jobs.models import Job, JobItem, Outcome
from tests.support.invariants import Reader, adds_up, check_runs, check_totals
from tests.support.waiting import wait_until


@pytest.mark.broker
def test_every_item_is_run_once(running):
    job = running.start_job(count=200)
    found = running.wait_for_end(job)
    assert found["status"] == "completed"
    assert found["progress"]["succeeded"] == 200
    assert found["progress"]["percent"] == 100
    check_totals(running, job)
    assert set(check_runs(running, job).values()) == {1}
    assert not JobItem.objects.filter(job=job).exclude(attempts=1).exists()


def test_reader_with_a_cursor_gets_each_item_once_while_the_job_runs(running):
    job = running.start_job("noop", count=1000)
    reader = Reader(job)
    wait_until(lambda: (reader.read(), Job.objects.get(pk=job.pk).status == "completed")[1])
    paths = reader.read_all()
    assert len(paths) == 1000
    assert len(set(paths)) == 1000


def test_progress_adds_up_at_every_moment(running):
    job = running.start_job(count=60, seconds=0.02, hold=40)
    seen = []

    def done():
        found = running.status(job)
        seen.append(found["progress"])
        if found["progress"]["in_flight"] > 1:
            running.let_go(job)
        return found["status"] == "completed"

    wait_until(done)
    assert all(adds_up(progress) for progress in seen)
    assert all(progress["in_flight"] <= 4 for progress in seen)
    processed = [progress["processed"] for progress in seen]
    assert processed == sorted(processed)
    assert processed[-1] == 60


def test_running_job_has_a_speed_and_a_time_left(running):
    job = running.start_job(count=200, seconds=0.02, hold=150)
    found = running.wait_for(job, processed=100)
    assert found["items_per_second"] > 0
    assert found["eta_seconds"] >= 0
    assert len(found["current"]) == found["progress"]["in_flight"]
    services.cancel_job(job.pk, actor=services.Actor())
    running.let_go(job)
    found = running.wait_for_end(job)
    assert found["items_per_second"] is None


def test_one_worker_keeps_the_order(running):
    job = running.start_job("act-alone", count=100)
    running.wait_for_end(job)
    keys = [line.key for line in running.lines(job) if line.what == "start"]
    assert keys == [f"{number} ok" for number in range(100)]


def test_job_has_at_most_its_max_workers(running):
    job = services.start_job("act", parameters={"count": 12, "seconds": 0.1}, max_workers=2)
    most = 0
    while running.status(job)["status"] != "completed":
        most = max(most, running.status(job)["progress"]["in_flight"])
    assert most == 2


@pytest.mark.broker
def test_two_jobs_share_the_workers(running):
    first = running.start_job(count=1000, seconds=0.1)
    running.wait_for(first, processed=1)
    second = running.start_job(count=4, seconds=0.05)
    running.wait_for_end(second)
    assert running.status(first)["status"] == "processing"
    services.cancel_job(first.pk, actor=services.Actor())
    running.wait_for_end(first)
    for job in (first, second):
        check_totals(running, job)


def test_two_jobs_share_the_only_worker_of_their_operation(running):
    first = running.start_job("act-alone", count=1000, seconds=0.05)
    running.wait_for(first, processed=1)
    second = running.start_job("act-alone", count=4)
    running.wait_for_end(second)
    assert running.status(first)["status"] == "processing"
    services.cancel_job(first.pk, actor=services.Actor())
    running.wait_for_end(first)


@pytest.mark.broker
def test_idle_workers_start_no_executor_for_a_job_at_its_max_workers(running):
    cluster = running.clusters[0]
    job = running.start_job("act-alone", count=2, hold=0)
    running.wait_for(job, in_flight=1)
    at_work = [job.leases.get().executor_pid]
    quiet_since = time.monotonic()

    def is_quiet():
        """Through two sweeps, each of which may find work that waits. Messages of before that
        the cluster has fetched already still wake a worker, once each."""
        nonlocal quiet_since
        if cluster.executors() != at_work or get_broker().queue_size():
            quiet_since = time.monotonic()
        return time.monotonic() - quiet_since > 2.5

    try:
        wait_until(is_quiet)
    finally:
        running.let_go(job)
    assert running.wait_for_end(job)["progress"]["succeeded"] == 2


def test_finished_items_are_counted_before_a_slow_item_finishes(running):
    script = {str(number): "wait" for number in (150, 151, 152)}
    job = running.start_job(count=300, script=script)
    found = running.wait_for(job, in_flight=3, processed=297)
    assert found["progress"]["pending"] == 0
    running.let_go(job)
    running.wait_for_end(job)
    check_totals(running, job)


def test_large_job_is_prepared_by_a_worker(running):
    with override_settings(JOBS_INLINE_ITEMS=1000):
        job = running.start_job("noop", count=12_000)
    assert not job.prepared
    found = running.wait_for_end(job, seconds=60)
    assert found["progress"]["succeeded"] == 12_000
    check_totals(running, job)


def test_library_files_keep_the_outcome_of_their_last_item(running):
    running.add_files({f"{name}.txt": b"x" * 5 for name in ("a", "bad", "deep/c", "odd\n'%\" é")})
    job = services.start_job("slow", all=True)
    found = running.wait_for_end(job)
    assert (found["progress"]["succeeded"], found["progress"]["failed"]) == (3, 1)
    outcomes = {outcome.path: outcome for outcome in Outcome.objects.filter(operation="slow")}
    assert outcomes["bad.txt"].status == "failed"
    assert outcomes["bad.txt"].message == "This file is bad"
    assert outcomes["deep/c.txt"].status == "succeeded"
    assert {outcome.job_id for outcome in outcomes.values()} == {job.pk}


def test_operation_gets_what_it_remembered_of_a_file(running):
    running.add_files({"remembered.txt": b""})
    for times in (1, 2, 3):
        job = services.start_job("remember", files=["remembered.txt"])
        running.wait_for_end(job)
        item = job.items.get()
        assert (item.message, item.result) == ("", {"times": times})
