"""The items of a job as rows of the API: a page of them, all of them, how many there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jobs.items import current_items, each_item, item_object, select_items
from jobs.models import Job, Lease
from jobs.progress import numbers
from jobs.states import ItemStatus

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
        running = current_items(self.job)
        chosen = select_items(self.job, status=self.status, search=self.search)
        found = list(chosen.filter(position__gt=after)[: limit + 1])
        shown = found[:limit]
        rows = [item_object(self.job, item, running) for item in shown]
        return rows, shown[-1].position if found[limit:] else None

    def all(self) -> Iterator[dict[str, Any]]:
        """Every row, in flat memory."""
        running = current_items(self.job)
        for item in each_item(self.job, status=self.status, search=self.search):
            yield item_object(self.job, item, running)

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
