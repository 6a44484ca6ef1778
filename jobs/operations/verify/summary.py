"""What `verify` sums up over a job: how many files are whole, and which were not looked into."""

from typing import Any

from jobs.operations.counts import Counts
from jobs.operations.totals import Totals
from jobs.operations.verify.kinds import short_label

WHOLE, EMPTY, NOT_LOOKED_INTO = "whole", "empty", "not_looked_into"
_OF_KIND = f"{NOT_LOOKED_INTO}: "
_MOST_KINDS = 4


def totals_of(facts: dict[str, Any]) -> Totals:
    """Return what a file that did not fail adds to the job's totals.

    Files of which only the checksum was kept are counted together and by kind.
    """
    kind = facts["kind"]
    if kind == "empty":
        return {EMPTY: 1}
    if facts["checked"] == "checksum":
        return {NOT_LOOKED_INTO: 1, f"{_OF_KIND}{kind}": 1}
    return {WHOLE: 1}


def sentence(progress: Counts, totals: Totals) -> str:
    """As in “2,310 whole · 41 broken · 380 not looked into: RAR 300, Photoshop 80”."""
    counts = {
        "whole": int(totals.get(WHOLE, 0)),
        "empty": int(totals.get(EMPTY, 0)),
        "broken": progress.failed,
        "not looked into": int(totals.get(NOT_LOOKED_INTO, 0)),
    }
    parts = [f"{count:,} {name}" for name, count in counts.items() if count]
    kinds = _kinds(totals)
    return " · ".join(parts) + (f": {kinds}" if kinds else "")


def _kinds(totals: Totals) -> str:
    """The kinds that were not looked into, the largest first."""
    counts = {
        name.removeprefix(_OF_KIND): int(count)
        for name, count in totals.items()
        if name.startswith(_OF_KIND)
    }
    largest = sorted(counts, key=lambda kind: (-counts[kind], kind))[:_MOST_KINDS]
    named = [f"{short_label(kind)} {counts[kind]:,}" for kind in largest]
    rest = int(totals.get(NOT_LOOKED_INTO, 0)) - sum(counts[kind] for kind in largest)
    return ", ".join([*named, f"other {rest:,}"] if named and rest > 0 else named)
