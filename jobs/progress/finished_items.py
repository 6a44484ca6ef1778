"""What was processed since the last call: each item exactly once, in small portions."""

from uuid import UUID

from jobs import backends
from jobs.backends.base import FinishedRow
from jobs.exceptions import BadCursor

ITEMS_LIMIT = 500
"""Finished items of one answer."""

CURSOR_LENGTH = 7_000
"""Characters of a cursor: the web server takes request lines of about 8,000."""


def finished_items(
    job_id: UUID, cursor: str, slots: dict[int, int]
) -> tuple[list[FinishedRow], str]:
    """What was processed since the call that returned `cursor`, and the cursor for the next call.

    A cursor has one number for each slot: how many of its finished items were read. Each slot
    numbers its items without gaps in the order of its commits, so a late commit is never passed
    over, whatever the number of workers. `""` and `"0"` start from the beginning. At most
    ITEMS_LIMIT items; the rest comes with the next call. Raises BadCursor.

    `slots`: how many items each slot has ever finished, by its number (`JobTotals.slots`).
    """
    backend = backends.current()
    seen = _parse(cursor)
    items: list[FinishedRow] = []
    for slot, sequence in slots.items():
        room = ITEMS_LIMIT - len(items)
        if sequence <= seen.get(slot, 0) or not room:
            continue
        found, last = backend.finished_items(job_id, slot, seen.get(slot, 0), sequence, room)
        items += found
        # Numbers may be missing: a retry has taken some items back.
        seen[slot] = last if len(found) == room else sequence
    highest = max(seen, default=0)
    return items, ".".join(str(seen.get(slot, 0)) for slot in range(1, highest + 1)) or "0"


def _parse(cursor: str) -> dict[int, int]:
    if not cursor:
        return {}
    if len(cursor) > CURSOR_LENGTH:
        raise BadCursor
    try:
        seen = {slot: int(part) for slot, part in enumerate(cursor.split("."), 1)}
    except ValueError:
        raise BadCursor from None
    if min(seen.values()) < 0:
        raise BadCursor
    return {slot: sequence for slot, sequence in seen.items() if sequence}
