"""Judges files of other people.

Every failure is listed with the opinion of the free tools of its kind.
"""

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.verify_matrix.judge import FAILURES, judge


def files(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield each file below the folders once. Links are not followed."""
    for top in folders:
        for folder, below, names in os.walk(top):
            below.sort()
            for name in sorted(names):
                path = Path(folder, name)
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path


def measure(folders: Iterable[Path], processes: int) -> dict[str, Any]:
    """Return {"files", "states", "kinds", "failures", "warnings"}; print each failure.

    Tools are asked about failures only.
    """
    paths = list(files(folders))
    states: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {}
    failures: list[dict[str, Any]] = []
    warnings: Counter[str] = Counter()
    for number, (path, verdict, complaints) in enumerate(
        judge(paths, processes, tools=FAILURES), 1
    ):
        states[verdict.state] += 1
        kinds.setdefault(verdict.kind, Counter())[f"{verdict.state} {verdict.depth}".strip()] += 1
        if verdict.state in FAILURES:
            failures.append(
                {"file": str(path), "kind": verdict.kind, "message": verdict.message}
                | {"tools": complaints}
            )
            print(_line(failures[-1]), flush=True)
        elif verdict.message:
            warnings[f"{verdict.kind}: {verdict.message}"] += 1
        if number % 5000 == 0:
            print(f"{number} of {len(paths)} files", flush=True)
    return {"files": len(paths), "states": states, "kinds": kinds} | {
        "failures": failures, "warnings": warnings,
    }  # fmt: skip


def accused(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the failures of files of which no tool complains."""
    return [
        failure
        for failure in found["failures"]
        if failure["tools"] and not any(failure["tools"].values())
    ]


def markdown(found: dict[str, Any]) -> str:
    """Return the report: the numbers by kind, then each failure with what the tools say."""
    against = accused(found)
    agreed = [failure for failure in found["failures"] if any(failure["tools"].values())]
    alone = [failure for failure in found["failures"] if not failure["tools"]]
    states = ", ".join(f"{count} {state}" for state, count in sorted(found["states"].items()))
    rows = [
        f"| {kind or 'not known'} | {'; '.join(_counted(counts))} |"
        for kind, counts in sorted(found["kinds"].items())
    ]
    parts = [
        "# verify on files of other people",
        f"{found['files']} files: {states}.",
        "\n".join(["| kind | verdicts |", "| --- | --- |", *rows]),
        f"## Failures that no tool confirms: {len(against)}",
        "\n".join(map(_line, against)),
        f"## Failures without a tool for their kind: {len(alone)}",
        "\n".join(map(_line, alone)),
        f"## Failures that a tool confirms: {len(agreed)}",
        "\n".join(map(_line, agreed)),
        "## Warnings",
        "\n".join(f"- {count} x {text}" for text, count in _often(found["warnings"])),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _line(failure: dict[str, Any]) -> str:
    said = "; ".join(
        f"{name}: {line or 'nothing wrong'}" for name, line in failure["tools"].items()
    )
    return f"- {failure['file']} ({failure['kind']}): {failure['message']} — {said or 'no tool'}"


def _counted(counts: dict[str, int]) -> list[str]:
    return [f"{count} {state}" for state, count in sorted(counts.items())]


def _often(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: -pair[1])
