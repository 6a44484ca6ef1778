"""Writes docs/benchmarks.md from what was found."""

from tests.bench.engines import MEASURED, STACKS
from tests.bench.goals import goals
from tests.bench.growth.report import growth
from tests.bench.numbers import Found, duration, overhead, spread, table
from tests.bench.verifying.report import verifying

KINDS = ("noop", "sha256_64k", "sha256_1m")

HEAD = """# Benchmarks

Written by `make bench`. Every number is of one run on one machine, the median of several
measurements with their range; other machines differ, so only the ratios mean much.

All have two worker processes. *noop* does nothing, so it shows the bookkeeping alone; the
other two kinds hash files that lie in the page cache. *Overhead* is what a worker spends on
an item beyond the plain loop. The queue libraries do the same bookkeeping with the Django
ORM (check the job's status before the item, record its end), send their messages before
their workers start, and use their fast settings: prefetching, no results kept, no events.
On PostgreSQL they commit asynchronously, which this engine does for the start of an item but
not for its end; one row says otherwise. Celery, RQ and Dramatiq cannot use a database as
broker: on SQLite they have Valkey beside it, and Huey a SQLite file of its own.

The cancelled job has items of 10 ms. *After* is how many of them were started after the
cancel had answered; *free* is how long the first item of the next job then waited: the
others first work off the messages of the cancelled job.
"""

LIMITS = """Each item is started by a step of its own, because that makes a cancel exact;
only claims and results are written in groups. So the bookkeeping has a floor for each item:

- On SQLite a start is a pass through a small file of the worker's own, and takes microseconds.
  Claims and results are two updates of a row and its indexes, under the one write lock that all
  workers share: with items that do nothing, more workers than two add little.
- On PostgreSQL a start is a round trip and a commit, which does not wait for the disk. Server and
  workers share the processors here. A worker alone is slower than one of two: it and its server
  process wait for each other in turn, and both processors fall asleep between.
- Around it the engine makes the item, calls the operation, checks and encodes its result and notes
  it where it outlives the process. That is Python, and takes longer where the operation has just
  filled the processor's caches, as hashing does.

From a millisecond an item on, all this can hardly be seen.

Over a job of a million *noop* items the speed is not level: see the tenths below. What it follows
is not the number of items but what the database does beside the work: SQLite copies its log into
the file, PostgreSQL cleans up behind the updates, and both processors are busy already."""


def markdown(found: Found) -> str:
    """The whole page."""
    machine = "\n".join(f"- {name}: {text}" for name, text in found["machine"].items())
    parts = [HEAD, "## The machine", machine, "## Goals", goals(found)]
    parts += ["## What limits this engine", LIMITS]
    for stack, name in STACKS.items():
        if found["engines"].get(stack):
            parts += [f"## {name}", _speed(found, stack), _cancelling(found, stack)]
    if found["skipped"]:
        parts += ["## Left out", "\n".join(f"- {line}" for line in found["skipped"])]
    parts += [*growth(found.get("growth", {})), *verifying(found.get("verify", {}))]
    return "\n\n".join(parts) + "\n"


def _speed(found: Found, stack: str) -> str:
    header = ["items per second", "noop", "overhead", "64 KiB", "overhead", "1 MiB", "overhead"]
    rows = []
    for engine in MEASURED[stack]:
        one = found["engines"][stack].get(engine)
        if one is None:
            continue
        if "rates" not in one:
            rows.append([engine, f"failed: {one['error'].splitlines()[-1]}", *[""] * 5])
            continue
        row = [one["label"]]
        for kind in KINDS:
            row.append(spread(one["rates"].get(kind)))
            row.append(duration(overhead(found, stack, engine, kind)))
        rows.append(row)
    return table(header, rows)


def _cancelling(found: Found, stack: str) -> str:
    header = ("cancelling", "answer, ms", "after", "free, s", "a job begins after, s")
    rows = []
    for engine in MEASURED[stack]:
        one = found["engines"][stack].get(engine, {})
        if cancel := one.get("cancel"):
            row = [spread(cancel["answer"], 1e3, 1), spread(cancel["after"])]
            row += [spread(cancel["free"], 1, 2), spread(cancel["begin"], 1, 2)]
            rows.append([one["label"], *row])
    return table(header, rows)
