"""The numbers of jobs, from their few lease rows."""

import uuid
from dataclasses import dataclass
from typing import Any

from jobs import gates
from jobs.prepared import adapted, read


@dataclass(slots=True)
class _Row:
    """A lease row as far as it counts."""

    job_id: Any
    number: int
    token: int | None
    fenced: bool
    sequence: int
    succeeded: int
    failed: int
    group_succeeded: int
    group_failed: int
    rate: float
    item_seconds: float
    current_item: int | None
    current_since: float | None
    key_of: int | None
    """The item that `key` is of; its worker may have started another one since."""
    key: str | None


_ROWS = """
SELECT lease.job_id, lease.number, lease.token, lease.fenced, lease.sequence,
       lease.succeeded, lease.failed, lease.group_succeeded, lease.group_failed,
       lease.rate, lease.item_seconds, lease.current_item, lease.current_since, item.id, item.key
FROM jobs_lease AS lease LEFT JOIN jobs_jobitem AS item ON item.id = lease.current_item
WHERE lease.job_id IN ({}) ORDER BY lease.number
"""
_KEYS = "SELECT id, key FROM jobs_jobitem WHERE id IN ({})"


def tally(job_ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """See `jobs.leases.LeaseQuerySet.tally`."""
    if not job_ids:
        return {}
    asked = {adapted(job_id): job_id for job_id in job_ids}
    rows = gates.fresh(lambda: [_Row(*row) for row in _select(_ROWS, list(asked))])
    _look_up_keys([row for row in rows if row.current_item != row.key_of])
    by_job: dict[uuid.UUID, list[_Row]] = {}
    for row in rows:
        by_job.setdefault(asked[row.job_id], []).append(row)
    return {job_id: _sums(found) for job_id, found in by_job.items()}


def _select(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    # By hand: a hundred pages may ask for this twice a second.
    return read(statement.format(", ".join(["%s"] * len(values))), values)


def _look_up_keys(rows: list[_Row]) -> None:
    """Of items that their workers have started since the row was written."""
    ids = [row.current_item for row in rows if row.current_item is not None]
    keys = dict(_select(_KEYS, ids)) if ids else {}
    for row in rows:
        row.key = keys.get(row.current_item)


def _sums(rows: list[_Row]) -> dict[str, Any]:
    usual = [row.item_seconds for row in rows if row.item_seconds]
    running = sorted(
        (row for row in rows if row.current_item is not None),
        key=lambda row: (row.current_since or 0.0, row.number),
    )
    held = [row for row in rows if row.token is not None]
    return {
        "succeeded": sum(row.succeeded + row.group_succeeded for row in rows),
        "failed": sum(row.failed + row.group_failed for row in rows),
        "in_flight": len(running),
        "workers": len(held),
        "rate": sum(row.rate for row in held if not row.fenced),
        "item_seconds": sum(usual) / len(usual) if usual else None,
        "running": [(row.key, row.current_since) for row in running if row.key is not None],
        "lanes": {row.number: row.sequence for row in rows},
    }
