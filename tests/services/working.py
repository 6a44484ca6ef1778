"""A worker of the stateful test: its lease and ledger, on a connection of its own."""

from collections.abc import Callable
from time import time
from typing import Any

import pytest
from django.db import connections
from hypothesis import event
from hypothesis import strategies as st

from jobs.leases import Verdict
from jobs.ledger import Claimed, Ended, Gauges, LeaseLost, Ledger, open_ledger
from jobs.models import Job, Lease
from jobs.processes import ProcessIdentity
from jobs.states import ItemStatus
from tests.services.model import JobModel, Worker

OUTCOMES = st.sampled_from(("succeeded", "failed"))
WANTS = st.integers(1, 4)
AGAIN = st.booleans()
"""The database's answer was lost, so the same call is made once more."""

ELSEWHERE = ProcessIdentity("another machine", 1, 1.0)


class Hand:
    """Does each thing on the database, checks what came of it, and tells the model."""

    def __init__(self, job: Job, name: int, model: JobModel) -> None:
        self.job = job
        self.name = name
        self.model = model
        self.connection = connections.create_connection("default")
        self.lease: Lease | None = None
        self.ledger: Ledger | None = None
        self.worker = Worker(name)
        self.may_work = False
        self.claimed: dict[int, Claimed] = {}

    def close(self) -> None:
        self.connection.close()

    def acquire(self) -> None:
        allowed = self.model.may_acquire()
        self.lease = Lease.objects.acquire(
            self.job.pk, host="elsewhere", warden=ELSEWHERE, executor=ELSEWHERE, cluster_pid=1
        )
        assert (self.lease is not None) == allowed
        if self.lease is None:
            return
        self.ledger = None
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
            steps = [lambda data: self.end_item(data.draw(OUTCOMES))]
            if worker.ended or worker.waiting:
                steps.append(lambda data: self.flush(again=data.draw(AGAIN)))
            return steps
        steps = [lambda data: self.leave(), lambda data: self.show_life()]
        if self.may_work and self.ledger is None:
            steps += [lambda data: self.turn(data.draw(WANTS))] * 3
        if worker.waiting:
            steps += [lambda data: self.start_next()] * 3
        if worker.ended:
            steps += [lambda data: self.turn(data.draw(WANTS), again=data.draw(AGAIN))] * 2
        return steps

    def show_life(self) -> None:
        assert Lease.objects.heartbeat(self.held.holder) == (not self.worker.lost)

    def turn(self, want: int, *, again: bool = False) -> None:
        """Write what has ended, claim and start something else; all that its place allows."""
        assert self.lease is not None
        self.ledger = self.ledger or open_ledger(
            self.lease, operation="act", remembers=False, connection=self.connection
        )
        worker, ended = self.worker, self._ended()
        before = (self.ledger.sequence, self.ledger.span, self.ledger.after)
        if worker.lost:
            event("a late turn was refused")
            with pytest.raises(LeaseLost):
                self.ledger.turn(ended, want, Gauges())
            self._go()
            return
        found = self.ledger.turn(ended, want, Gauges())
        if again:
            self.ledger.sequence, self.ledger.span, self.ledger.after = before
            assert self.ledger.turn(ended, want, Gauges()) == found
        self.model.write(worker)
        self.model.release(worker, list(worker.held))
        free = self.model.free()
        positions = [item.position for item in found]
        assert positions == sorted(set(positions) & set(free))
        assert len(positions) <= want
        assert bool(positions) == bool(want and free and not worker.fenced)
        self.claimed = {item.position: item for item in found}
        self.model.claim(worker, positions)

    def end_item(self, outcome: str) -> None:
        """The operation has ended for the item that runs; nobody was told yet."""
        assert self.worker.current is not None
        self.worker.ended.append((self.worker.current, outcome))
        self.worker.current = None

    def start_next(self) -> None:
        assert self.ledger is not None
        worker = self.worker
        position = worker.waiting[0]
        succeeded = sum(1 for _, outcome in worker.ended if outcome == "succeeded")
        failed = len(worker.ended) - succeeded
        started = self.ledger.start(self.claimed[position], succeeded, failed, time())
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
        assert self.ledger is not None
        assert self.worker.current is not None
        worker, ended = self.worker, self._ended()
        current = self.claimed[self.worker.current]
        before = (self.ledger.sequence, self.ledger.span, self.ledger.after)
        if worker.lost:
            event("a late flush was refused")
            with pytest.raises(LeaseLost):
                self.ledger.flush(ended, current, Gauges())
            worker.ended, worker.waiting = [], []
            return
        self.ledger.flush(ended, current, Gauges())
        if again:
            self.ledger.sequence, self.ledger.span, self.ledger.after = before
            self.ledger.flush(ended, current, Gauges())
        self.model.write(worker)
        self.model.release(worker, worker.waiting)
        worker.waiting = []

    def leave(self) -> None:
        """End the work here in good order."""
        assert self.lease is not None
        if self.ledger is not None:
            self.turn(0)
            if self.lease is None:
                return  # it found out that the place was lost
        given_back = Lease.objects.give_back(self.lease.pk, self.lease.holder, Verdict())
        assert (given_back is None) == self.worker.lost
        if given_back is not None:
            assert (given_back.item, given_back.released) == (None, 0)
            self.model.give_back(self.worker, charge=False)
        assert Job.objects.complete_if_done(self.job.pk) == self.model.complete_if_done()
        self._go()

    def _go(self) -> None:
        self.lease = self.ledger = None
        self.worker = Worker(self.name)

    def _ended(self) -> list[Ended]:
        return [
            Ended(self.claimed[position], ItemStatus(outcome), "", None, time(), time())
            for position, outcome in self.worker.ended
        ]
