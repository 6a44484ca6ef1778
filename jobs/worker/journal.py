"""Results that an executor has not written to the database yet, in memory that outlives it.

Cheap items are written in batches. If the executor dies in the middle of one, its worker finds
here how the items before the fatal one ended, and no item is repeated. If both die, the batch
is repeated.
"""

import logging
import mmap
import struct
from contextlib import closing, suppress

import orjson

from jobs.backends import (
    ClaimedItem,
    FinishedItem,
    Gauges,
    LeaseLost,
    dedicated_connection,
    open_store,
)
from jobs.lifecycle.circuit_breaker import trip_if_failing
from jobs.models import JobItem, Lease
from jobs.states import ItemStatus
from jobs.worker.failure_signals import send_failure_signals

logger = logging.getLogger(__name__)

SIZE_BYTES = 1024 * 1024
_HEAD = struct.Struct("=qq")  # the lease's sequence before the batch; used bytes after the head
_LENGTH = struct.Struct("=q")


class Journal:
    """Shared memory of one task, written by the executor and read after its death.

    A record counts once the used bytes include it, which is written last.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SIZE_BYTES)
        self._used = 0

    def clear(self, sequence: int) -> None:
        """All results are written; the lease has finished `sequence` items until now."""
        self._used = 0
        _HEAD.pack_into(self._memory, 0, sequence, 0)

    def add(self, one: FinishedItem) -> bool:
        """Record a result; False if there is no room left, so that it must be written."""
        item = one.item
        text = orjson.dumps(
            (
                (item.id, item.position, item.key, item.attempts, item.file_id),
                one.status.value,
                one.message,
                one.result,
                one.started_at,
                one.finished_at,
                one.remember,
                one.error,
                one.totals,
            )
        )
        start = _HEAD.size + self._used
        end = start + _LENGTH.size + len(text)
        if end > SIZE_BYTES:
            return False
        self._memory[start:end] = _LENGTH.pack(len(text)) + text
        self._used = end - _HEAD.size
        _LENGTH.pack_into(self._memory, _LENGTH.size, self._used)
        return True

    def read(self) -> tuple[int, list[FinishedItem]]:
        """The lease's sequence before these results, and the results in order.

        Raises ValueError if the dead process has corrupted the memory.
        """
        sequence, used = _HEAD.unpack_from(self._memory, 0)
        finished = []
        start, end = _HEAD.size, _HEAD.size + used
        while start < end <= SIZE_BYTES:
            (length,) = _LENGTH.unpack_from(self._memory, start)
            start += _LENGTH.size
            if not 0 < length <= end - start:
                break
            finished.append(_decode(self._memory[start : start + length]))
            start += length
        if start != end:
            raise ValueError("The journal of a dead worker cannot be read: it was cut short")
        return sequence, finished


def replay_journal(journal: Journal, lease: Lease) -> None:
    """Write results that a dead executor had not written; nothing if it had.

    `lease` is still held with its token, and up to date. Its running item, if that has not
    finished, stays its current item. Raises django.db.Error.
    """
    try:
        sequence, finished = journal.read()
    except ValueError as error:
        logger.warning("The last batch of a dead worker is repeated: %s", error)
        return
    if not finished or lease.sequence != sequence:
        return
    running = None
    current_id = lease.current_item
    if current_id is not None and current_id not in {one.item.id for one in finished}:
        running = JobItem.objects.filter(pk=current_id, lease_token=lease.token).first()
    gauges = Gauges(lease.rate, lease.item_seconds)
    with closing(dedicated_connection()) as connection:
        store = open_store(
            lease, operation=lease.job.operation, remembers=False, connection=connection
        )
        with closing(store), suppress(LeaseLost):
            store.adopt(lease)
            if running is None:
                store.finish_and_claim(finished, 0, gauges)
            else:
                current = ClaimedItem(
                    running.pk, running.position, running.key, running.attempts, running.file_id
                )
                store.flush(finished, current, gauges)
            send_failure_signals(lease.job, finished)
            if any(one.status is ItemStatus.FAILED for one in finished):
                # While the lease is held, so that no other worker completes the job before.
                trip_if_failing(lease.job)


def _decode(text: bytes) -> FinishedItem:
    try:
        item, status, *rest = orjson.loads(text)
        return FinishedItem(ClaimedItem(*item), ItemStatus(status), *rest)
    except (TypeError, ValueError) as error:
        raise ValueError(f"The journal of a dead worker cannot be read: {error}") from error
