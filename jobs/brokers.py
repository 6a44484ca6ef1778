"""django-q2's brokers, with the engine's housekeeping where each cluster passes by anyway.

The pusher asks the broker for messages all the time, so the sweep for dead workers runs
there, and work that no message tells of is found there. The sentinel saves its statistics
through the broker every half second, so that is where a cluster shows itself, and where a
stop is noticed before django-q2 tells its workers.
"""

import logging
import os
import signal
from contextlib import suppress
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import psutil
from django.db import Error, connections
from django.db.models.functions import Now
from django_q.brokers.orm import ORM
from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf
from django_q.signing import SignedPackage
from django_q.status import Stat
from redis.exceptions import RedisError

from jobs import conf, enqueue, processes
from jobs.clusters import waiting_work
from jobs.models import Cluster, Lease
from jobs.recovery import Observer, sweep
from jobs.removal import remove_deleted
from jobs.runner import stopping
from jobs.runner.sandbox import die_with_parent

logger = logging.getLogger(__name__)

SHOW_SECONDS = 2.0
REMOVAL_SECONDS = 0.2
"""So much of each sweep may go to the rows of deleted jobs; work that waits, waits for it."""
FORGET_AFTER = timedelta(days=1)
STOP_GRACE_SECONDS = 5.0
"""For the processes of a stopping cluster to end after their last item."""


class Housekeeping:
    """Mixed into a broker class of django-q2; `dequeue` runs in the pusher, `acknowledge` in
    the monitor, `set_stat` in the sentinel."""

    _observer: Observer | None = None
    _sweep_at = 0.0
    _show_at = 0.0
    _shown = ""
    _stop_by: float | None = None

    def dequeue(self) -> list[tuple[Any, str]] | None:
        """The next messages: our own for work that waits, else the broker's.

        A database or broker that is away is waited for: django-q2 would end the pusher.
        """
        try:
            return self._look_after() or super().dequeue()  # type: ignore[misc]
        except (Error, RedisError, OSError) as error:
            logger.warning("Database or broker does not answer: %s", error)
            connections.close_all()
            sleep(1)
            return None

    def acknowledge(self, task_id: Any) -> None:
        """In the monitor, which django-q2 lets die of an error here. A message that stays is
        one hint too many, and costs a look at the database."""
        try:
            super().acknowledge(task_id)  # type: ignore[misc]
        except (Error, RedisError, OSError) as error:
            logger.warning("A message could not be taken away: %s", error)
            connections.close_all()

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        stat: Stat = SignedPackage.loads(value)
        if not self._shown:
            _bind_to_parents(stat.pid)
        now = monotonic()
        if stat.status in (Conf.STOPPING, Conf.STOPPED):
            stopping.request()
            self._stop_by = self._stop_by or now + conf.get("STOP_SECONDS") + STOP_GRACE_SECONDS
            if now > self._stop_by:
                _stop_now()
        if now >= self._show_at or stat.status != self._shown:
            self._show_at, self._shown = now + SHOW_SECONDS, stat.status
            try:
                _show(stat)
            except Error as error:
                logger.warning("The cluster could not show itself: %s", error)
                connections.close_all()
        super().set_stat(key, value, timeout)  # type: ignore[misc]

    def _look_after(self) -> list[tuple[Any, str]] | None:
        now = monotonic()
        if now < self._sweep_at:
            return None
        self._sweep_at = now + conf.get("SWEEP_SECONDS")
        self._observer = self._observer or Observer()
        sweep(self._observer)
        remove_deleted(seconds=REMOVAL_SECONDS)
        if not waiting_work():
            return None
        # Our parent is the sentinel, which is the parent of the workers too.
        busy = Lease.objects.held().filter(machine=processes.machine_id(), cluster_pid=os.getppid())
        return [(None, enqueue.message()) for _ in range(Conf.WORKERS - busy.count())]


class OrmBroker(Housekeeping, ORM):
    """The database is the broker."""


class RedisBroker(Housekeeping, Redis):
    """Redis or Valkey is the broker; while it is away, clusters find work in the database."""

    def ping(self) -> bool:
        """Whether the broker answers. A cluster starts without it."""
        try:
            return bool(super().ping())
        except RedisError:
            return False


def _show(stat: Stat) -> None:
    Cluster.objects.filter(seen_at__lt=Now() - FORGET_AFTER).delete()
    Cluster.objects.update_or_create(
        id=stat.cluster_id,
        defaults={
            "host": stat.host,
            "machine": processes.machine_id(),
            "pid": stat.pid,
            "worker_pids": stat.workers,
            "size": Conf.WORKERS,
            "status": str(stat.status),
            "started_at": stat.tob,
            "seen_at": Now(),  # see `clusters.SEEN_SECONDS`
        },
    )


def _stop_now() -> None:
    """In the sentinel: end a stop that hangs.

    django-q2 waits without end for a process that does not read its queue any more: one
    that is held by a signal, or whose queue was left locked by another's sudden death.
    """
    logger.warning("The cluster did not stop in time; its processes are killed")
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    os._exit(0)


def _bind_to_parents(main_pid: int) -> None:
    """In the sentinel: end when the main process does, and let our processes end with us.

    Otherwise a kill -9 of one leaves the others running with nobody to stop them.
    """
    sentinel_pid = os.getpid()

    def bind() -> None:
        if os.getppid() == sentinel_pid:
            die_with_parent(signal.SIGTERM, sentinel_pid)

    os.register_at_fork(after_in_child=bind)
    if os.getppid() == main_pid:
        die_with_parent(signal.SIGTERM, main_pid)
