"""The counters of jobs, summed up from their few lease rows."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jobs.backends.base import adapt
from jobs.backends.compiled import fetch_rows
from jobs.backends.loading import current
from jobs.operations.totals import Totals, add_totals, decode_totals
from jobs.processes import clock


@dataclass(slots=True)
class JobTotals:
    """The sums of a job's leases at one moment. All zero for a job without leases."""

    succeeded: int = 0
    warnings: int = 0
    """Of the succeeded, those with a message; a batch that is not written yet is left out."""
    failed: int = 0
    """Includes failures that a retry has reset; see `Job.retried`."""
    in_flight: int = 0
    workers: int = 0
    """Held leases."""
    rate: float = 0.0
    """Items per second."""
    item_seconds: float | None = None
    """Seconds of a usual item; None while unknown."""
    running: list[tuple[str, float]] = field(default_factory=list)
    """Key of each running item, and how many seconds it has been running; the longest first."""
    by_name: Totals = field(default_factory=dict)
    """The operation's own numbers; a batch that is not written yet is left out."""
    slots: dict[int, int] = field(default_factory=dict)
    """How many items each slot has ever finished, by its number."""


@dataclass(slots=True)
class _CounterRow:
    """The columns of a lease row that count."""

    job_id: Any
    slot: int
    token: int | None
    fenced: bool
    gated: bool
    sequence: int
    succeeded: int
    failed: int
    warnings: int
    batch_succeeded: int
    batch_failed: int
    rate: float
    item_seconds: float
    current_item: int | None
    current_since: float | None
    machine: str
    clock_offset: float | None
    totals: str
    key_of: int | None
    """The item that `key` belongs to; its worker may have started another one since."""
    key: str | None


_ROWS = """
SELECT lease.job_id, lease.slot, lease.token, lease.fenced, lease.gated, lease.sequence,
       lease.succeeded, lease.failed, lease.warnings, lease.batch_succeeded, lease.batch_failed,
       lease.rate, lease.item_seconds, lease.current_item, lease.current_since,
       lease.machine, lease.clock_offset, lease.totals, item.id, item.key
FROM jobs_lease AS lease LEFT JOIN jobs_jobitem AS item ON item.id = lease.current_item
WHERE lease.job_id IN ({}) ORDER BY lease.slot
"""
_KEYS = "SELECT id, key FROM jobs_jobitem WHERE id IN ({})"


def job_totals(job_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, JobTotals]:
    """The totals of each of these jobs. By hand: a hundred pages may ask twice a second."""
    asked = {adapt(job_id): job_id for job_id in job_ids}
    if not asked:
        return {}
    rows = current().refresh(lambda: [_CounterRow(*row) for row in _select(_ROWS, list(asked))])
    _look_up_keys([row for row in rows if row.current_item != row.key_of])
    by_job: dict[uuid.UUID, list[_CounterRow]] = {job_id: [] for job_id in asked.values()}
    for row in rows:
        by_job[asked[row.job_id]].append(row)
    return {job_id: _sums(found) for job_id, found in by_job.items()}


def _select(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    return fetch_rows(statement.format(", ".join(["%s"] * len(values))), values)


def _look_up_keys(rows: list[_CounterRow]) -> None:
    """The keys of items that were started after the row was written."""
    ids = [row.current_item for row in rows if row.current_item is not None]
    keys = dict(_select(_KEYS, ids)) if ids else {}
    for row in rows:
        row.key = keys.get(row.current_item)


def _sums(rows: list[_CounterRow]) -> JobTotals:
    usual = [row.item_seconds for row in rows if row.item_seconds]
    running = [row for row in rows if row.current_item is not None]
    elapsed = [(row.key, _elapsed(row)) for row in running if row.key is not None]
    held = [row for row in rows if row.token is not None]
    return JobTotals(
        succeeded=sum(row.succeeded + row.batch_succeeded for row in rows),
        warnings=sum(row.warnings for row in rows),
        failed=sum(row.failed + row.batch_failed for row in rows),
        in_flight=len(running),
        workers=len(held),
        rate=sum(row.rate for row in held if not row.fenced),
        item_seconds=sum(usual) / len(usual) if usual else None,
        running=sorted(elapsed, key=lambda item: -item[1]),
        by_name=add_totals({}, (decode_totals(row.totals) for row in rows if row.totals)),
        slots={row.slot: row.sequence for row in rows},
    )


def _elapsed(row: _CounterRow) -> float:
    since = row.current_since
    if since is None:
        return 0.0
    return clock.elapsed(since, machine=row.machine, offset=row.clock_offset)
