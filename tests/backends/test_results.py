"""Results: what is written of finished items, and that a lost lease writes nothing."""

import copy
from time import time

import pytest

from jobs.backends import Gauges, LeaseLost, LeaseStore, job_totals
from jobs.models import LibraryFile
from jobs.states import ItemStatus
from tests.backends.contract import covers
from tests.support.factories import outcome_of
from tests.support.worker import FakeWorker, finished, release

SENTENCE = "“naïve” 🙂 it's 100 %"


@covers(LeaseStore.finished_rows, LeaseStore.write_finished)
def test_a_result_is_written_to_the_item_and_its_library_file(job, worker):
    good, bad = worker.finish_and_claim(size=2)
    outcomes = [finished(good, result={"n": 1}, seconds=1), finished(bad, SENTENCE, seconds=1)]
    worker.finish_and_claim(*outcomes, size=0)
    rows = list(job.items.filter(position__lt=2).order_by("position"))
    assert [(row.status, row.message, row.result) for row in rows] == [
        ("succeeded", "", {"n": 1}),
        ("failed", SENTENCE, None),
    ]
    assert [(row.attempts, row.slot, row.sequence, row.lease_token) for row in rows] == [
        (1, 1, 1, None),
        (1, 1, 2, None),
    ]
    for row, outcome in zip(rows, outcomes, strict=True):
        assert row.started_at.timestamp() == pytest.approx(outcome.started_at, abs=1e-4)
        assert row.finished_at.timestamp() == pytest.approx(outcome.finished_at, abs=1e-4)
    file = LibraryFile.objects.get(pk=bad.file_id)
    outcome = outcome_of(file.path, "act")
    assert (outcome.status, outcome.message, outcome.job_id) == ("failed", SENTENCE, job.pk)
    assert outcome.finished_at == job.items.get(file_id=file.pk).finished_at


@covers(LeaseStore.write_finished)
def test_only_items_of_this_lease_are_written_and_counted(job, worker):
    items = worker.finish_and_claim(size=2)
    job.items.filter(position=1).update(lease_token=5)
    outcomes = [finished(item) for item in items]
    store = worker.store
    with store.transaction():
        assert store.write_finished(outcomes, store.finished_rows(outcomes)) == 1
    assert job.items.get(position=1).status == ItemStatus.PENDING


@covers(LeaseStore.save_lease)
def test_the_lease_row_counts_results_and_error_streak(job, worker):
    items = worker.finish_and_claim(size=3)
    outcomes = [
        finished(items[0], seconds=2),
        finished(items[1], "full", error="full", seconds=3),
        finished(items[2], "full", error="full"),
    ]
    worker.store.finish_and_claim(outcomes, 0, Gauges(rate=2.5, item_seconds=0.5))
    lease = job.leases.get()
    assert (lease.succeeded, lease.failed, lease.sequence) == (1, 2, 3)
    assert lease.busy_seconds == pytest.approx(5, abs=1e-3)
    assert (lease.rate, lease.item_seconds) == (2.5, 0.5)
    assert (lease.streak, lease.streak_message) == (2, "full")
    assert (lease.current_item, lease.current_since, lease.first_position) == (None, None, None)


@covers(LeaseStore.save_lease)
def test_the_lease_row_sums_up_the_numbers_of_succeeded_items(job, worker):
    items = worker.finish_and_claim(size=3)
    worker.finish_and_claim(
        finished(items[0], totals={"bytes": 5, "é 🙂": 0.5}),
        finished(items[1], "broken"),
        finished(items[2], totals={"bytes": 7}),
        size=0,
    )
    assert job_totals([job.pk])[job.pk].by_name == {"bytes": 12, "é 🙂": 0.5}


@covers(LeaseStore.save_lease)
def test_the_next_holder_of_a_slot_adds_to_its_sums(job, worker):
    (first,) = worker.finish_and_claim(size=1)
    worker.finish_and_claim(finished(first, totals={"bytes": 5}), size=0)
    worker.leave()
    heir = FakeWorker(job)
    assert heir.lease.slot == worker.lease.slot
    items = heir.finish_and_claim(size=2)
    heir.finish_and_claim(finished(items[0], totals={"bytes": 1}), finished(items[1]), size=0)
    assert job_totals([job.pk])[job.pk].by_name == {"bytes": 6}


def test_a_repeated_call_sums_up_nothing_twice(job, worker):
    items = worker.finish_and_claim(size=3)
    outcomes = [finished(items[0], totals={"bytes": 5})]
    lost = copy.copy(worker.store)  # knows nothing of the answer to the first call
    worker.finish_and_claim(*outcomes, size=1)
    (item,) = lost.finish_and_claim(outcomes, 1, Gauges())
    assert job_totals([job.pk])[job.pk].by_name == {"bytes": 5}
    lost.finish_and_claim([finished(item, totals={"bytes": 2})], 0, Gauges())
    assert job_totals([job.pk])[job.pk].by_name == {"bytes": 7}


@covers(LeaseStore.flush)
def test_a_flush_sums_up_the_numbers_of_what_it_writes(job, worker):
    items = worker.finish_and_claim(size=2)
    assert worker.store.start(items[1], 1, 0, time())
    worker.store.flush([finished(items[0], totals={"bytes": 5})], items[1], Gauges())
    assert job_totals([job.pk])[job.pk].by_name == {"bytes": 5}
    worker.finish_and_claim(finished(items[1], totals={"bytes": 2}), size=0)
    assert job_totals([job.pk])[job.pk].by_name == {"bytes": 7}


@covers(LeaseStore.lock_lease)
def test_the_locked_lease_is_the_row_and_none_after_a_release(job, worker):
    worker.finish_and_claim(size=3)
    with worker.store.transaction():
        row = worker.store.lock_lease()
    assert (row.fenced, row.sequence, row.first, row.last) == (False, 0, 0, 2)
    release(worker.lease)
    with worker.store.transaction():
        assert worker.store.lock_lease() is None


@covers(LeaseStore.release_range)
def test_a_released_range_is_pending_again_without_items_of_others(job, worker):
    (single,) = worker.finish_and_claim(size=1)
    job.items.filter(position=1).update(lease_token=5)
    with worker.store.transaction():
        worker.store.release_range(0, 1)
    first = job.items.get(pk=single.id)
    assert (first.status, first.lease_token, first.started_at) == ("pending", None, None)
    assert job.items.get(position=1).lease_token == 5


@covers(LeaseStore.flush)
def test_a_flush_writes_results_and_releases_items_behind_the_running_one(job, worker):
    items = worker.finish_and_claim(size=4)
    started = time() - 100
    assert worker.store.start(items[1], 1, 0, started)
    worker.store.flush([finished(items[0])], items[1], Gauges())
    lease = job.leases.get()
    assert (lease.succeeded, lease.sequence, lease.current_item) == (1, 1, items[1].id)
    assert lease.current_since == pytest.approx(started, abs=1e-3)
    assert (lease.first_position, lease.last_position) == (1, 1)
    claimed = job.items.filter(lease_token=worker.lease.token)
    assert list(claimed.values_list("position", flat=True)) == [1]
    worker.finish_and_claim(finished(items[1]), size=0)
    assert job.leases.get().succeeded == 2


@pytest.mark.parametrize("late", ["finish_and_claim", "flush", "start"])
def test_a_late_call_of_a_released_lease_changes_nothing(job, worker, late):
    items = worker.finish_and_claim(size=3)
    release(worker.lease)
    FakeWorker(job).finish_and_claim(size=2)
    before = list(job.items.order_by("position").values()), list(job.leases.values())
    if late == "start":
        assert not worker.store.start(items[1], 1, 0, time())
    elif late == "flush":
        with pytest.raises(LeaseLost):
            worker.store.flush([finished(items[0])], items[1], Gauges())
    else:
        with pytest.raises(LeaseLost):
            worker.finish_and_claim(finished(items[0]), size=3)
    assert (list(job.items.order_by("position").values()), list(job.leases.values())) == before
