"""Groups a job's failures by message, so that 900 equal errors read as one line."""

from collections import Counter
from itertools import islice
from typing import Any

from jobs.api.rows import Rows
from jobs.models import Job
from jobs.states import ItemStatus

ROWS_LIMIT = 100_000
GROUPS_LIMIT = 100
ELLIPSIS = "…"


def grouped_failures(job: Job) -> dict[str, Any]:
    """{"failures": [{"message", "count", "example"}], "looked_at", "complete"}.

    The most frequent message first, at most GROUPS_LIMIT of them, from at most ROWS_LIMIT
    failed items. In a message that several items share, `…` stands for the item's name.
    """
    counts: Counter[str] = Counter()
    first: dict[str, tuple[str, str]] = {}
    looked_at = 0
    failed = Rows(job, status=ItemStatus.FAILED.value).all()
    for row in islice(failed, ROWS_LIMIT):
        looked_at += 1
        shared = without_name(row["message"], row["path"])
        counts[shared] += 1
        first.setdefault(shared, (row["message"], row["path"]))
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
