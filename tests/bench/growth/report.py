"""The growth tables of docs/benchmarks.md."""

from statistics import median
from typing import Any

from tests.bench.engines import STACKS
from tests.bench.numbers import duration, size, spread, table

Part = dict[str, Any]

EDGE = 10_000


def growth(found: dict[str, dict[str, Part]]) -> list[str]:
    """Sections as Markdown."""
    sections = []
    for stack, parts in found.items():
        database = STACKS[stack].partition(" + ")[0]
        if "start" in parts.get("site", {}):
            sections += [f"## The whole site on {database}", _site(parts["site"])]
        for name in ("workers", "clusters"):
            if "noop" in parts.get(name, {}):
                sections += [f"## More {name} on {database}", _workers(name, parts[name])]
        if "jobs" in parts.get("items", {}):
            sections += [f"## More items on {database}", _items(parts["items"]["jobs"])]
            sections.append(_bytes(parts["items"]["bytes"]))
        if "making" in parts.get("library", {}):
            sections += [f"## Calls by size of the job on {database}", _calls(parts["library"])]
        if "waits" in parts.get("pages", {}):
            sections += [f"## Pages that watch a job on {database}", _pages(parts["pages"])]
    return sections


def _site(part: Part) -> str:
    header = ("the site with two workers, as `make run` starts it", "median and range")
    rows = [
        ["started again: seconds to a good `/health`", spread(part["start"], 1, 2)],
        [f"idle memory of its {part['processes']} processes, MB", spread(part["pss"], 1e-6)],
        ["job of one item after a pause, request to end, ms", spread(part["cold"], 1e3)],
        ["job of one item soon after another, ms", spread(part["warm"], 1e3)],
    ]
    note = (
        "Memory is the sum of PSS, which counts a page that n processes share as one n-th of a "
        "page in each. A worker waits for another job for `JOBS_LINGER_SECONDS` after the last."
    )
    return f"{table(header, rows)}\n\n{note}"


def _workers(name: str, part: Part) -> str:
    header = (name, "noop, items/s", "share lost", "10 ms items, items/s", "share lost")
    rows = []
    for count in part["noop"]:
        row = [count]
        for kind in ("noop", "wait"):
            rates = part[kind][count]
            ideal = int(count) * median(part[kind]["1"])
            row += [spread(rates), f"{100 * (1 - median(rates) / ideal):.0f} %"]
        rows.append(row)
    note = "*Share lost* is against so many times the speed of one"
    return f"{table(header, rows)}\n\n{note}; noop items also need the processors themselves."


def _items(jobs: list[Part]) -> str:
    header = ("items", "call", "all made", "most memory", "items/s", "first", "last", "tenths")
    rows = [
        [
            f"{job['items']:,}",
            duration(job["answered"]),
            duration(job["prepared"]),
            size(job["memory"]),
            f"{job['rate']:,.0f}",
            f"{job['first']:,.0f}",
            f"{job['last']:,.0f}",
            f"{min(job['parts']):,.0f}–{max(job['parts']):,.0f}" if job["items"] > EDGE else "–",
        ]
        for job in jobs
    ]
    note = f"*First* and *last* are the first and last {EDGE:,} items, *tenths* ten equal parts."
    return f"{table(header, rows)}\n\n{note}"


def _bytes(part: Part) -> str:
    per_million = (part["with"] - part["before"]) * 1e6 / part["items"]
    return (
        f"A million finished items take {size(per_million)} with their indexes. Pruning "
        f"{part['items']:,.0f} items takes {duration(part['prune_seconds'])}; the database then "
        f"has {size(part['pruned'])} (of {size(part['with'])}), whose room new items use, and "
        f"{size(part['compact'])} after a VACUUM that makes the file smaller."
    )


def _calls(part: Part) -> str:
    making = part["making"]
    counts = sorted((name for name in part if name.isdecimal()), key=int)
    header = ("while 4 workers run it, ms", *(f"{int(count):,} items" for count in counts), "ratio")
    rows = []
    for call in part[counts[0]]:
        times = [part[count][call] for count in counts]
        ratio = median(times[-1]) / median(times[0])
        rows.append([call, *(spread(time, 1e3, 1) for time in times), f"{ratio:.2f}"])
    note = (
        f"A job over {making['items']:,} library files: the call answers after "
        f"{duration(making['answered'])}, all items are there after "
        f"{duration(making['prepared'])}, and no process needed more than "
        f"{size(making['memory'])} of memory."
    )
    return f"{table(header, rows)}\n\n{note}"


def _pages(part: Part) -> str:
    header = ("the job", "pages", "requests/s", "p50, ms", "p95", "p99", "mean body", "items/s")
    rows = [
        [
            {"waits": "items of 10 ms", "hashes": "1 MiB files"}[name],
            pages,
            f"{one['requests']:,.0f}",
            *(f"{1000 * one[key]:.1f}" for key in ("p50", "p95", "p99")),
            f"{one['bytes'] / 1024:.1f} KiB",
            f"{one['rate']:,.0f}",
        ]
        for name, by_pages in part.items()
        for pages, one in by_pages.items()
    ]
    note = (
        "Each page asks for the job's status and newly processed items, 0.5 s after the last "
        "answer, or at once if that was full. The times are until an answer was read. Hashing "
        "takes every processor; *items/s* is what the job did meanwhile."
    )
    return f"{table(header, rows)}\n\n{note}"
