"""A worker without a process: does to a job's items what a real one does, by the same calls."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from time import time
from typing import Any

from django.db import connection, connections

from jobs.backends import (
    ClaimedItem,
    FinishedItem,
    Gauges,
    LeaseStore,
    Permit,
    current,
    open_store,
)
from jobs.lifecycle import leases, transitions
from jobs.lifecycle.leases import Disposition, Released
from jobs.lifecycle.recovery import rescue_lease
from jobs.models import Job, Lease
from jobs.processes.identity import ProcessIdentity
from jobs.states import ItemStatus

ELSEWHERE = ProcessIdentity("elsewhere", 1, 1.0)
"""A process of another machine: nobody here can check whether it is alive."""


def acquire(job: Job, process: ProcessIdentity = ELSEWHERE, **limits: Any) -> Lease | None:
    """A lease of this job, held by `process`; None if the job's status or a limit forbids it."""
    return leases.acquire(
        job.pk, host="host", worker=process, executor=process, cluster_pid=1, **limits
    )


def release(lease: Lease, disposition: Disposition | None = None) -> Released | None:
    """Release the lease, as a worker does that ends its task or has died."""
    return leases.release(lease.pk, lease.holder, disposition or Disposition())


def finished(
    item: ClaimedItem,
    failure: str | None = None,
    *,
    result: dict[str, Any] | None = None,
    seconds: float = 0.0,
    warning: str = "",
    **more: Any,
) -> FinishedItem:
    """The outcome of an item: it succeeded, or failed with this message."""
    status = ItemStatus.SUCCEEDED if failure is None else ItemStatus.FAILED
    data, now = None if result is None else json.dumps(result), time()
    return FinishedItem(item, status, failure or warning, data, now - seconds, now, **more)


class FakeWorker:
    """Holds a lease of the job. `item` is the item that it runs.

    Needs a test whose transactions are real: `module_database`, or `django_db(transaction=True)`.
    Raises AssertionError if the job has no lease to give.
    """

    def __init__(
        self,
        job: Job,
        process: ProcessIdentity = ELSEWHERE,
        *,
        remembers: bool = False,
        connection: Any = None,
        permit: Permit | None = None,
    ) -> None:
        lease = acquire(job, process)
        assert lease is not None, f"{job} has no lease for another worker"
        self.job = job
        self.lease = lease
        self.store: LeaseStore = open_store(
            lease,
            operation=job.operation,
            remembers=remembers,
            connection=connection,
            permit=permit,
        )
        self.item: ClaimedItem | None = None

    def start(self) -> str:
        """Claim and start the next item; its key. Raises AssertionError if there is none."""
        self.finish_and_claim()
        assert self.item is not None, "no item is left to start"
        return self.item.key

    def finish(self, failure: str | None = None, **more: Any) -> str:
        """Finish the started item, see `finished`, and start no other; its key."""
        assert self.item is not None
        key = self.item.key
        self.finish_and_claim(finished(self.item, failure, **more), size=0)
        return key

    def run(self, *failures: str | None) -> list[str]:
        """Start and finish one item for each argument, None if it succeeds; their keys."""
        keys = []
        for failure in failures:
            self.start()
            keys.append(self.finish(failure))
        return keys

    def run_all(self) -> None:
        """Run every item that is left, then leave."""
        while self.finish_and_claim():
            self.finish()
        self.leave()

    def finish_and_claim(self, *items: FinishedItem, size: int = 1) -> list[ClaimedItem]:
        """Write these outcomes, claim up to `size` items and start the first of them."""
        claimed = self.store.finish_and_claim(list(items), size, Gauges(rate=2.0 if items else 0.0))
        self.item = claimed[0] if claimed else None
        return claimed

    def leave(self) -> None:
        """Release the lease, as at the end of a time slice; completes a job that is done."""
        self.finish_and_claim(size=0)
        release(self.lease)
        self.store.close()
        transitions.complete_if_done(self.job.pk)

    def die(self, reason: str = "it died", **disposition: Any) -> Released | None:
        """Another worker finds this one dead and rescues its lease."""
        lease = Lease.objects.select_related("job").get(pk=self.lease.pk)
        self.store.close()
        return rescue_lease(lease, reason=reason, **disposition)


@contextmanager
def _locked_gate(store: LeaseStore) -> Iterator[None]:
    with current().gates.path_of(store.token).open("r+b") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


@contextmanager
def _locked_row(store: LeaseStore) -> Iterator[None]:
    own = connections.create_connection("default")
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM jobs_lease WHERE id = %s FOR UPDATE", [store.lease_id])
        yield
    finally:
        own.close()


STALLED_STARTS = {"sqlite": _locked_gate, "postgresql": _locked_row}


def stalled_start(store: LeaseStore) -> AbstractContextManager[None]:
    """The worker of this store was stopped, or its machine frozen, in the middle of a start."""
    return STALLED_STARTS[connection.vendor](store)
