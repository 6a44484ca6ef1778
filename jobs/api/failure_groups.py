"""Groups a job's failures by message, so that 900 equal errors read as one line."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, TypedDict

from jobs.models import Job
from jobs.operations import without_name
from jobs.states import ItemStatus

ROWS_LIMIT = 100_000
GROUPS_LIMIT = 100
_CHUNK = 5_000


class FailureGroup(TypedDict):
    message: Annotated[str, "“…” stands for the item's own name."]
    count: int
    example: Annotated[str, "The path of the first item with this message."]


class Failures(TypedDict):
    failures: Annotated[list[FailureGroup], "The most frequent first, at most 100."]
    looked_at: Annotated[int, "Failed items that were counted, at most 100,000."]
    complete: Annotated[bool, "Every failure was counted and every group is here."]


def grouped_failures(job: Job) -> Failures:
    """The failures of a job by message: at most GROUPS_LIMIT, of at most ROWS_LIMIT items."""
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
        FailureGroup(
            message=shared if count > 1 else first[shared][0], count=count, example=first[shared][1]
        )
        for shared, count in counts.most_common(GROUPS_LIMIT)
    ]
    complete = next(failed, None) is None and len(counts) <= GROUPS_LIMIT
    return {"failures": groups, "looked_at": looked_at, "complete": complete}


def _failed(job: Job) -> Iterator[tuple[str, str]]:
    """Message and key of each failed item, read page by page."""
    rows = job.items.by_status(ItemStatus.FAILED).values_list("position", "message", "key")
    after = -1
    while page := list(rows.filter(position__gt=after)[:_CHUNK]):
        yield from ((message, key) for _, message, key in page)
        after = page[-1][0]
