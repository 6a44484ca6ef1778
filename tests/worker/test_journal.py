"""The journal: results of a dead executor are read from its memory and written once."""

import os
import sys
from dataclasses import asdict

import pytest

from jobs.backends import ClaimedItem, FinishedItem, live_leases
from jobs.models import Job, Lease, LibraryFile
from jobs.progress import items_after, status_object
from jobs.states import ItemStatus
from jobs.worker.journal import SIZE_BYTES, Journal, replay_journal
from tests.support.factories import delete_jobs, make_files, make_items, outcome_of
from tests.support.worker import FakeWorker, finished


def outcomes(count=3):
    return [
        FinishedItem(
            ClaimedItem(number, number, f"key é {number}", 0, None),
            ItemStatus.SUCCEEDED,
            "",
            None,
            1.5,
            2.25,
        )
        for number in range(count)
    ]


def test_results_added_by_another_process_are_read():
    journal = Journal()
    journal.clear(7)
    pid = os.fork()
    if pid == 0:
        for one in outcomes():
            journal.add(one)
        os._exit(0)
    os.waitpid(pid, 0)
    assert journal.read() == (7, outcomes())


def test_a_cleared_journal_is_empty():
    journal = Journal()
    journal.clear(0)
    for one in outcomes():
        assert journal.add(one)
    journal.clear(3)
    assert journal.read() == (3, [])


def test_a_result_without_room_is_refused_and_the_others_are_kept():
    journal = Journal()
    journal.clear(0)
    first = outcomes(1)[0]
    assert journal.add(first)
    assert not journal.add(finished(first.item, "x" * SIZE_BYTES))
    assert journal.read() == (0, [first])


@pytest.mark.parametrize("nonsense", [b"\xff" * 40, b"[1]", b"[[1,2,3,4,5,6,7,8], 0]"])
def test_a_corrupted_record_raises_an_error(nonsense):
    journal = Journal()
    journal.clear(0)
    journal.add(outcomes(1)[0])
    journal._memory[24 : 24 + len(nonsense)] = nonsense
    with pytest.raises(ValueError, match="cannot be read"):
        journal.read()


@pytest.mark.parametrize("used", [-5, 3, 60, SIZE_BYTES * 2])
def test_a_corrupted_length_raises_an_error(used):
    journal = Journal()
    journal.clear(0)
    journal.add(outcomes(1)[0])
    journal._memory[8:16] = used.to_bytes(8, sys.byteorder, signed=True)
    with pytest.raises(ValueError, match="cannot be read"):
        journal.read()


@pytest.fixture
def job(module_database):
    made = Job.objects.create(
        operation="act", label="Act", prepared=True, total_items=6, status="processing"
    )
    make_items(made, *make_files(*(f"file {number}" for number in range(6))))
    yield made
    delete_jobs(made)
    LibraryFile.objects.all().delete()


@pytest.fixture
def dead(job):
    """It had claimed five items, finished two and started the third: (lease, journal, items)."""
    worker = FakeWorker(job)
    items = worker.finish_and_claim(size=5)
    journal = Journal()
    journal.clear(worker.lease.sequence)
    journal.add(finished(items[0], result={"a": 1}, totals={"bytes": 5}))
    worker.store.start(items[1], 1, 0, 1.0)
    journal.add(finished(items[1], "It is broken"))
    worker.store.start(items[2], 1, 1, 2.0)
    worker.store.close()
    return live_lease(job), journal, items


def live_lease(job):
    (lease,) = live_leases(job.leases.held().select_related("job"))
    return lease


def statuses(job):
    return list(job.items.order_by("position").values_list("status", flat=True))


def progress(job):
    found = asdict(status_object(Job.objects.get(pk=job.pk)).progress)
    return [found[name] for name in ("succeeded", "failed", "in_flight", "pending")]


def test_a_replay_writes_finished_items_and_keeps_the_running_one(job, dead):
    lease, journal, items = dead
    assert progress(job) == [1, 1, 1, 3]
    replay_journal(journal, lease)
    assert statuses(job) == ["succeeded", "failed", *["pending"] * 4]
    assert progress(job) == [1, 1, 1, 3]
    first = job.items.get(position=0)
    assert (first.result, first.attempts, first.lease_token) == ({"a": 1}, 1, None)
    held = job.items.filter(lease_token=lease.token)
    assert [item.pk for item in held] == [items[2].id]
    assert outcome_of("file 1", "act").message == "It is broken"
    assert len(items_after(job, "")[0]) == 2
    assert status_object(Job.objects.get(pk=job.pk)).totals == {"bytes": 5}


def test_a_repeated_replay_writes_nothing_twice(job, dead):
    lease, journal, _ = dead
    replay_journal(journal, lease)
    replay_journal(journal, live_lease(job))
    replay_journal(journal, lease)
    assert progress(job) == [1, 1, 1, 3]
    assert Lease.objects.get(pk=lease.pk).sequence == 2
    assert status_object(Job.objects.get(pk=job.pk)).totals == {"bytes": 5}


def test_a_replay_after_a_death_between_two_items_leaves_no_running_item(job, dead):
    lease, journal, items = dead
    journal.add(finished(items[2]))
    replay_journal(journal, lease)
    assert progress(job) == [2, 1, 0, 3]
    assert not job.items.filter(lease_token__isnull=False).exists()
    assert Lease.objects.get(pk=lease.pk).current_item is None


def test_a_replay_writes_nothing_to_a_lease_of_another_holder(job, dead):
    lease, journal, _ = dead
    Lease.objects.filter(pk=lease.pk).update(token=5)
    job.items.update(lease_token=None)
    replay_journal(journal, lease)
    assert statuses(job) == ["pending"] * 6


def test_a_replay_of_an_outdated_journal_changes_nothing(job, dead):
    lease, journal, _ = dead
    journal.clear(4)
    for one in outcomes():
        journal.add(one)
    replay_journal(journal, lease)
    assert statuses(job) == ["pending"] * 6


@pytest.mark.parametrize(("error", "streak"), [("No space left on device", 2), (None, 0)])
def test_replayed_failures_count_for_the_circuit_breaker(job, settings, error, streak):
    settings.JOBS_MAX_EQUAL_ERRORS = 5
    job.failure_limit = 1
    job.save()
    worker = FakeWorker(job)
    worker.start()
    worker.finish("No space left on device", error="No space left on device")
    worker.start()
    journal = Journal()
    journal.clear(worker.store.sequence)
    journal.add(finished(worker.item, "broken", error=error))
    replay_journal(journal, live_lease(job))
    job.refresh_from_db()
    assert job.status == "failed"
    assert job.leases.get().streak == streak
