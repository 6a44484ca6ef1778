"""What was processed since somebody last asked: each item exactly once, in small portions."""

from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from jobs.exceptions import BadCursor
from jobs.prepared import adapted, read

ITEMS_LIMIT = 500
"""Finished items of one answer."""


def items_up_to(
    job_id: UUID, cursor: str, lanes: dict[int, int]
) -> tuple[list[dict[str, Any]], str]:
    """What was processed since the cursor was given out, and the cursor for the next call.

    A cursor is one number a lane: how many of its finished items were told. Each lane
    numbers them without gaps in the order of its commits, so nobody's late commit can be
    passed over, whatever the number of workers. `""` and `"0"` start from the beginning.
    At most ITEMS_LIMIT items; the rest comes with the next call. Raises BadCursor.

    `lanes`: how many items each lane has ever finished, by its number, as of a tally.
    """
    told = _parse(cursor)
    items: list[dict[str, Any]] = []
    for lane, sequence in lanes.items():
        room = ITEMS_LIMIT - len(items)
        if sequence <= told.get(lane, 0) or not room:
            continue
        # Not beyond what the lane had when we asked: what it finishes now comes next time.
        found, last = _finished(job_id, lane, told.get(lane, 0), sequence, room)
        items += found
        # Numbers may be missing: a retry has taken some items back.
        told[lane] = last if len(found) == room else sequence
    highest = max(told, default=0)
    return items, ".".join(str(told.get(lane, 0)) for lane in range(1, highest + 1)) or "0"


def _finished(
    job_id: UUID, lane: int, told: int, sequence: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """What a lane has finished after `told`, and the number of the last of it."""
    values = [adapted(job_id), lane, told, sequence, limit]
    # By hand: a hundred pages may ask for this twice a second.
    if connection.vendor != "sqlite":
        rows = read(_FINISHED, values)
        found = [{"path": key, "status": how, "message": text} for key, how, text, _ in rows]
        return found, rows[-1][3] if rows else told
    ((text, last),) = read(_FINISHED_AT_ONCE, values)
    return orjson.loads(text), last or told


_FINISHED = """
SELECT key, status, message, sequence FROM jobs_jobitem
WHERE job_id = %s AND lane = %s AND sequence > %s AND sequence <= %s
ORDER BY sequence LIMIT %s
"""
# sqlite3 lets go of the interpreter for each row. With a hundred pages that read some hundred
# rows each, the server's threads would do little but hand it to each other.
_FINISHED_AT_ONCE = """
SELECT json_group_array(json_object('path', key, 'status', status, 'message', message)),
    max(sequence)
FROM (
    SELECT key, status, message, sequence FROM jobs_jobitem
    WHERE job_id = %s AND lane = %s AND sequence > %s AND sequence <= %s
    ORDER BY sequence LIMIT %s
)
"""


def _parse(cursor: str) -> dict[int, int]:
    if not cursor:
        return {}
    try:
        told = {lane: int(part) for lane, part in enumerate(cursor.split("."), 1)}
    except ValueError:
        raise BadCursor from None
    if min(told.values()) < 0:
        raise BadCursor
    return {lane: sequence for lane, sequence in told.items() if sequence}
