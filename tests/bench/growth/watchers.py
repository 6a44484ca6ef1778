"""Pages that watch one job, all in one asyncio program, so that they cost little themselves.

    python -m tests.bench.growth.watchers PORT JOB TOKEN PAGES SECONDS OUT

Writes the `summary` as JSON. Imports no Django, so that it has begun soon.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

import orjson

from tests.bench.numbers import percentile

PACE_SECONDS = 0.5
"""An open page waits this long after an answer: INTERVAL_MS of progress-controller.js."""

FULL_ANSWER = 500
"""This many items mean that more are waiting: as in static/js/api/job-feed.js."""

Answer = tuple[float, float, int]
"""When it was asked for, in seconds since the beginning; how many it took; bytes of its body."""


class Page:
    """Asks for the job as static/js/api/job-feed.js and job-poller.js do."""

    def __init__(self, job: str, token: str) -> None:
        self.job = job
        self.token = token
        self.cursor = ""
        self.etag: str | None = None

    def request(self) -> bytes:
        lines = [
            f"GET /api/jobs/{self.job}?after={quote(self.cursor)} HTTP/1.1",
            "Host: 127.0.0.1",
            "Accept: application/json",
            f"Authorization: Token {self.token}",
        ]
        if self.etag:
            lines.append(f"If-None-Match: {self.etag}")
        return "\r\n".join([*lines, "", ""]).encode()

    def answered(self, status: int, etag: str, body: bytes) -> float:
        """Seconds until the next request. Raises RuntimeError for any error."""
        if status == 304:
            return PACE_SECONDS
        if status != 200:
            raise RuntimeError(f"{status}: {body[:500]!r}")
        # Not by the json module: what it takes for one page would hold up the others here.
        found: dict[str, Any] = orjson.loads(body)
        # An ETag speaks for one address: with another cursor the old one says nothing.
        self.etag = etag if found["cursor"] == self.cursor else None
        self.cursor = found["cursor"]
        return 0.0 if len(found["items"]) >= FULL_ANSWER else PACE_SECONDS


async def watch(page: Page, port: int, delay: float, seconds: float) -> list[Answer]:
    """Looks on over one connection, from `delay` until `seconds` from now."""
    since = perf_counter()
    answers: list[Answer] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024 * 1024)
    while perf_counter() + delay < since + seconds:
        await asyncio.sleep(delay)
        asked = perf_counter()
        writer.write(page.request())
        status, etag, body = await _answer(reader)
        answers.append((asked - since, perf_counter() - asked, len(body)))
        delay = page.answered(status, etag, body)
    writer.close()
    return answers


async def _answer(reader: asyncio.StreamReader) -> tuple[int, str, bytes]:
    """Status, ETag and body."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    status, headers = int(first.split()[1]), {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = 0 if status == 304 else int(headers["content-length"])
    return status, headers.get("etag", ""), await reader.readexactly(length)


async def watch_all(port: int, job: str, token: str, pages: int, seconds: float) -> list[Answer]:
    """So many pages, opened evenly over the time in which each asks once."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(watch(Page(job, token), port, PACE_SECONDS * number / pages, seconds))
            for number in range(pages)
        ]
    return [answer for task in tasks for answer in task.result()]


def summary(answers: Sequence[Answer], seconds: float) -> dict[str, float]:
    """Requests per second; `p50`, `p95` and `p99` of the seconds to an answer; mean `bytes`.

    Without what was asked in the first eighth of the time: there the pages catch up with what
    the job has done so far, and the server loads what it has not used yet.
    """
    counted = [answer for answer in answers if answer[0] >= seconds / 8]
    times = [took for _, took, _ in counted]
    return {
        "requests": len(counted) / (seconds * 7 / 8),
        **{f"p{percent}": percentile(times, percent) for percent in (50, 95, 99)},
        "bytes": sum(size for *_, size in counted) / len(counted),
    }


def main(port: str, job: str, token: str, pages: str, seconds: str, out: str) -> None:
    answers = asyncio.run(watch_all(int(port), job, token, int(pages), float(seconds)))
    Path(out).write_text(json.dumps(summary(answers, float(seconds))))


if __name__ == "__main__":
    main(*sys.argv[1:])
