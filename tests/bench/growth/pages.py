"""What it costs that 1, 10 and 100 pages watch one job while two workers run it.

The real web server, as it is served to others: debug off, and each page shows a token of the
person who has started the job. So what all pages ask is the same, as with one person's tabs
or one team's account; pages of different people share less. The pages' own program
(`watchers`) runs on the same processors as everything else.
"""

import json
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.contrib.auth import get_user_model

from jobs import services
from jobs.models import Job
from jobs.progress import status_object
from tests.bench.engines.batchsite import Batchsite
from tests.bench.engines.orm import PYTHON
from tests.bench.processes import Workers, wait_for
from tests.bench.sizes import Sizes

WORKS = {"waits": ("wait", 250), "hashes": ("sha256", 5_000)}
"""Jobs whose items wait 10 ms, or hash a file of 1 MiB, which takes all processors; and more
items a second than two workers do of it."""

EARLIER_SECONDS = 5
"""How long the job may have run before all pages are open."""


def measure(sizes: Sizes) -> dict[str, Any]:
    """By kind of job and number of pages: `watchers.summary`, and with it `rate`, the job's
    items per second meanwhile."""
    engine = Batchsite(settings.DATA_DIR, 2)
    try:
        engine.open()
        user = get_user_model().objects.create_user("bench")
        watched = Watched(engine, _serve(engine), user, sizes.watched_seconds)
        return {
            kind: {str(pages): watched.by(pages, kind) for pages in sizes.pages} for kind in WORKS
        }
    finally:
        engine.close()


def _serve(engine: Batchsite) -> int:
    """Start the web server on a free port of the loopback address."""
    Path(settings.LIBRARY_ROOT).mkdir(exist_ok=True)  # without one the site is not healthy
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [PYTHON, "-m", "gunicorn", "-c", settings.GUNICORN_CONFIG]
    engine.workers.start([*command, "--bind", f"127.0.0.1:{port}"])

    def answers() -> bool:
        engine.workers.check()
        with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/health", timeout=30):
            return True
        return False

    wait_for(answers, "the web server answers", pause=0.05)
    return port


class Watched:
    """Jobs of one person, whose pages watch them for this time."""

    def __init__(self, engine: Batchsite, port: int, user: Any, seconds: float) -> None:
        self.engine = engine
        self.port = port
        self.user = user
        self.token = services.create_token(user, name="bench")[0]
        self.seconds = seconds

    def by(self, pages: int, kind: str) -> dict[str, float]:
        """A job of its own for each measurement, so that the pages have little to catch up with."""
        job = self._start(*WORKS[kind])
        wait_for(lambda: _processed(job) > 0, "the job has begun")
        before, since = _processed(job), time.monotonic()
        found = self._look_on(job, pages)
        rate = (_processed(job) - before) / (time.monotonic() - since)
        self.engine.workers.check()
        job.refresh_from_db(fields=["status"])
        if job.status != "processing":
            raise RuntimeError(f"the watched job is {job.status} already")
        self.engine.cancel(job)
        wait_for(lambda: self.engine.is_done(job), "the job has ended")
        return {**found, "rate": rate}

    def _start(self, work: str, most: int) -> Job:
        source = str(self.engine.folder / "files" / "1m") if work == "sha256" else ""
        count = int(most * (EARLIER_SECONDS + self.seconds))
        parameters = {"kind": work, "count": count, "source": source}
        return services.start_job(
            "bench", parameters=parameters, actor=services.Actor(user=self.user)
        )

    def _look_on(self, job: Job, pages: int) -> dict[str, float]:
        out = self.engine.folder / f"watched-{job.pk}.json"
        given = [str(one) for one in (self.port, job.pk, self.token, pages, self.seconds, out)]
        watchers = Workers(self.engine.folder)
        try:
            watchers.start([PYTHON, "-m", "tests.bench.growth.watchers", *given])
            failed = watchers.started[0].wait(self.seconds + 60)
        finally:
            watchers.stop()
        if failed:
            raise RuntimeError(f"the pages have failed:\n{watchers.log.read_text()[-2000:]}")
        found: dict[str, float] = json.loads(out.read_text())
        return found


def _processed(job: Job) -> int:
    return status_object(Job.objects.get(pk=job.pk)).progress.processed
