"""A worker of the stateful test: its lease and store, on a connection of its own."""

from collections.abc import Callable
from time import time
from typing import Any

import pytest
from django.db import connections
from hypothesis import event
from hypothesis import strategies as st

from jobs.backends import ClaimedItem, FinishedItem, Gauges, LeaseLost, LeaseStore, open_store
from jobs.lifecycle import leases, transitions
from jobs.lifecycle.leases import Disposition
from jobs.models import Job, Lease
from jobs.processes.identity import ProcessIdentity
from jobs.states import ItemStatus
from tests.services.model import JobModel, Worker

OUTCOMES = st.sampled_from(("succeeded", "failed"))
WANTS = st.integers(1, 4)
AGAIN = st.booleans()
"""The database's answer was lost, so the same call is made again."""

ELSEWHERE = ProcessIdentity("another machine", 1, 1.0)


class Runner:
    """Does each thing on the database, checks what came of it, and tells the model."""

    def __init__(self, job: Job, name: int, model: JobModel) -> None:
        self.job = job
        self.name = name
        self.model = model
        self.connection = connections.create_connection("default")
        self.lease: Lease | None = None
        self.store: LeaseStore | None = None
        self.worker = Worker(name)
        self.may_work = False
        self.claimed: dict[int, ClaimedItem] = {}

    def close(self) -> None:
        self.connection.close()

    def acquire(self) -> None:
        allowed = self.model.may_acquire()
        self.lease = leases.acquire(
            self.job.pk, host="elsewhere", worker=ELSEWHERE, executor=ELSEWHERE, cluster_pid=1
        )
        assert (self.lease is not None) == allowed
        if self.lease is None:
            return
        self.store = None
        self.worker = Worker(self.name)
        # Others have to wait until what was set back is ready.
        self.may_work = self.model.preparation is None
        self.model.acquired(self.worker)

    @property
    def held(self) -> Lease:
        assert self.lease is not None
        return self.lease

    def steps(self) -> list[Callable[[Any], None]]:
        """What it could do next; each draws what it needs from Hypothesis' `data`."""
        worker = self.worker
        if self.lease is None:
            return [lambda data: self.acquire()]
        if worker.current is not None:
            steps = [lambda data: self.finish_item(data.draw(OUTCOMES))]
            if worker.ended or worker.waiting:
                steps.append(lambda data: self.flush(again=data.draw(AGAIN)))
            return steps
        steps = [lambda data: self.leave(), lambda data: self.show_life()]
        if self.may_work and self.store is None:
            steps += [lambda data: self.finish_and_claim(data.draw(WANTS))] * 3
        if worker.waiting:
            steps += [lambda data: self.start_next()] * 3
        if worker.ended:
            steps += [
                lambda data: self.finish_and_claim(data.draw(WANTS), again=data.draw(AGAIN))
            ] * 2
        return steps

    def show_life(self) -> None:
        assert (leases.renew(self.held.holder) is None) == self.worker.lost

    def finish_and_claim(self, size: int, *, again: bool = False) -> None:
        """Write results, claim items and start the first, as far as the lease allows."""
        assert self.lease is not None
        self.store = self.store or open_store(
            self.lease, operation="act", remembers=False, connection=self.connection
        )
        worker, ended = self.worker, self._ended()
        before = (self.store.sequence, self.store.claimed_range, self.store.claimed_up_to)
        if worker.lost:
            event("a late transaction was refused")
            with pytest.raises(LeaseLost):
                self.store.finish_and_claim(ended, size, Gauges())
            self._forget_lease()
            return
        found = self.store.finish_and_claim(ended, size, Gauges())
        if again:
            self.store.sequence, self.store.claimed_range, self.store.claimed_up_to = before
            assert self.store.finish_and_claim(ended, size, Gauges()) == found
        self.model.write(worker)
        self.model.release(worker, list(worker.held))
        free = self.model.free()
        positions = [item.position for item in found]
        assert positions == sorted(set(positions) & set(free))
        assert len(positions) <= size
        assert bool(positions) == bool(size and free and not worker.fenced)
        self.claimed = {item.position: item for item in found}
        self.model.claim(worker, positions)

    def finish_item(self, outcome: str) -> None:
        """The operation has ended for the item that runs; nothing is written yet."""
        assert self.worker.current is not None
        self.worker.ended.append((self.worker.current, outcome))
        self.worker.current = None

    def start_next(self) -> None:
        assert self.store is not None
        worker = self.worker
        position = worker.waiting[0]
        succeeded = sum(1 for _, outcome in worker.ended if outcome == "succeeded")
        failed = len(worker.ended) - succeeded
        started = self.store.start(self.claimed[position], succeeded, failed, time())
        if worker.lost or worker.fenced:
            event("a late start was refused")
        assert started == (not worker.lost and not worker.fenced)
        if started:
            worker.current = worker.written_current = worker.waiting.pop(0)
            worker.counted = len(worker.ended)
        else:
            worker.waiting = []

    def flush(self, *, again: bool) -> None:
        """Write what has ended while the current item runs on; free what waits behind it."""
        assert self.store is not None
        assert self.worker.current is not None
        worker, ended = self.worker, self._ended()
        current = self.claimed[self.worker.current]
        before = (self.store.sequence, self.store.claimed_range, self.store.claimed_up_to)
        if worker.lost:
            event("a late flush was refused")
            with pytest.raises(LeaseLost):
                self.store.flush(ended, current, Gauges())
            worker.ended, worker.waiting = [], []
            return
        self.store.flush(ended, current, Gauges())
        if again:
            self.store.sequence, self.store.claimed_range, self.store.claimed_up_to = before
            self.store.flush(ended, current, Gauges())
        self.model.write(worker)
        self.model.release(worker, worker.waiting)
        worker.waiting = []

    def leave(self) -> None:
        """End the work here in good order."""
        assert self.lease is not None
        if self.store is not None:
            self.finish_and_claim(0)
            if self.lease is None:
                return  # it found out that the lease was lost
        released = leases.release(self.lease.pk, self.lease.holder, Disposition())
        assert (released is None) == self.worker.lost
        if released is not None:
            assert (released.item, released.items) == (None, 0)
            self.model.release_lease(self.worker, count_attempt=False)
        assert transitions.complete_if_done(self.job.pk) == self.model.complete_if_done()
        self._forget_lease()

    def _forget_lease(self) -> None:
        self.lease = self.store = None
        self.worker = Worker(self.name)

    def _ended(self) -> list[FinishedItem]:
        return [
            FinishedItem(self.claimed[position], ItemStatus(outcome), "", None, time(), time())
            for position, outcome in self.worker.ended
        ]
