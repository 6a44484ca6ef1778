"""What the test operations write down: one line for each start and each end of an item.

The file is opened for appending and each line is one write, so lines of several processes
never mix; times are of CLOCK_MONOTONIC, which all processes of the machine share. A process that
is killed in a write, where a page of the file ends, leaves a part of a line. It counts as killed
before the write.

While an item runs, a lock of its own is held. The kernel frees it when the process ends,
however that happens. A start of an item whose lock is taken is written as `clash`: two
workers ran it at once.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jobs.operations import Item

VARIABLE = "BATCHSITE_TEST_JOURNAL"
_COMPLETE = "\t."


@dataclass(frozen=True, slots=True)
class Line:
    """`what` is start, end or clash; `at` in seconds of the monotonic clock."""

    what: str
    at: float
    pid: int
    job: str
    key: str
    attempt: int


@contextmanager
def written(item: Item) -> Iterator[None]:
    """Writes the start of the item, and its end if the process lives to see it."""
    path = os.environ.get(VARIABLE)
    if not path:
        yield
        return
    lock = f"{path}.locks/{item.job_id}-{quote(item.key, safe='')[-150:]}"
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _write(path, "clash", item)
        _write(path, "start", item)
        yield
    finally:
        _write(path, "end", item)
        os.close(descriptor)


def prepare(path: Path) -> None:
    """Make the folder of the locks."""
    Path(f"{path}.locks").mkdir(exist_ok=True)


def let_go_file(path: Path, job_id: object) -> Path:
    """What the items of a job that wait for the test wait for."""
    return Path(f"{path}.go-{job_id}")


def read(path: Path, job_id: object = "") -> list[Line]:
    """All lines, or those of one job."""
    if not path.exists():
        return []
    # Others are not even taken apart: after a race of many jobs these are a hundred thousand.
    wanted = f"\t{job_id}\t" if job_id else "\t"
    lines = []
    for text in path.read_text().splitlines():
        if wanted in text and text.endswith(_COMPLETE):
            what, at, pid, job, key, attempt, _ = text.split("\t")
            lines.append(Line(what, float(at), int(pid), job, key, int(attempt)))
    return lines


def _write(path: str, what: str, item: Item) -> None:
    key = item.key.replace("\t", " ").replace("\n", " ")
    fields = (what, f"{time.monotonic():.6f}", os.getpid(), item.job_id, key, item.attempt)
    # The first line break ends what a killed process may have left.
    line = "\n" + "\t".join(map(str, fields)) + _COMPLETE + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
