"""django-q2's brokers, with the engine's maintenance where each cluster passes anyway.

The pusher asks the broker for messages all the time, so the sweep for dead workers runs there,
and finds waiting work that no message announces. The sentinel saves its statistics through the
broker every half second, so that is where a cluster reports its presence, and where a stop is
noticed before django-q2 notifies its workers.
"""

import logging
import os
import signal
from contextlib import suppress
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import psutil
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.models.functions import Now
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from django_q.status import Stat

from jobs import operations
from jobs.backends import CompiledQuery
from jobs.cluster import host_tasks, notifier, shutdown
from jobs.cluster.unknown_operations import UnknownOperations
from jobs.cluster.wakeups import PUSHER, Wakeups, wake_executors
from jobs.conf import conf
from jobs.lifecycle.deletion import remove_deleted
from jobs.lifecycle.recovery import StallDetector, sweep
from jobs.lifecycle.scheduling import any_job_needs_worker
from jobs.lifecycle.settling import send_unsent
from jobs.models import Cluster, Lease
from jobs.processes import clock
from jobs.processes.identity import machine_id
from jobs.processes.parent_death import die_with_parent

logger = logging.getLogger(__name__)

REPORT_SECONDS = 2.0
REMOVAL_SECONDS = 0.2
"""Time of each sweep for the rows of deleted jobs; waiting work is delayed by it."""
FORGET_AFTER = timedelta(days=1)
STOP_GRACE_SECONDS = 5.0
"""Time for the processes of a stopping cluster to end after their last item."""


class MaintenanceMixin:
    """Mixed into a broker class of django-q2; `dequeue` runs in the pusher, `acknowledge` in
    the monitor, `set_stat` in the sentinel."""

    errors: tuple[type[Exception], ...] = (Error, OSError)
    """What means that the database or the broker does not answer."""

    _detector: StallDetector | None = None
    _unknown: UnknownOperations | None = None
    _sweep_at = 0.0
    _report_at = 0.0
    _reported = ""
    _busy_reports = 0
    _stop_by: float | None = None

    def dequeue(self) -> list[tuple[Any, str]] | None:
        """The next messages: our own if a job needs a worker, else the broker's.

        Notifications from the broker go no further: the free workers of this cluster get new ones.
        So the queue of the workers never holds more of them than there are free workers, and tasks
        of the host project do not wait behind others; see `host_tasks`.

        Waits while the database or broker is away: django-q2 would end the pusher.
        """
        try:
            return self._maintain() or self._receive()
        except self.errors as error:
            logger.warning("Database or broker does not answer: %s", error)
            connections.close_all()
            sleep(1)
            return None

    def acknowledge(self, task_id: Any) -> None:
        """Runs in the monitor, which django-q2 lets die of an error here.

        A message that stays is one notification too many, and costs a query.
        """
        try:
            super().acknowledge(task_id)  # type: ignore[misc]
        except self.errors as error:
            logger.warning("A message could not be removed: %s", error)
            connections.close_all()

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        stat: Stat = SignedPackage.loads(value)
        if Conf.QSIZE:
            host_tasks.queue_counted(stat.task_q_size)
        if not self._reported:
            _bind_to_parents(stat.pid)
        now = monotonic()
        if stat.status in (Conf.STOPPING, Conf.STOPPED):
            shutdown.request()
            self._stop_by = self._stop_by or now + conf.SHUTDOWN_SECONDS + STOP_GRACE_SECONDS
            if now > self._stop_by:
                _stop_now()
        if now >= self._report_at or stat.status != self._reported:
            self._report_at, self._reported = now + REPORT_SECONDS, stat.status
            self._busy_reports += host_tasks.any_runs(stat.workers)
            try:
                _report_presence(stat, self._busy_reports)
            except Error as error:
                logger.warning("The cluster could not report its presence: %s", error)
                connections.close_all()
        super().set_stat(key, value, timeout)  # type: ignore[misc]

    def _receive(self) -> list[tuple[Any, str]] | None:
        tasks, notified = [], 0
        for ack_id, message in super().dequeue() or ():  # type: ignore[misc]
            task = _opened(message)
            if task.get("func") == host_tasks.TASK:
                notified += 1
                self.acknowledge(ack_id)
                continue
            host_tasks.task_put(task.get("id", ""))
            tasks.append((ack_id, message))
        return tasks + (self._notifications(notified) if notified else [])

    def _maintain(self) -> list[tuple[Any, str]] | None:
        now = monotonic()
        if now < self._sweep_at:
            return None
        self._sweep_at = now + conf.SWEEP_SECONDS
        self._detector = self._detector or StallDetector()
        sweep(self._detector)
        self._unknown = self._unknown or UnknownOperations()
        self._unknown.check()
        send_unsent()
        remove_deleted(seconds=REMOVAL_SECONDS)
        return self._notifications()

    def _notifications(
        self, most: int | None = None, *, idle_know: bool = False
    ) -> list[tuple[Any, str]]:
        """One for each worker of this cluster that is free and has none yet, if a job needs one.

        At most this many: to start an executor for nothing would delay the one that is needed.
        Idle executors are woken up, unless they know of the job.
        """
        if not any_job_needs_worker():
            return []
        if not idle_know:
            wake_executors(Conf.WORKERS if most is None else most)
        # Our parent is the sentinel, which is the parent of the workers too.
        busy = Lease.objects.held().filter(machine=machine_id(), cluster_pid=os.getppid())
        free = Conf.WORKERS - busy.count() - host_tasks.notifications_in_queue()
        return [
            (None, notifier.notification())
            for _ in range(free if most is None else min(free, most))
        ]


class ORMBroker(MaintenanceMixin, ORM):
    """The database is the broker. A pusher polls it, and is woken up when a job needs a worker."""

    _wakeups: Wakeups | None = None

    def _receive(self) -> list[tuple[Any, str]] | None:
        self._wakeups = self._wakeups or Wakeups(PUSHER)
        if self._has_message():
            return super()._receive()
        wanted = self._wakeups.wait(Conf.POLL)
        return self._notifications(wanted, idle_know=True) if wanted else None

    def _has_message(self) -> bool:
        now = timezone.now()
        if Conf.ORM != DEFAULT_DB_ALIAS:
            return bool(self.get_connection().filter(key=self.list_key, lock__lt=now).exists())
        return bool(_MESSAGES.fetch(self.list_key, now))


_MESSAGES = CompiledQuery(lambda: OrmQ.objects.filter(key="", lock__lt=timezone.now())[:1])
"""A message of this key that is older than this time. An idle pusher asks five times a second."""


def __getattr__(name: str) -> Any:
    """RedisBroker, for settings that name it here. Others need not load its library, of 9 MB."""
    if name == "RedisBroker":
        from jobs.cluster.redis_broker import RedisBroker

        return RedisBroker
    raise AttributeError(name)


def _opened(message: str | bytes) -> dict[str, Any]:
    """The task in a broker's message; empty if it has none, which django-q2 reports."""
    try:
        task: dict[str, Any] = SignedPackage.loads(message)
    except Exception:  # noqa: BLE001 (the task of a host project may name what is no longer there)
        return {}
    return task


def _report_presence(stat: Stat, busy_reports: int) -> None:
    Cluster.objects.filter(seen_at__lt=Now() - FORGET_AFTER).delete()
    Cluster.objects.update_or_create(
        id=stat.cluster_id,
        defaults={
            "host": stat.host,
            "machine": machine_id(),
            "pid": stat.pid,
            "sentinel_pid": os.getpid(),
            "busy_reports": busy_reports,
            "worker_pids": stat.workers,
            "size": Conf.WORKERS,
            "operations": list(operations.known_names()),
            "status": str(stat.status),
            "started_at": stat.tob,
            "seen_at": Now(),  # see `registry.PRESENCE_SECONDS`
            "boot": clock.boot(),
            "seen_seconds": clock.seconds(),
        },
    )


def _stop_now() -> None:
    """In the sentinel: end a shutdown that hangs.

    django-q2 waits forever for a process that no longer reads its queue: a suspended one, or
    one whose queue was left locked by the sudden death of another.
    """
    logger.warning("The cluster did not stop in time; its processes are killed")
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    os._exit(0)


def _bind_to_parents(main_pid: int) -> None:
    """In the sentinel: end with the main process, and let our processes end with us.

    A kill -9 of one would leave the others running with nobody to stop them.
    """
    sentinel_pid = os.getpid()

    def bind() -> None:
        if os.getppid() == sentinel_pid:
            die_with_parent(signal.SIGTERM, sentinel_pid)

    os.register_at_fork(after_in_child=bind)
    if os.getppid() == main_pid:
        die_with_parent(signal.SIGTERM, main_pid)
