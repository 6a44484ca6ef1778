"""Tasks of the host project go before our own.

The pusher passes the broker's messages to the workers through one queue, in order. It numbers the
tasks of the host, and each of our notifications says how many of them went into the queue before
it. So a worker knows whether one of them waits behind the notification that it has begun with:
then it ends its task, and takes that one next.

The numbers lie in memory that the sentinel shares with all processes that it has forked. A process
may die at any point: a number that is missing then is made up for by the next task or
notification, as both are taken in the order of the queue.
"""

import mmap
import os
from hashlib import blake2b
from time import monotonic, monotonic_ns
from typing import Any

from django_q.conf import Conf
from django_q.signals import post_execute_in_worker, pre_execute

TASK = "jobs.tasks.work"

YIELD_SECONDS = 0.3
"""A worker runs items for at least this long, so that a stream of tasks does not stop all jobs."""
SPREAD_SECONDS = 0.5
"""The workers of a cluster end their tasks one after the other within this time: one is enough."""


def _new_memory() -> memoryview:
    return memoryview(mmap.mmap(-1, 8192)).cast("q")


_memory = _new_memory()
_TASKS, _TASKS_TAKEN = 0, 1  # of the host: put into the queue, taken out of it
_NOTIFICATIONS, _NOTIFICATIONS_TAKEN, _NOTIFIED_AT = 2, 3, 4  # the last: when one was put
_QUEUED, _QUEUED_AT = 5, 6  # messages in the queue, and when they were counted
_IDS, _ID_COUNT = 16, 256  # what identifies the last tasks of the host
_RUNNING, _RUNNING_COUNT = 512, 499  # pids of workers that run one


def begin_cluster() -> None:
    """Take new memory: clusters that are forked from one process must not share it."""
    global _memory
    _memory = _new_memory()


class WorkPeriod:
    """The time in which a worker may run items; begins with a notification."""

    def __init__(self, tasks: int | None = None) -> None:
        """`tasks` of the host went into the queue before it; None if unknown."""
        self._tasks = _memory[_TASKS] if tasks is None else tasks
        self._began = monotonic()
        self._waits_since: float | None = None
        place = os.getpid() % max(1, Conf.WORKERS)
        self._patience = SPREAD_SECONDS * place / max(1, Conf.WORKERS)

    @property
    def is_behind(self) -> bool:
        """Return True if a task of the host waits in the queue."""
        return _memory[_TASKS] > max(self._tasks, _memory[_TASKS_TAKEN])

    def is_finished(self) -> bool:
        """Return True if this worker should take a task of the host that waits."""
        if not self.is_behind:
            self._waits_since = None
            return False
        now = monotonic()
        self._waits_since = self._waits_since or now
        waited = now - max(self._waits_since, self._began + YIELD_SECONDS)
        return waited >= self._patience


# In the pusher.


def task_put(task_id: str) -> None:
    """A task of the host goes into the queue."""
    number = _memory[_TASKS] + 1
    _memory[_IDS + number % _ID_COUNT] = _mark(task_id)
    _memory[_TASKS] = number


def notification_put() -> tuple[int, int]:
    """A notification goes into the queue; the arguments of its task."""
    _memory[_NOTIFICATIONS] += 1
    _memory[_NOTIFIED_AT] = monotonic_ns()
    return _memory[_TASKS], _memory[_NOTIFICATIONS]


def notifications_in_queue() -> int:
    """How many notifications no worker has taken yet."""
    waiting = _memory[_NOTIFICATIONS] - _memory[_NOTIFICATIONS_TAKEN]
    if _memory[_QUEUED_AT] > _memory[_NOTIFIED_AT]:
        waiting = min(waiting, _memory[_QUEUED])  # a worker has died with one
    return waiting


# In the sentinel.


def queue_counted(messages: int) -> None:
    """So many messages of any kind are in the queue now."""
    _memory[_QUEUED], _memory[_QUEUED_AT] = messages, monotonic_ns()


def any_runs(worker_pids: list[int]) -> bool:
    """Return True if one of these workers runs a task of the host."""
    return not set(worker_pids).isdisjoint(_memory[_RUNNING : _RUNNING + _RUNNING_COUNT])


# In the workers.


def notification_taken(number: int) -> None:
    """A worker begins with this notification."""
    _memory[_NOTIFICATIONS_TAKEN] = max(_memory[_NOTIFICATIONS_TAKEN], number)


def _begin(task: dict[str, Any], **_: Any) -> None:
    if task["func"] == TASK:
        return
    _memory[_RUNNING + os.getpid() % _RUNNING_COUNT] = os.getpid()
    mark, last = _mark(task["id"]), _memory[_TASKS]
    for number in range(last, max(0, last - _ID_COUNT), -1):
        if _memory[_IDS + number % _ID_COUNT] == mark:
            _memory[_TASKS_TAKEN] = max(_memory[_TASKS_TAKEN], number)
            return


def _end(task: dict[str, Any], **_: Any) -> None:
    if task["func"] != TASK:
        _memory[_RUNNING + os.getpid() % _RUNNING_COUNT] = 0


def _mark(task_id: str) -> int:
    return int.from_bytes(blake2b(task_id.encode(), digest_size=7).digest())


pre_execute.connect(_begin, dispatch_uid="jobs.cluster.host_tasks")
post_execute_in_worker.connect(_end, dispatch_uid="jobs.cluster.host_tasks")
