"""What an executor has done and not yet written to the database, in memory that outlives it.

Cheap items are written in groups. If the executor dies in the middle of one, its warden
finds here how the items before the deadly one ended, and nothing is done twice. If both
die, what the group had done is repeated.
"""

import logging
import mmap
import struct
from contextlib import closing, suppress

import orjson

from jobs.ledger import Claimed, Ended, Gauges, LeaseLost, open_ledger, own_connection
from jobs.models import JobItem, Lease
from jobs.outage import stop_if_hopeless
from jobs.runner.announcing import announce_failures
from jobs.states import ItemStatus

logger = logging.getLogger(__name__)

SIZE_BYTES = 1024 * 1024
_HEAD = struct.Struct("=qq")  # the lease's sequence before the group; bytes in use behind the head
_LENGTH = struct.Struct("=q")


class Journal:
    """Shared memory of one session, written by the executor and read after its death.

    A record counts once the bytes in use say so, which is written last.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SIZE_BYTES)
        self._sequence = 0
        self._used = 0

    def clear(self, sequence: int) -> None:
        """All is written; the lease has finished `sequence` items until now."""
        self._sequence, self._used = sequence, 0
        _HEAD.pack_into(self._memory, 0, sequence, 0)

    def add(self, one: Ended) -> bool:
        """Note how an item ended; False if there is no room left, so that it must be written."""
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
            )
        )
        start = _HEAD.size + self._used
        end = start + _LENGTH.size + len(text)
        if end > SIZE_BYTES:
            return False
        _LENGTH.pack_into(self._memory, start, len(text))
        self._memory[start + _LENGTH.size : end] = text
        self._used = end - _HEAD.size
        _HEAD.pack_into(self._memory, 0, self._sequence, self._used)
        return True

    def read(self) -> tuple[int, list[Ended]]:
        """The lease's sequence before these, and how they ended, in order.

        Raises ValueError if the dead process has written nonsense here.
        """
        sequence, used = _HEAD.unpack_from(self._memory, 0)
        ended = []
        start, end = _HEAD.size, _HEAD.size + used
        while start < end <= SIZE_BYTES:
            (length,) = _LENGTH.unpack_from(self._memory, start)
            start += _LENGTH.size
            if not 0 < length <= end - start:
                break
            ended.append(_ended(self._memory[start : start + length]))
            start += length
        if start != end:
            raise ValueError("The journal of a dead worker cannot be read: it was cut short")
        return sequence, ended


def write_journal(journal: Journal, lease: Lease) -> None:
    """Write how items ended that a dead executor had no time to write; nothing if it had.

    `lease` is still held with its token, and `live`. What it runs, if that has not ended, goes
    on being its current item. Raises django.db.Error.
    """
    try:
        sequence, ended = journal.read()
    except ValueError as error:
        logger.warning("What a dead worker had done is done again: %s", error)
        return
    if not ended or lease.sequence != sequence:
        return
    running = None
    current_id = lease.current_item
    if current_id is not None and current_id not in {one.item.id for one in ended}:
        running = JobItem.objects.filter(pk=current_id, claim=lease.token).first()
    gauges = Gauges(lease.rate, lease.item_seconds)
    with closing(own_connection()) as connection:
        ledger = open_ledger(
            lease, operation=lease.job.operation, remembers=False, connection=connection
        )
        with closing(ledger), suppress(LeaseLost):
            ledger.take_over(lease)
            if running is None:
                ledger.turn(ended, 0, gauges)
            else:
                current = Claimed(
                    running.pk, running.position, running.key, running.attempts, running.file_id
                )
                ledger.flush(ended, current, gauges)
            announce_failures(lease.job, ended)
            if any(one.status is ItemStatus.FAILED for one in ended):
                # While the place is held, so that nobody completes the job before.
                stop_if_hopeless(lease.job)


def _ended(text: bytes) -> Ended:
    try:
        item, status, *rest = orjson.loads(text)
        return Ended(Claimed(*item), ItemStatus(status), *rest)
    except (TypeError, ValueError) as error:
        raise ValueError(f"The journal of a dead worker cannot be read: {error}") from error
