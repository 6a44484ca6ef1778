"""The items of a job as rows of the API: a page of them, all of them, how many there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jobs.items import current_items, item_object, select_items
from jobs.models import Job, Lease
from jobs.progress import numbers
from jobs.states import ItemStatus

CHUNK = 2_000

_FIELDS = (
    "pk",
    "position",
    "key",
    "status",
    "message",
    "result",
    "attempts",
    "started_at",
    "finished_at",
)

COLUMNS = ("path", "status", "message", "result", "attempts", "started_at", "finished_at")


@dataclass(frozen=True, slots=True)
class Rows:
    """The items of one status (any if empty, else one of `items.STATUSES`) whose path
    contains `search`, in the job's order. A row is a dict with the keys COLUMNS."""

    job: Job
    status: str = ""
    search: str = ""

    def page(self, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        """At most `limit` rows behind a position, and the position to go on from; None: the end.

        By position and not by number, so page 10,000 costs what page 1 costs.
        """
        found = self._read(after, limit + 1, current_items(self.job))
        rows = [row for _, row in found[:limit]]
        return rows, found[limit - 1][0] if found[limit:] else None

    def all(self) -> Iterator[dict[str, Any]]:
        """Every row, in flat memory, by short queries: no transaction lasts as long as a reader."""
        running = current_items(self.job)
        after = -1
        while found := self._read(after, CHUNK, running):
            yield from (row for _, row in found)
            after = found[-1][0]

    def count(self) -> int:
        """How many there are: known from the job's few leases, unless something is searched."""
        if self.search:
            return select_items(self.job, status=self.status, search=self.search).count()
        books = numbers(self.job, Lease.objects.tally([self.job.pk]).get(self.job.pk))
        return {
            "": books.total,
            "processed": books.processed,
            ItemStatus.PROCESSING.value: books.in_flight,
            ItemStatus.PENDING.value: books.pending,
            ItemStatus.SUCCEEDED.value: books.succeeded,
            ItemStatus.FAILED.value: books.failed,
            ItemStatus.SKIPPED.value: books.skipped,
        }[self.status]

    def _read(self, after: int, limit: int, running: set[int]) -> list[tuple[int, dict[str, Any]]]:
        """At most `limit` rows behind a position, each with its own."""
        chosen = select_items(self.job, status=self.status, search=self.search)
        # Plain tuples: a download of a million instances of the model would take three times
        # as long. They have the attributes that `item_object` reads.
        found: Any = chosen.filter(position__gt=after).values_list(*_FIELDS, named=True)[:limit]
        return [(item.position, item_object(self.job, item, running)) for item in found]
