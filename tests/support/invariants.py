"""Checks that hold for every job on every database: the invariants of the contract."""

from collections import Counter
from typing import Any

from jobs.backends import FinishedRow
from jobs.models import Job, JobItem, Lease
from jobs.progress import items_after
from tests.support.site import Site
from tests.support.waiting import wait_until


def adds_up(progress: dict[str, Any]) -> bool:
    """succeeded + failed + in_flight + pending + skipped == total, none of them negative."""
    parts = [progress[name] for name in ("succeeded", "failed", "in_flight", "pending", "skipped")]
    return sum(parts) == progress["total"] and min(parts) >= 0


def check_totals(site: Site, job: Job) -> dict[str, Any]:
    """Check the numbers of a stopped job against its items, counted one by one; its status."""
    # The last worker completes the job a moment before it releases its lease.
    wait_until(lambda: not Lease.objects.held().filter(job=job).exists(), what="no lease is held")
    found = site.status(job)
    progress = found["progress"]
    assert adds_up(progress), progress
    items = JobItem.objects.filter(job=job)
    counts = Counter(items.values_list("status", flat=True))
    assert counts["succeeded"] == progress["succeeded"], (counts, progress)
    assert counts["failed"] == progress["failed"], (counts, progress)
    assert counts["processing"] == 0 == progress["in_flight"], (counts, progress)
    open_items = progress["pending"] + progress["skipped"]
    assert counts["pending"] + counts["skipped"] == open_items, (counts, progress)
    assert items.filter(lease_token__isnull=False).count() == 0
    positions = items.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(progress["total"]))
    return found


def check_runs(site: Site, job: Job) -> Counter[str]:
    """Check that no two workers ran an item at once; the number of starts of each key."""
    lines = site.lines(job)
    assert [line for line in lines if line.what == "clash"] == []
    starts = Counter(line.key for line in lines if line.what == "start")
    ended = JobItem.objects.filter(job=job, status="succeeded").values_list("key", flat=True)
    assert [key for key in ended if not starts[key]] == []
    return starts


class Reader:
    """Polls a job with the cursor, as the page does."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.cursor = ""
        self.items: list[FinishedRow] = []

    def read(self) -> int:
        """One call; the number of new items."""
        found, self.cursor = items_after(self.job, self.cursor)
        self.items += found
        return len(found)

    def read_all(self) -> list[str]:
        """Read until there is nothing new; the paths of all items so far."""
        while self.read():
            continue
        return [item["path"] for item in self.items]
