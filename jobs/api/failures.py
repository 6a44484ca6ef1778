"""Groups a job's failures by message, so that 900 equal errors read as one line."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from jobs.models import Job, JobItem
from jobs.states import ItemStatus

ROWS_LIMIT = 100_000
GROUPS_LIMIT = 100
CHUNK = 5_000
_FIELDS = ("position", "message", "key")
ELLIPSIS = "…"


def grouped_failures(job: Job) -> dict[str, Any]:
    """{"failures": [{"message", "count", "example"}], "looked_at", "complete"}.

    The most frequent message first, at most GROUPS_LIMIT of them, from at most ROWS_LIMIT
    failed items. In a message that several items share, `…` stands for the item's name.
    """
    counts: Counter[str] = Counter()
    first: dict[str, tuple[str, str]] = {}
    looked_at = 0
    failed = _failed(job)
    for message, key in islice(failed, ROWS_LIMIT):
        looked_at += 1
        shared = without_name(message, key)
        counts[shared] += 1
        first.setdefault(shared, (message, key))
    groups = [
        {
            "message": shared if count > 1 else first[shared][0],
            "count": count,
            "example": first[shared][1],
        }
        for shared, count in counts.most_common(GROUPS_LIMIT)
    ]
    complete = next(failed, None) is None and len(counts) <= GROUPS_LIMIT
    return {"failures": groups, "looked_at": looked_at, "complete": complete}


def _failed(job: Job) -> Iterator[tuple[str, str]]:
    """Message and key of each failed item, by short queries."""
    items = JobItem.objects.filter(job=job, status=ItemStatus.FAILED).order_by("position")
    after = -1
    while rows := list(items.filter(position__gt=after).values_list(*_FIELDS)[:CHUNK]):
        yield from ((message, key) for _, message, key in rows)
        after = rows[-1][0]


def without_name(message: str, key: str) -> str:
    """The message with the item's path, then with its bare name, replaced by an ellipsis."""
    return _replace(_replace(message, key), key.rpartition("/")[2])


def _replace(message: str, name: str) -> str:
    """Replaces whole names only: a file called “a” must not take the letters out of words."""
    if not name:
        return message
    parts, start = [], 0
    while (found := message.find(name, start)) >= 0:
        end = found + len(name)
        touches = message[found - 1 : found].isalnum() or message[end : end + 1].isalnum()
        parts += [message[start:found], name if touches else ELLIPSIS]
        start = end
    return "".join([*parts, message[start:]])
