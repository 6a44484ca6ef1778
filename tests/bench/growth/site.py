"""The whole site, as `make run` starts it: how soon it is there again, and what it takes idle.

And how long a job of one item takes, from the request that makes it to its end.
"""

import http.client
import json
import random
import socket
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from tests.bench.engines.orm import PYTHON
from tests.bench.processes import Workers, wait_for
from tests.bench.sizes import Sizes

STEADY = 0.005
"""Memory has settled when it changes by less than this part within half a second."""

WARM_PAUSE_SECONDS = 0.5
COLD_PAUSE_SECONDS = 4.0
"""After this pause no worker waits for another job any more."""


def measure(sizes: Sizes) -> dict[str, Any]:
    """Each a list, except `processes`, their number.

    start    seconds from the start of the command to a good `/health`; database and library exist
    pss      bytes of memory of all processes, shared pages counted in parts
    cold     seconds from the request to the end of a job of one item, all workers at rest
    warm     the same with up to half a second between two such jobs
    """
    Path(settings.LIBRARY_ROOT).mkdir(exist_ok=True)
    found: dict[str, Any] = {"start": [], "pss": []}
    for _ in range(sizes.runs):
        with closing(Site()) as site:
            found["start"].append(site.started())
            found["pss"].append(site.idle_bytes())
            found["processes"] = len(site.processes())
    with closing(Site()) as site:
        site.started()
        site.job_seconds()  # the web server has loaded what a job needs
        found["cold"] = site.jobs(sizes.of(10, least=2), COLD_PAUSE_SECONDS, COLD_PAUSE_SECONDS)
        found["warm"] = site.jobs(sizes.of(40, least=5), 0.0, WARM_PAUSE_SECONDS)
    return found


class Site:
    """`manage.py serve` on a free port."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.programs = Workers(settings.DATA_DIR)
        self.since = time.monotonic()
        self.programs.start(
            [PYTHON, str(settings.BASE_DIR / "manage.py"), "serve"],
            PORT=str(self.port),
            DJANGO_DEBUG="true",
        )

    def close(self) -> None:
        self.programs.stop()

    def started(self) -> float:
        """Wait for a good `/health`; seconds since the start."""

        def is_good() -> bool:
            self.programs.check()
            with suppress(OSError, http.client.HTTPException):
                return self.ask("GET", "/health")[0] == 200
            return False

        wait_for(is_good, "the site is healthy", pause=0.01)
        return time.monotonic() - self.since

    def processes(self) -> list[psutil.Process]:
        (program,) = self.programs.started
        main = psutil.Process(program.pid)
        return [main, *main.children(recursive=True)]

    def idle_bytes(self) -> int:
        """Wait until the memory has settled; its sum."""
        last = 0

        def settled() -> int:
            nonlocal last
            time.sleep(0.5)
            now = sum(_pss(process.pid) for process in self.processes())
            before, last = last, now
            return now if abs(now - before) < STEADY * now else 0

        return wait_for(settled, "the memory has settled", pause=0.0)

    def jobs(self, count: int, least: float, most: float) -> list[float]:
        """So many jobs of one item, with a pause of these seconds before each."""
        found = []
        for _ in range(count):
            time.sleep(random.uniform(least, most))  # not in step with any poll
            found.append(self.job_seconds())
        return found

    def job_seconds(self) -> float:
        wanted = {"operation": "bench", "parameters": {"kind": "noop", "count": 1, "source": ""}}
        since = time.monotonic()
        status, job = self.ask("POST", "/api/jobs", json.dumps(wanted))
        if status != 201:
            raise RuntimeError(f"no job was made: {job}")
        path = f"/api/jobs/{job['id']}"
        wait_for(
            lambda: self.ask("GET", path)[1]["status"] == "completed",
            "the job is completed",
            pause=0.002,
        )
        return time.monotonic() - since

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, Any]:
        """Status and decoded body of an answer."""
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(web):
            web.request(method, path, body, {"Content-Type": "application/json"})
            answer = web.getresponse()
            return answer.status, json.loads(answer.read())


def _pss(pid: int) -> int:
    """The proportional set size in bytes; 0 for a process that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
