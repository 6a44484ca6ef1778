"""Jobs of a thousand to a million items: making, running, the room they take, pruning."""

import time
from typing import Any

from django.conf import settings

from jobs import services
from jobs.models import Job, JobItem
from tests.bench.engines.batchsite import Batchsite
from tests.bench.growth.disk import database_bytes, free_space, reuse
from tests.bench.growth.memory import PeakMemory
from tests.bench.processes import wait_for
from tests.bench.sizes import Sizes
from tests.bench.work import Work

EDGE = 10_000
"""How many of the first and of the last items are measured separately."""


def measure(sizes: Sizes) -> dict[str, Any]:
    """`jobs`: one entry a size; `bytes`: of the database, see `_pruned`."""
    engine = Batchsite(settings.DATA_DIR, 2)
    counts = [count for power in (3, 4, 5, 6) if (count := 10**power) <= sizes.million]
    try:
        engine.open()
        before = database_bytes()
        jobs = [_one(engine, count) for count in counts]
    finally:
        engine.close()
    return {"jobs": jobs, "bytes": _pruned(before, sum(counts))}


def _one(engine: Batchsite, count: int) -> dict[str, Any]:
    """Seconds until the call answers and until all items are there; the most memory that a
    process had until then, in bytes; items per second over all, and of ten equal parts."""
    with PeakMemory(engine.workers) as memory:
        since = time.monotonic()
        job = engine.submit(Work("noop", count))
        answered = time.monotonic() - since
        wait_for(lambda: Job.objects.get(pk=job.pk).prepared, "the job is prepared")
        prepared = time.monotonic() - since
    wait_for(lambda: engine.is_done(job), "the job has ended", seconds=600, pause=0.1)
    return {
        "items": count,
        "answered": answered,
        "prepared": prepared,
        "memory": memory.peak_bytes,
        "rate": _rate(job, 0, count),
        "parts": [_rate(job, count * part // 10, count * (part + 1) // 10) for part in range(10)],
        "first": _rate(job, 0, min(EDGE, count)),
        "last": _rate(job, max(0, count - EDGE), count),
    }


def _rate(job: Job, first: int, end: int) -> float:
    """Items per second between two positions; workers take the items in order."""
    items = JobItem.objects.filter(job=job, position__in=(first, end - 1))
    low, high = (item.finished_at for item in items.order_by("position"))
    assert low is not None
    assert high is not None
    return (end - 1 - first) / max(1e-6, (high - low).total_seconds())


def _pruned(before: int, items: int) -> dict[str, float]:
    """Bytes of the database: `before` the `items`, `with` them, `pruned` (the file keeps its
    size, and new rows go into the room that is free), and `compact` after a VACUUM."""
    found: dict[str, float] = {"items": items, "before": before, "with": database_bytes()}
    since = time.monotonic()
    services.prune_jobs(older_than_days=0)
    found["prune_seconds"] = time.monotonic() - since
    reuse()
    found["pruned"] = database_bytes()
    free_space()
    found["compact"] = database_bytes()
    return found
