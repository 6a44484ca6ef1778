"""Notifies workers that work is waiting; the only caller of django-q2's `async_task`.

A notification names no job: the database decides which one a worker serves. So a lost
notification costs a second until the next sweep, and a superfluous one costs a query.
"""

import logging
from contextlib import nullcontext
from functools import partial

from django.db import transaction
from django_q.brokers import Broker, get_broker
from django_q.conf import Conf
from django_q.tasks import async_task

from jobs.cluster import host_tasks
from jobs.cluster.host_tasks import TASK
from jobs.cluster.registry import fetch_live_clusters
from jobs.cluster.wakeups import wake
from jobs.conf import conf
from jobs.processes.identity import machine_id

logger = logging.getLogger(__name__)


class _CapturingBroker(Broker):
    """Keeps a message instead of sending it."""

    def enqueue(self, task: str) -> None:
        self.message = task


def notify_workers(workers: int) -> None:
    """Wake up at most this many workers once the current transaction is committed.

    The broker never holds more messages than this site has workers: a worker that takes one looks
    for work of any kind, and while all are busy further messages would only pile up.

    Never raises: with the broker away the job is safe in the database, and the clusters find it
    on their own.
    """
    transaction.on_commit(partial(_send, workers))


def notification() -> str:
    """A signed message, for the workers of this cluster; see `host_tasks`."""
    broker = _CapturingBroker()
    async_task(TASK, *host_tasks.notification_put(), task_name="work", save=False, broker=broker)
    return broker.message


def _send(workers: int) -> None:
    # Where the database is the broker, all messages take its write lock once.
    one_transaction = transaction.atomic(using=Conf.ORM) if Conf.ORM else nullcontext()
    try:
        missing = workers - wake(workers)
        if not missing and not _any_cluster_elsewhere():
            return
        broker = get_broker()
        with one_transaction:
            for _ in range(min(missing or workers, conf.workers - broker.queue_size())):
                async_task(TASK, task_name="work", save=False, broker=broker)
    except Exception as error:  # noqa: BLE001 (every broker has errors of its own)
        logger.warning("The broker took no message; clusters will find the work: %s", error)


def _any_cluster_elsewhere() -> bool:
    """Return True if a cluster of another machine needs a message, as nothing else wakes it up."""
    return any(cluster.machine != machine_id() for cluster in fetch_live_clusters())
