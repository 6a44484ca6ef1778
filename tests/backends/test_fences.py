"""Fences that workers have to hear of: heartbeats, notifications, acknowledgements."""

import os
from contextlib import closing, contextmanager
from time import time

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from jobs import services
from jobs.backends import Backend, Gauges, LeaseStore, current, job_totals
from jobs.conf import conf
from jobs.lifecycle import leases, stops, transitions
from jobs.models import Job, Lease
from jobs.processes import clock
from jobs.worker.fence_listener import acknowledge
from jobs.worker.heartbeat import Heartbeat
from jobs.worker.scoreboard import Scoreboard
from tests.backends.contract import covers
from tests.support.worker import FakeWorker, finished

FOREVER = 1e18
ME = services.Actor()


def fence(job):
    with transaction.atomic():
        transitions.fence(job.pk)


def totals(job):
    found = job_totals([job.pk])[job.pk]
    return found.succeeded, found.failed, found.in_flight


@pytest.fixture
def gated(job):
    """A worker that starts items through its gate: six are claimed, the third is running."""
    made = FakeWorker(job, permit=lambda: FOREVER)
    items = made.finish_and_claim(size=6)
    assert made.store.gated
    for count, item in enumerate(items[1:3], 1):
        assert made.store.start(item, count, 0, time())
    made.items = items
    yield made
    made.store.close()


def board_of(worker):
    board = Scoreboard()
    board.lease_taken(worker.lease.pk, worker.lease.holder)
    return board


@covers(Backend.renew)
def test_a_heartbeat_finds_out_whether_its_lease_is_fenced_and_gated(job, gated):
    token, backend = gated.lease.holder, current()
    assert backend.renew(token, timezone.now()) == (False, True)
    gated.finish_and_claim(*map(finished, gated.items[:3]), size=1)
    assert backend.renew(token, timezone.now()) == (False, False)
    fence(job)
    assert backend.renew(token, timezone.now()) == (True, False)
    assert backend.renew(token + 1, timezone.now()) is None
    assert Lease.objects.get(token=token).heartbeats == 3


@covers(Backend.acknowledge)
def test_a_fence_closes_the_gate_or_is_acknowledged_and_then_counts_every_start(job, gated):
    fence(job)
    assert current().acknowledge(gated.store.token) == current().spans_machines
    assert not current().acknowledge(gated.store.token)
    row = job.leases.get()
    assert (row.fenced, row.gated, row.current_item) == (True, False, gated.items[2].id)
    assert totals(job) == (2, 0, 1)
    assert not gated.store.start(gated.items[3], 3, 0, time())
    assert gated.finish_and_claim(*map(finished, gated.items[:3]), size=6) == []
    assert totals(job) == (3, 0, 0)


@covers(Backend.acknowledge, LeaseStore.open_gate)
def test_an_acknowledgement_of_a_lease_that_is_not_fenced_is_lifted_by_the_next_claim(job, gated):
    assert not current().acknowledge(gated.store.token)
    assert job.leases.get().gated
    items = gated.finish_and_claim(*map(finished, gated.items[:3]), size=6)
    assert gated.store.start(items[1], 1, 0, time())


def test_an_acknowledgement_that_is_lost_is_repeated_by_the_next_heartbeat(job, gated):
    fence(job)
    with transaction.atomic():
        current().acknowledge(gated.store.token)
        transaction.set_rollback(True)
    Heartbeat(board_of(gated))._send()
    assert not job.leases.get().gated
    assert totals(job) == (2, 0, 1)


def test_a_heartbeat_extends_the_permit_unless_the_lease_is_fenced(job, gated):
    board = board_of(gated)
    heartbeat = Heartbeat(board)
    board.set_listens(True)
    heartbeat._send()
    until = board.permit()
    assert until > 0
    heartbeat._send()
    assert board.permit() > until
    fence(job)
    until = board.permit()
    heartbeat._send()
    assert board.permit() == until
    board.set_listens(False)
    assert board.permit() == 0


@covers(LeaseStore.start)
def test_items_are_started_by_the_database_where_nobody_listens(job):
    worker = FakeWorker(job, permit=lambda: 0.0)
    items = worker.finish_and_claim(size=6)
    assert worker.store.gated is not current().spans_machines
    assert worker.store.start(items[1], 1, 0, time())
    assert totals(job) == (1, 0, 1)
    fence(job)
    assert not job.leases.get().gated
    assert not worker.store.start(items[2], 2, 0, time())
    worker.store.close()


@covers(Backend.listen, Backend.notify)
def test_a_channel_hears_the_fences_of_gated_leases_once_they_are_committed(job, gated):
    backend = current()
    with closing(connections.create_connection("default")) as own:
        channel = backend.listen(own)
        backend.notify([-5])
        if channel is None:
            assert not backend.spans_machines
            return
        quiet, _ = os.pipe()
        assert channel.wait(10, quiet) == {-5}
        with transaction.atomic():
            transitions.fence(job.pk)
            transaction.set_rollback(True)
        assert channel.wait(0.05, quiet) == set()
        fence(job)
        assert channel.wait(10, quiet) == {gated.lease.holder}


def test_a_flush_leaves_nothing_that_a_stop_has_to_wait_for(job, gated):
    gated.store.flush([finished(item) for item in gated.items[:2]], gated.items[2], Gauges())
    assert not job.leases.get().gated
    assert totals(job) == (2, 0, 1)


def test_a_claim_that_is_repeated_after_a_lost_answer_opens_no_gate_of_a_fenced_lease(
    job, monkeypatch
):
    """The fence comes between the claim and its repetition, which falls into the closing."""
    worker = FakeWorker(job, permit=lambda: FOREVER)
    transaction_of = worker.store.transaction

    @contextmanager
    def loses_the_answer():
        with transaction_of():
            yield
        monkeypatch.undo()
        raise OperationalError("the answer was lost")

    monkeypatch.setattr(worker.store, "transaction", loses_the_answer)
    with pytest.raises(OperationalError):
        worker.finish_and_claim(size=6)
    fence(job)
    repeated = []
    if current().spans_machines:
        shut = current().gates.shut

        def shut_before_the_repetition(token):
            record = shut(token)
            repeated.extend(worker.finish_and_claim(size=6))
            return record

        monkeypatch.setattr(current().gates, "shut", shut_before_the_repetition)
        assert current().acknowledge(worker.lease.holder)
    else:
        repeated.extend(worker.finish_and_claim(size=6))
    assert stops.Stop([job.pk]).is_complete(0.0)
    later = [worker.store.start(item, n, 0, clock.now()) for n, item in enumerate(repeated[1:], 1)]
    assert later == [False] * 5


@pytest.fixture
def waited(monkeypatch):
    """The jobs of each wait, which must not be in a transaction."""
    found = []

    class Recorded(stops.Stop):
        def __init__(self, jobs):
            assert not connection.in_atomic_block
            found.append(set(jobs))
            super().__init__(jobs)

    monkeypatch.setattr(stops, "Stop", Recorded)
    return found


def test_stops_in_a_transaction_of_the_caller_are_waited_for_once_after_its_commit(
    make_job, waited
):
    jobs, rolled_back = [make_job(), make_job()], make_job()
    with transaction.atomic():
        services.cancel_job(rolled_back.pk, actor=ME)
        transaction.set_rollback(True)
    with transaction.atomic():
        for job in jobs:
            with transaction.atomic():
                services.cancel_job(job.pk, actor=ME)
        assert waited == []
    assert waited == [{job.pk for job in jobs}]


@pytest.mark.parametrize("first", ["the hook", "the stop"])
def test_a_hook_of_the_caller_that_stops_a_job_takes_no_other_from_the_wait(
    make_job, waited, first
):
    in_transaction, in_hook = make_job().pk, make_job().pk
    steps = {
        "the hook": lambda: transaction.on_commit(lambda: services.cancel_job(in_hook, actor=ME)),
        "the stop": lambda: services.cancel_job(in_transaction, actor=ME),
    }
    with transaction.atomic():
        for name in sorted(steps, key=lambda name: name != first):
            steps[name]()
    assert sorted(map(tuple, waited)) == sorted([(in_transaction,), (in_hook,)])


def test_a_hook_of_the_caller_that_raises_does_not_prevent_the_wait(make_job, waited):
    job = make_job()

    def raises():
        raise ValueError("of the caller")

    def stop():
        with transaction.atomic():
            transaction.on_commit(raises)
            services.cancel_job(job.pk, actor=ME)

    with pytest.raises(ValueError, match="of the caller"):
        stop()
    assert waited == [{job.pk}]


def test_several_stops_within_one_wait_are_waited_for_together(make_job, waited):
    jobs = [make_job() for _ in range(3)]
    with services.one_wait():
        for job in jobs:
            services.pause_job(job.pk, actor=ME)
        assert waited == []
    assert waited == [{job.pk for job in jobs}]
    assert services.cancel_all(actor=ME, jobs=Job.objects.filter(pk=jobs[0].pk)) == 1
    assert waited[1:] == [{jobs[0].pk}]


def test_a_stop_is_complete_when_its_workers_have_acknowledged_or_left(make_job):
    one, other = (FakeWorker(make_job(), permit=lambda: FOREVER) for _ in range(2))
    for worker in (one, other):
        worker.finish_and_claim(size=6)
        fence(worker.job)
    stop = stops.Stop([one.job.pk, other.job.pk])
    assert stop.is_complete(0.0) is not current().spans_machines
    acknowledge(one.lease.holder)
    assert stop.is_complete(0.1) is not current().spans_machines
    leases.release(other.lease.pk, other.lease.holder, leases.Disposition())
    assert stop.is_complete(0.1)


def test_a_stop_rescues_a_silent_worker_after_a_lease_and_its_late_results_count_no_more(
    job, gated
):
    fence(job)
    if not current().spans_machines:
        return
    stop = stops.Stop([job.pk])
    assert not stop.is_complete(0.0)
    assert not stop.is_complete(conf.LEASE_SECONDS - 0.1)
    assert stop.is_complete(conf.LEASE_SECONDS + 0.1)
    assert totals(job) == (0, 0, 0)
    assert not job.items.filter(lease_token__isnull=False).exists()
