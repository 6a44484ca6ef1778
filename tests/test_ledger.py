"""The ledger of one lease: order, groups, files and what is remembered of them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from time import time

import pytest
from django.db import connection, connections, transaction

from jobs.leases import Verdict
from jobs.ledger import Ended, Gauges, LeaseLost, open_ledger, own_connection
from jobs.models import Job, JobItem, Lease, LibraryFile
from jobs.processes import ProcessIdentity
from jobs.runner.reconnect import patiently
from jobs.states import ItemStatus
from tests.support.waiting import wait_until

SOMEBODY = ProcessIdentity("elsewhere", 1, 1.0)


@pytest.fixture
def files(module_database):
    made = LibraryFile.objects.bulk_create(
        LibraryFile(path=f"file {number}", size=0, mtime_ns=0, modified="2026-01-01T00:00Z")
        for number in range(20)
    )
    yield made
    LibraryFile.objects.all().delete()


@pytest.fixture
def make_job(files):
    made = []

    def make(order=1):
        job = Job.objects.create(
            operation="act", label="Act", prepared=True, total_items=len(files)
        )
        JobItem.objects.bulk_create(
            JobItem(job=job, position=position, key=file.path, file_id=file.pk)
            for position, file in enumerate(files[::order])
        )
        made.append(job)
        return job

    yield make
    for job in made:
        job.delete()


def ledger_of(job, *, remembers=False, own=None):
    lease = Lease.objects.acquire(
        job.pk, host="host", warden=SOMEBODY, executor=SOMEBODY, cluster_pid=1
    )
    return open_ledger(lease, operation="act", remembers=remembers, connection=own)


def ended(item, status=ItemStatus.SUCCEEDED, **more):
    return Ended(
        item, status, more.pop("message", ""), more.pop("result", None), time(), time(), **more
    )


def positions(items):
    return [item.position for item in items]


def test_claims_follow_the_jobs_order(make_job):
    ledger = ledger_of(make_job())
    first = ledger.turn([], 3, Gauges())
    assert positions(first) == [0, 1, 2]
    second = ledger.turn([ended(item) for item in first], 2, Gauges())
    assert positions(second) == [3, 4]


def test_what_was_cut_off_comes_next(make_job):
    ledger = ledger_of(make_job())
    first = ledger.turn([], 5, Gauges())
    assert positions(ledger.turn([ended(first[0])], 3, Gauges())) == [1, 2, 3]


def test_what_was_given_back_before_is_found_at_the_end(make_job):
    job = make_job()
    one, other = ledger_of(job), ledger_of(job)
    held = one.turn([], 5, Gauges())
    rest = other.turn([], 20, Gauges())
    assert positions(rest) == list(range(5, 20))
    one.turn([ended(held[0])], 0, Gauges())
    assert positions(other.turn([ended(item) for item in rest], 20, Gauges())) == [1, 2, 3, 4]


def test_an_item_that_is_alone_is_told_as_processing_and_one_of_a_group_by_the_lease(make_job):
    job = make_job()
    ledger = ledger_of(job)
    (alone,) = ledger.turn([], 1, Gauges())
    assert job.items.get(position=0).status == "processing"
    group = ledger.turn([ended(alone)], 3, Gauges())
    assert job.items.get(position=1).status == "pending"
    assert job.leases.get().current_item == group[0].id


def test_a_fenced_lease_starts_nothing_and_writes_what_has_ended(make_job):
    job = make_job()
    ledger = ledger_of(job)
    items = ledger.turn([], 3, Gauges())
    with transaction.atomic():
        Lease.objects.fence(job.pk)
    assert not ledger.start(items[1], 1, 0, time())
    assert ledger.turn([ended(items[0])], 3, Gauges()) == []
    assert job.items.get(position=0).status == "succeeded"
    assert not job.items.filter(claim__isnull=False).exists()


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("module_database", ["postgres"], indirect=True)
@pytest.mark.parametrize("call", ["start", "turn"])
def test_a_start_waits_for_a_cancel_that_is_being_made_and_is_then_refused(make_job, call):
    """Between the look at the lease and the start is no moment for it (SQLite: `test_gates`)."""
    job = make_job()
    ledger = ledger_of(job)
    items = ledger.turn([], 3, Gauges())
    made, answered = threading.Event(), threading.Event()

    def cancel():
        with transaction.atomic():
            Lease.objects.fence(job.pk)
            made.set()
            wait_until(lambda: waits_for_a_lock() or answered.is_set())
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        cancelled = pool.submit(cancel)
        assert made.wait(30)
        if call == "start":
            started = ledger.start(items[1], 1, 0, time())
        else:
            started = ledger.turn([ended(items[0])], 3, Gauges())
        answered.set()
        cancelled.result(30)
    assert not started


@pytest.mark.parametrize("late", ["turn", "flush", "start"])
def test_a_late_write_changes_nothing(make_job, late):
    job = make_job()
    ledger = ledger_of(job)
    items = ledger.turn([], 3, Gauges())
    assert Lease.objects.give_back(ledger.lease_id, ledger.token, Verdict())
    ledger_of(job).turn([], 2, Gauges())
    before = list(job.items.order_by("position").values()), list(job.leases.values())
    if late == "start":
        assert not ledger.start(items[1], 1, 0, time())
    elif late == "turn":
        with pytest.raises(LeaseLost):
            ledger.turn([ended(items[0])], 3, Gauges())
    else:
        with pytest.raises(LeaseLost):
            ledger.flush([ended(items[0])], items[1], Gauges())
    assert (list(job.items.order_by("position").values()), list(job.leases.values())) == before


def test_the_end_of_an_item_is_written_to_item_file_and_lease(make_job):
    job = make_job()
    ledger = ledger_of(job)
    good, bad = ledger.turn([], 2, Gauges())
    sentence = "“naïve” 🙂 it's 100 %"
    ledger.turn(
        [
            ended(good, result='{"n": 1}'),
            ended(bad, ItemStatus.FAILED, message=sentence, error="it"),
        ],
        0,
        Gauges(rate=2.5),
    )
    rows = list(job.items.filter(position__lt=2).order_by("position"))
    assert [(row.status, row.attempts, row.lane, row.sequence) for row in rows] == [
        ("succeeded", 1, 1, 1),
        ("failed", 1, 1, 2),
    ]
    assert rows[0].result == {"n": 1}
    assert rows[1].message == sentence
    assert rows[0].finished_at >= rows[0].started_at
    lease = job.leases.get()
    assert (lease.succeeded, lease.failed, lease.sequence) == (1, 1, 2)
    assert (lease.rate, lease.streak, lease.streak_message) == (2.5, 1, "it")
    file = LibraryFile.objects.get(pk=bad.file_id)
    assert (file.status, file.message, file.last_job_id) == ("failed", sentence, job.pk)


def test_what_is_remembered_comes_back_and_leaves_others_memory_alone(make_job):
    ledger = ledger_of(make_job(), remembers=True)
    (item,) = ledger.turn([], 1, Gauges())
    assert item.previous is None
    LibraryFile.objects.filter(pk=item.file_id).update(memory={"other": {"kept": True}})
    ledger.turn([ended(item, remember='{"sum": "é\\"1"}')], 0, Gauges())
    memory = LibraryFile.objects.get(pk=item.file_id).memory
    assert memory == {"other": {"kept": True}, "act": {"sum": 'é"1'}}

    (item,) = ledger_of(make_job(), remembers=True).turn([], 1, Gauges())
    assert item.previous == {"sum": 'é"1'}


def work_off(job):
    """Do all that can be had, on a connection of this thread's own."""
    own = connections.create_connection("default")
    try:
        ledger, done = ledger_of(job, own=own), []
        items = ledger.turn([], 3, Gauges())
        while items:
            done += positions(items)
            items = ledger.turn([ended(item) for item in items], 3, Gauges())
        return done
    finally:
        own.close()
        connection.close()


def at_once(*jobs):
    barrier = threading.Barrier(len(jobs))

    def run(job):
        barrier.wait(30)
        return work_off(job)

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_workers_at_once_never_get_the_same_item(make_job):
    job = make_job()
    found = at_once(*[job] * 4)
    assert sorted(position for done in found for position in done) == list(range(20))
    sums = job.leases.values_list("succeeded", "sequence")
    assert [sum(column) for column in zip(*sums, strict=True)] == [20, 20]


def test_two_jobs_over_the_same_files_in_opposite_order_do_not_block_each_other(make_job):
    for _ in range(5):
        found = at_once(make_job(), make_job(-1))
        assert [sorted(done) for done in found] == [list(range(20))] * 2


@pytest.mark.parametrize("module_database", ["postgres"], indirect=True)
@pytest.mark.parametrize("call", ["start", "turn"])
def test_a_lost_connection_is_made_again_and_the_call_repeated(make_job, call):
    """As after a restart of the server; the same executor goes on."""
    own = own_connection()
    try:
        ledger = ledger_of(make_job(), own=own)
        first, second = ledger.turn([], 2, Gauges())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(%s, 5000)", [own.connection.info.backend_pid]
            )
        if call == "start":
            assert patiently(lambda: ledger.start(second, 1, 0, time()), ledger)
        else:
            both = [ended(first), ended(second)]
            assert positions(patiently(lambda: ledger.turn(both, 1, Gauges()), ledger)) == [2]
    finally:
        own.close()
