"""A worker without a process: moves a job's items with the engine's own ledger."""

import json
import time
from typing import Any

from jobs import processes
from jobs.leases import Verdict
from jobs.ledger import Claimed, Ended, Gauges, open_ledger
from jobs.models import Job, Lease
from jobs.states import ItemStatus


class Worker:
    """Holds a place in the job. One item at a time is started, then ended.

    Needs a test with real transactions (`django_db(transaction=True)`).
    """

    def __init__(self, job: Job) -> None:
        here = processes.current()
        lease = Lease.objects.acquire(
            job.pk, host="test", warden=here, executor=here, cluster_pid=here.pid
        )
        assert lease is not None
        self.job = job
        self.ledger = open_ledger(lease, operation=job.operation, remembers=False)
        self.item: Claimed | None = None

    def start(self) -> str:
        """Start the next item; its key."""
        assert self._turn([], 1)
        assert self.item is not None
        return self.item.key

    def end(self, failure: str = "", result: dict[str, Any] | None = None) -> str:
        """End the started item; its key."""
        assert self.item is not None
        key = self.item.key
        status = ItemStatus.FAILED if failure else ItemStatus.SUCCEEDED
        data = None if result is None else json.dumps(result)
        now = time.time()
        self._turn([Ended(self.item, status, failure, data, now - 0.5, now)], 0)
        return key

    def do(self, *failures: str) -> list[str]:
        """One item for each argument: "" succeeds, a text fails with it; their keys."""
        keys = []
        for failure in failures:
            self.start()
            keys.append(self.end(failure))
        return keys

    def finish(self) -> None:
        """Do all that is left, give the place back, and complete the job."""
        while self._turn([], 1):
            self.end()
        Lease.objects.give_back(self.ledger.lease_id, self.ledger.token, Verdict())
        Job.objects.complete_if_done(self.job.pk)

    def _turn(self, ended: list[Ended], want: int) -> bool:
        claimed = self.ledger.turn(ended, want, Gauges(rate=2.0))
        self.item = claimed[0] if claimed else None
        return bool(claimed)
