"""Checks that hold for every job on every database: the invariants of the contract."""

from collections import Counter
from typing import Any

from jobs.models import Job, JobItem, Lease
from jobs.progress import items_after
from tests.support.site import Site
from tests.support.waiting import wait_until


def adds_up(progress: dict[str, Any]) -> bool:
    """succeeded + failed + in_flight + pending + skipped == total, none of them negative."""
    parts = [progress[name] for name in ("succeeded", "failed", "in_flight", "pending", "skipped")]
    return sum(parts) == progress["total"] and min(parts) >= 0


def check_books(site: Site, job: Job) -> dict[str, Any]:
    """The numbers of a job at rest agree with its items, counted one by one; the numbers."""
    # The last worker says that the job is done a moment before it goes.
    wait_until(lambda: not Lease.objects.held().filter(job=job).exists(), what="nobody holds it")
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
    assert items.filter(claim__isnull=False).count() == 0
    positions = items.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(progress["total"]))
    return found


def check_runs(site: Site, job: Job) -> Counter[str]:
    """No item was run by two workers at once; how often each key was started."""
    lines = site.lines(job)
    assert [line for line in lines if line.what == "clash"] == []
    starts = Counter(line.key for line in lines if line.what == "start")
    ended = JobItem.objects.filter(job=job, status="succeeded").values_list("key", flat=True)
    assert [key for key in ended if not starts[key]] == []
    return starts


class Reader:
    """Somebody who polls a job with the cursor, as the page does."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.cursor = ""
        self.items: list[dict[str, Any]] = []

    def read(self) -> int:
        """One call; how many items it told."""
        found, self.cursor = items_after(self.job, self.cursor)
        self.items += found
        return len(found)

    def read_all(self) -> list[str]:
        """Read until there is nothing new; the paths of all that were told."""
        while self.read():
            continue
        return [item["path"] for item in self.items]
