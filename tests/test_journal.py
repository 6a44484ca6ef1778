"""What a dead executor had done outlives it: the journal, and how it gets into the database."""

import os
import sys

import pytest

from jobs.ledger import Claimed, Ended, Gauges, open_ledger
from jobs.models import Job, JobItem, Lease, LibraryFile
from jobs.processes import ProcessIdentity
from jobs.progress import items_after, status_object
from jobs.runner.journal import SIZE_BYTES, Journal, write_journal
from jobs.states import ItemStatus

SOMEBODY = ProcessIdentity("elsewhere", 1, 1.0)


def ended(item, status=ItemStatus.SUCCEEDED, message="", result=None):
    return Ended(item, status, message, result, 1.5, 2.25, None)


def some(count=3):
    return [ended(Claimed(number, number, f"key é {number}", 0, None)) for number in range(count)]


def test_another_process_reads_what_was_added():
    journal = Journal()
    journal.clear(7)
    pid = os.fork()
    if pid == 0:
        for one in some():
            journal.add(one)
        os._exit(0)
    os.waitpid(pid, 0)
    assert journal.read() == (7, some())


def test_nothing_is_left_after_it_was_cleared():
    journal = Journal()
    journal.clear(0)
    for one in some():
        assert journal.add(one)
    journal.clear(3)
    assert journal.read() == (3, [])


def test_what_has_no_room_is_refused_and_the_rest_is_kept():
    journal = Journal()
    journal.clear(0)
    first = some(1)[0]
    assert journal.add(first)
    assert not journal.add(ended(first.item, message="x" * SIZE_BYTES))
    assert journal.read() == (0, [first])


@pytest.mark.parametrize("nonsense", [b"\xff" * 40, b"[1]", b"[[1,2,3,4,5,6,7,8], 0]"])
def test_nonsense_is_told(nonsense):
    journal = Journal()
    journal.clear(0)
    journal.add(some(1)[0])
    journal._memory[24 : 24 + len(nonsense)] = nonsense
    with pytest.raises(ValueError, match="cannot be read"):
        journal.read()


@pytest.mark.parametrize("used", [-5, 3, 60, SIZE_BYTES * 2])
def test_a_journal_whose_length_is_nonsense_is_told(used):
    journal = Journal()
    journal.clear(0)
    journal.add(some(1)[0])
    journal._memory[8:16] = used.to_bytes(8, sys.byteorder, signed=True)
    with pytest.raises(ValueError, match="cannot be read"):
        journal.read()


@pytest.fixture
def job(module_database):
    job = Job.objects.create(
        operation="act", label="Act", prepared=True, total_items=6, status="processing"
    )
    files = LibraryFile.objects.bulk_create(
        LibraryFile(path=f"file {number}", size=0, mtime_ns=0, modified="2026-01-01T00:00Z")
        for number in range(6)
    )
    JobItem.objects.bulk_create(
        JobItem(job=job, position=position, key=file.path, file_id=file.pk)
        for position, file in enumerate(files)
    )
    yield job
    job.delete()
    LibraryFile.objects.all().delete()


@pytest.fixture
def worker(job):
    """Has claimed five items, ended two of them and started the third: (lease, journal, items)."""
    lease = Lease.objects.acquire(
        job.pk, host="host", warden=SOMEBODY, executor=SOMEBODY, cluster_pid=1
    )
    ledger = open_ledger(lease, operation="act", remembers=False)
    items = ledger.turn([], 5, Gauges())
    journal = Journal()
    journal.clear(lease.sequence)
    journal.add(ended(items[0], result='{"a": 1}'))
    ledger.start(items[1], 1, 0, 1.0)
    journal.add(ended(items[1], ItemStatus.FAILED, "It is broken"))
    ledger.start(items[2], 1, 1, 2.0)
    (live,) = Lease.objects.select_related("job").filter(pk=lease.pk).live()
    return live, journal, items


def statuses(job):
    return list(job.items.order_by("position").values_list("status", flat=True))


def progress(job):
    found = status_object(Job.objects.get(pk=job.pk))["progress"]
    return [found[name] for name in ("succeeded", "failed", "in_flight", "pending")]


def test_what_has_ended_is_written_and_what_runs_stays_held(job, worker):
    lease, journal, items = worker
    assert progress(job) == [1, 1, 1, 3]
    write_journal(journal, lease)
    assert statuses(job) == ["succeeded", "failed", *["pending"] * 4]
    assert progress(job) == [1, 1, 1, 3]
    first = job.items.get(position=0)
    assert (first.result, first.attempts, first.claim) == ({"a": 1}, 1, None)
    held = job.items.filter(claim=lease.token)
    assert [item.pk for item in held] == [items[2].id]
    assert LibraryFile.objects.get(path="file 1").message == "It is broken"
    assert len(items_after(job, "")[0]) == 2


def test_it_is_written_once(job, worker):
    lease, journal, _ = worker
    write_journal(journal, lease)
    write_journal(journal, Lease.objects.select_related("job").get(pk=lease.pk))
    write_journal(journal, lease)
    assert progress(job) == [1, 1, 1, 3]
    assert Lease.objects.get(pk=lease.pk).sequence == 2


def test_a_death_between_two_items_leaves_none_running(job, worker):
    lease, journal, items = worker
    journal.add(ended(items[2]))
    write_journal(journal, lease)
    assert progress(job) == [2, 1, 0, 3]
    assert not job.items.filter(claim__isnull=False).exists()
    assert Lease.objects.get(pk=lease.pk).current_item is None


def test_nothing_is_written_for_a_place_that_is_anothers(job, worker):
    lease, journal, _ = worker
    Lease.objects.filter(pk=lease.pk).update(token=5)
    job.items.update(claim=None)
    write_journal(journal, lease)
    assert statuses(job) == ["pending"] * 6


def test_a_journal_of_an_earlier_place_changes_nothing(job, worker):
    lease, journal, _ = worker
    journal.clear(4)
    for one in some():
        journal.add(one)
    write_journal(journal, lease)
    assert statuses(job) == ["pending"] * 6
