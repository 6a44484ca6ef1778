"""The signal `job_settled`: once for each end, with final numbers, whatever dies."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.models.functions import Now

from jobs import services
from jobs.lifecycle import leases, transitions
from jobs.lifecycle.leases import Disposition
from jobs.lifecycle.recovery import StallDetector, sweep
from jobs.lifecycle.settling import ELSEWHERE_SECONDS, send_unsent
from jobs.models import EventEntry, Job, Settlement
from jobs.processes import identity
from jobs.signals import job_settled
from jobs.states import Transition
from tests.support.worker import ELSEWHERE, FakeWorker

ME = services.Actor()
NUMBERS = ("total", "succeeded", "failed", "skipped")


@pytest.fixture
def heard():
    """(job's id, status, total, succeeded, failed, skipped) of every signal in this process."""
    sent = []

    def receive(sender, job, status, **named):
        sent.append((job.pk, status, *(named[name] for name in NUMBERS)))

    job_settled.connect(receive, sender=Job)
    yield sent
    job_settled.disconnect(receive, sender=Job)
    assert not Settlement.objects.exists()


def start_items(job, *workers):
    for worker in workers:
        worker.start()


def test_completed_job_settles_when_its_last_worker_leaves(make_job, heard):
    job = make_job(items=2)
    worker = FakeWorker(job)
    worker.run(None, "it failed")
    assert heard == []
    worker.leave()
    assert heard == [(job.pk, "completed", 2, 1, 1, 0)]
    sweep(StallDetector())
    assert len(heard) == 1


def test_job_without_a_worker_settles_at_its_cancel(make_job, heard):
    job = make_job(items=3)
    services.cancel_job(job.pk, actor=ME)
    assert heard == [(job.pk, "cancelled", 3, 0, 0, 3)]


@pytest.mark.parametrize("name", [Transition.CANCEL, Transition.FAIL])
def test_stopped_job_settles_when_its_last_item_in_flight_has_finished(make_job, heard, name):
    job = make_job(items=4)
    one, two = FakeWorker(job), FakeWorker(job)
    start_items(job, one, two)
    transitions.transition(job.pk, name, EventEntry("engine"))
    one.finish()
    one.leave()
    sweep(StallDetector())
    assert heard == []
    two.finish("it failed")
    two.leave()
    status = "cancelled" if name is Transition.CANCEL else "failed"
    assert heard == [(job.pk, status, 4, 1, 1, 2)]


def test_job_settles_when_the_worker_with_its_last_lease_is_found_dead(make_job, heard):
    job = make_job(items=3)
    worker = FakeWorker(job)
    worker.start()
    services.cancel_job(job.pk, actor=ME)
    worker.die(failure="It took too long")
    assert heard == [(job.pk, "cancelled", 3, 0, 1, 2)]


def test_sweep_settles_a_job_whose_last_worker_died_after_its_release(make_job, heard):
    job = make_job(items=1)
    worker = FakeWorker(job)
    worker.start()
    services.cancel_job(job.pk, actor=ME)
    worker.finish()
    worker.store.close()
    leases.release(worker.lease.pk, worker.lease.holder, Disposition())
    assert heard == []
    sweep(StallDetector())
    sweep(StallDetector())
    assert heard == [(job.pk, "cancelled", 1, 1, 0, 0)]


def test_several_sweeps_at_once_settle_a_job_once(make_job, heard):
    job = make_job(items=2)
    Job.objects.filter(pk=job.pk).update(status="cancelled", finished_at=Now())

    def run(_):
        sweep(StallDetector())
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(8)))
    sweep(StallDetector())
    assert heard == [(job.pk, "cancelled", 2, 0, 0, 2)]


def test_each_end_settles(make_job, heard):
    job = make_job(items=2)
    services.cancel_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME)
    worker = FakeWorker(job)
    worker.run(None, "it failed")
    worker.leave()
    services.retry_job(job.pk, actor=ME)
    FakeWorker(job).run_all()
    assert [each[1:] for each in heard] == [
        ("cancelled", 2, 0, 0, 2),
        ("completed", 2, 1, 1, 0),
        ("completed", 2, 2, 0, 0),
    ]


def test_end_that_is_undone_while_an_item_is_in_flight_does_not_settle(make_job, heard):
    job = make_job(items=2)
    worker = FakeWorker(job)
    worker.start()
    services.cancel_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME)
    worker.finish()
    worker.leave()
    assert heard == []
    FakeWorker(job).run_all()
    assert heard == [(job.pk, "completed", 2, 2, 0, 0)]


def in_child(call):
    """Call it in a fork, and wait for its end."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        call()
        os._exit(0)
    os.waitpid(pid, 0)


def test_signal_is_sent_again_with_the_same_number_after_its_process_died(make_job, heard):
    job = make_job(items=2)
    reader, writer = os.pipe()

    def die_in_a_receiver(sender, settlement, **_):
        os.write(writer, str(settlement).encode())
        os._exit(1)

    def cancel():
        job_settled.connect(die_in_a_receiver, sender=Job)
        services.cancel_job(job.pk, actor=ME)

    in_child(cancel)
    number = int(os.read(reader, 20))
    assert Settlement.objects.get().pk == number
    services.resume_job(job.pk, actor=ME)
    assert send_unsent() == 1
    assert heard == [(job.pk, "cancelled", 2, 0, 0, 2)]
    assert send_unsent() == 0
    os.close(reader)
    os.close(writer)


def test_signal_that_its_living_process_could_not_send_is_sent_by_the_next_sweep(make_job, heard):
    job = make_job(items=2)
    with transaction.atomic():
        # The database drops its connections between the commit and the signal.
        transaction.on_commit(lambda: connection.connection.close())
        services.cancel_job(job.pk, actor=ME)
    assert heard == []
    connection.close()
    assert send_unsent() == 1
    assert heard == [(job.pk, "cancelled", 2, 0, 0, 2)]
    assert send_unsent() == 0


def unsent(job, process, seconds=0):
    return Settlement.objects.create(
        job=job, status="cancelled", total=2, succeeded=0, failed=0, skipped=2,
        at=Now() - timedelta(seconds=seconds), machine=process.machine, pid=process.pid,
        started=process.started,
    )  # fmt: skip


def test_signal_that_a_live_process_is_sending_is_not_sent_again(make_job, heard):
    job = make_job()
    unsent(job, identity.current(), seconds=10 * ELSEWHERE_SECONDS)
    assert send_unsent() == 0
    Settlement.objects.all().delete()


def test_signal_of_another_machine_is_sent_again_when_its_time_is_up(make_job, heard):
    job = make_job()
    settlement = unsent(job, ELSEWHERE, seconds=ELSEWHERE_SECONDS - 60)
    assert send_unsent() == 0
    settlement.delete()
    unsent(job, ELSEWHERE, seconds=ELSEWHERE_SECONDS + 60)
    assert send_unsent() == 1
    assert heard == [(job.pk, "cancelled", 2, 0, 0, 2)]


def test_job_settles_without_a_row_where_nobody_listens(make_job):
    job = make_job()
    services.cancel_job(job.pk, actor=ME)
    job.refresh_from_db()
    assert job.settled_at is not None
    assert not Settlement.objects.exists()
