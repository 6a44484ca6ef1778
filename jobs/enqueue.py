"""The only caller of django-q2: hints that work waits.

A hint names no job: which one a worker serves is decided in the database when it looks.
So a lost hint costs a second until the next sweep, and one too many costs a look.
"""

import logging
from contextlib import nullcontext
from functools import partial

from django.db import transaction
from django_q.brokers import Broker, get_broker
from django_q.conf import Conf
from django_q.tasks import async_task

from jobs import conf

logger = logging.getLogger(__name__)

TASK = "jobs.tasks.work"


class _Envelope(Broker):
    """Keeps a message instead of sending it."""

    def enqueue(self, task: str) -> None:
        self.message = task


def hint(workers: int) -> None:
    """Wake up to so many workers once the current transaction is committed.

    No more messages wait in the broker than this site has workers: whoever takes one looks for
    work of any kind, and while all are busy each new hint would only pile up.

    Never raises: with the broker away the job is safe in the database, and the clusters
    find it by themselves.
    """
    transaction.on_commit(partial(_send, workers))


def message() -> str:
    """A hint as a signed message, for a cluster that has found work without one."""
    envelope = _Envelope()
    async_task(TASK, task_name="work", save=False, broker=envelope)
    return envelope.message


def _send(workers: int) -> None:
    # Where the database is the broker, all messages need only one turn for its write lock.
    together = transaction.atomic(using=Conf.ORM) if Conf.ORM else nullcontext()
    try:
        broker = get_broker()
        with together:
            for _ in range(min(workers, conf.workers() - broker.queue_size())):
                async_task(TASK, task_name="work", save=False, broker=broker)
    except Exception as error:  # noqa: BLE001 (every broker has errors of its own)
        logger.warning("The broker took no hint, the clusters will look by themselves: %s", error)
