"""Jobs over library files, and how long status, cancel, pause and resume take.

The same is asked of a job of ten items and of one of a million while four workers run it.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from jobs import services
from jobs.exceptions import JobsError
from jobs.models import Job, Lease
from jobs.progress import Status, status_object
from tests.bench.engines.batchsite import Batchsite, index_missing
from tests.bench.growth.memory import PeakMemory
from tests.bench.processes import wait_for
from tests.bench.sizes import Sizes

ACTOR = services.Actor()
TIMES = 15


def measure(sizes: Sizes) -> dict[str, Any]:
    """Seconds of the calls by size of the job, and of the making of the largest."""
    engine = Batchsite(settings.DATA_DIR, 4)
    try:
        engine.open()
        index_missing(sizes.million)
        found = {"10": _asked(_few(10)), **_large(engine, sizes)}
    finally:
        engine.close()
    return found


def _few(count: int) -> Callable[[], Job]:
    files = [f"{number:07}.bin" for number in range(count)]
    return lambda: services.start_job("bench_wait", files=files, actor=ACTOR)


def _large(engine: Batchsite, sizes: Sizes) -> dict[str, Any]:
    with PeakMemory(engine.workers) as memory:
        since = time.monotonic()
        job = services.start_job("bench_wait", all=True, actor=ACTOR)
        answered = time.monotonic() - since
        wait_for(lambda: Job.objects.get(pk=job.pk).prepared, "the job is prepared")
        prepared = time.monotonic() - since
    making = {"answered": answered, "prepared": prepared, "memory": memory.peak_bytes}
    calls = _asked(lambda: job)
    return {"making": {"items": sizes.million, **making}, str(sizes.million): calls}


def _asked(job_of: Callable[[], Job]) -> dict[str, list[float]]:
    """The four calls, many times: a job that has ended meanwhile is followed by another."""
    found: dict[str, list[float]] = {"status": [], "pause": [], "resume": [], "cancel": []}
    for _ in range(2 * TIMES):
        job = job_of()
        if Job.objects.get(pk=job.pk).status == "cancelled":
            services.resume_job(job.pk, actor=ACTOR)
        held = Lease.objects.held().filter(job=job)
        at_work = held.filter(current_item__isnull=False)
        ended = Job.objects.filter(pk=job.pk, status="completed")
        wait_for(partial(_any, at_work, ended), "it runs")
        with suppress(JobsError):  # all of it ended between two calls
            for call, seconds in _round(job.pk).items():
                found[call].append(seconds)
        wait_for(partial(_none, held), "its workers are free")
        if len(found["cancel"]) == TIMES:
            return found
    raise TimeoutError(f"of {2 * TIMES} jobs too many ended before they could be cancelled")


def _round(job_id: UUID) -> dict[str, float]:
    """Seconds of each call. Raises JobsError if the job has ended."""
    return {
        "status": _timed(_status, job_id),
        "pause": _timed(services.pause_job, job_id, actor=ACTOR),
        "resume": _timed(services.resume_job, job_id, actor=ACTOR),
        "cancel": _timed(services.cancel_job, job_id, actor=ACTOR),
    }


def _status(job_id: UUID) -> Status:
    return status_object(Job.objects.get(pk=job_id))


def _any(*found: QuerySet[Any]) -> bool:
    return any(rows.exists() for rows in found)


def _none(rows: QuerySet[Any]) -> bool:
    return not rows.exists()


def _timed(call: Callable[..., Any], *arguments: Any, **more: Any) -> float:
    since = time.perf_counter()
    call(*arguments, **more)
    return time.perf_counter() - since
