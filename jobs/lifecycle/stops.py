"""Waits until no worker starts another item of a stopped job.

A worker whose lease is `gated` learns of a fence by a notification, or by its next heartbeat. It
closes its gate and acknowledges that in the lease. One that cannot be reached stops on its own:
its permit lasts for less than JOBS_LEASE_SECONDS from its last answered heartbeat, and a
heartbeat that is answered after the fence ends it at once. So nobody waits for longer.
"""

import logging
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import local
from time import monotonic, sleep

from django.db import Error, connection, transaction

from jobs.conf import conf
from jobs.lifecycle.recovery import rescue_dead
from jobs.models import Lease

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.001
LONGEST_PAUSE_SECONDS = 0.008
DEAD_SECONDS = 0.05
"""Only workers that have not acknowledged after this time may be dead."""
LONGEST_LEASES = 1.5
"""After this many leases nobody is waited for, whatever the database says."""


class _Waiting(local):
    """The stopped jobs of this thread that nobody has waited for yet."""

    def __init__(self) -> None:
        self.calls = 0
        """Calls of `one_wait` that have not ended."""
        self.jobs: set[uuid.UUID] = set()
        """Stopped within them."""


_waiting = _Waiting()


def wait_for_workers(job_id: uuid.UUID) -> None:
    """Return once no worker starts another item of this job, which was fenced.

    Then the numbers of the job count all items that were started. In a transaction of the caller
    the wait follows its commit, once for all its jobs; within `one_wait` it follows that.
    """
    if _waiting.calls:
        _waiting.jobs.add(job_id)
    else:
        _wait_after_commit({job_id})


@contextmanager
def one_wait() -> Iterator[None]:
    """Wait once for the workers of all jobs that are stopped within this block, at its end."""
    _waiting.calls += 1
    try:
        yield
    finally:
        _waiting.calls -= 1
        if not _waiting.calls and _waiting.jobs:
            jobs, _waiting.jobs = _waiting.jobs, set()
            _wait_after_commit(jobs)


def _wait_after_commit(jobs: set[uuid.UUID]) -> None:
    for hook in reversed(connection.run_on_commit):
        if isinstance(hook[1], _Wait):
            hook[1].jobs |= jobs
            return
    transaction.on_commit(_Wait(jobs))
    if hooks := connection.run_on_commit:
        # First: another hook may raise, and then those after it are not called.
        hooks.insert(0, hooks.pop())


class _Wait:
    """Waits for all jobs that one transaction has stopped, after its commit."""

    def __init__(self, jobs: set[uuid.UUID]) -> None:
        self.jobs = set(jobs)

    def __call__(self) -> None:
        _wait(Stop(self.jobs))


def _wait(stop: "Stop") -> None:
    since, pause = monotonic(), FIRST_PAUSE_SECONDS
    while (elapsed := monotonic() - since) < LONGEST_LEASES * conf.LEASE_SECONDS:
        try:
            if stop.is_complete(elapsed):
                return
        except Error as error:
            # The fence is committed, and time alone ends the permits.
            logger.warning("A stop waits for the database: %s", error)
            connection.close()
        sleep(pause)
        pause = min(LONGEST_PAUSE_SECONDS, 2 * pause)
    logger.warning("Not every worker has acknowledged a stop; their permits have expired")


class Stop:
    """The workers that have not acknowledged the fence of some jobs."""

    def __init__(self, jobs: Collection[uuid.UUID]) -> None:
        """The jobs were fenced, and that is committed."""
        self._leases = Lease.objects.held().filter(job__in=jobs, fenced=True, gated=True)
        self._heartbeats: dict[int, int] = {}
        """Of each lease, by token, when it was first found."""

    def is_complete(self, elapsed: float) -> bool:
        """Return True if no worker will start another item. `elapsed`: seconds since the commit.

        Rescues the leases of dead workers, and after JOBS_LEASE_SECONDS also of those that have
        sent no heartbeat since: what they started then counts as never started.
        """
        leases = list(self._leases)
        seen = self._heartbeats
        self._heartbeats = seen = {
            lease.holder: seen.get(lease.holder, lease.heartbeats) for lease in leases
        }
        self._leases = self._leases.filter(token__in=list(seen))
        if leases and elapsed > DEAD_SECONDS:
            silent = {lease.pk for lease in leases if lease.heartbeats == seen[lease.holder]}
            if rescue_dead(leases, silent if elapsed > conf.LEASE_SECONDS else ()):
                return not self._leases.exists()
        return not leases
