"""Writes the matrix as Markdown."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.verify_matrix.damage import DAMAGES
from tests.verify_matrix.judge import BROKEN
from tests.verify_matrix.matrix import Case

CUTS = ("cut 1 %", "cut 10 %", "cut 50 %")
COLUMNS = {"cut by 1, 10, 50 %": CUTS, "4 KiB of zeros": ("zeros",), "one bit": ("bit",),
           "blocks swapped": ("swapped",)}  # fmt: skip


BEGIN = "<!-- damage matrix: written by make verify-matrix ARGS=--docs -->"
END = "<!-- end of the damage matrix -->"


def cases_of(found: dict[str, Any]) -> list[Case]:
    return [Case(**case) for case in found["cases"]]


def table(cases: Iterable[Case]) -> str:
    """Return the rows by kind: for each damage how many of n `verify` found, and the free tools.

    A damaged file counts as found if it fails, or succeeds with a warning that the whole one has
    not.
    """
    kinds: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        kinds[case.kind].append(case)
    lines = [
        f"| kind | whole files accused | {' | '.join(COLUMNS)} |",
        f"| --- | --- | {' | '.join('---' for _ in COLUMNS)} |",
    ]
    for kind, found in kinds.items():
        whole = [case for case in found if not case.damage]
        accused = sum(case.failing for case in whole)
        said = {case.file: case.message for case in whole}
        cells = [
            _cell([case for case in found if case.damage in damages], said)
            for damages in COLUMNS.values()
        ]
        lines.append(f"| {kind} | {accused} of {len(whole)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_into_docs(found: dict[str, Any], path: Path) -> None:
    """Replace what stands between the two marks of the page. Raises ValueError without them."""
    cases = cases_of(found)
    whole = [case for case in cases if not case.damage]
    failing = sum(case.failing for case in whole)
    text = (
        "How many of these damaged files a person learns of, by a failure or a warning. In "
        "parentheses: what the\nfree tools of the kind found together (`jpeginfo`, "
        "`qpdf --check`, `flac -t` and the like).\n"
        f"Of {len(whole)} whole files, {failing or 'none'} failed.\n"
    )
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no place for the matrix")
    path.write_text(f"{before}{BEGIN}\n{text}\n{table(cases)}\n{END}{after}")


def _cell(cases: list[Case], said: dict[str, str]) -> str:
    ours = sum(noticed(case, said.get(case.file, "")) for case in cases)
    theirs = sum(bool(case.complained) for case in cases)
    return f"{ours} of {len(cases)} ({theirs})"


def noticed(case: Case, said: str) -> bool:
    """Return True if a person sees that something is wrong with the file.

    What `verify` has `said` of the whole file as well says nothing about the damage.
    """
    return case.state == BROKEN or (
        case.state == "warning" and case.depth != "checksum" and case.message != said
    )


def markdown(found: dict[str, Any]) -> str:
    """Return the whole report."""
    cases = cases_of(found)
    damaged = [case for case in cases if case.damage]
    failing = [case for case in cases if case.failing]
    only_kept = [case for case in damaged if case.state == "warning" and case.depth == "checksum"]
    crashed = [case for case in cases if case.state == "crashed"]
    blind = [case for case in cases if case.blind]
    against = [case for case in only_kept if case.complained]
    parts = [
        "# The damage matrix of verify",
        _head(cases, damaged),
        table(cases),
        _list("Whole files that fail", failing),
        _list("Damaged files called whole while a free tool complains", blind),
        _list("Workers that died, and errors that are no sentence", crashed),
        f"## Only the checksum was kept: {len(only_kept)} of {len(damaged)} damaged files",
        "\n".join(f"- {kind}: {count}" for kind, count in _by_kind(only_kept)) or "None.",
        f"A free tool complains of {len(against)} of them.",
        "## Warnings of whole files",
        "\n".join(
            f"- {case.file} ({case.recipe}): {case.message}"
            for case in cases
            if not case.damage and case.state == "warning"
        ) or "None.",
        "## Whole files that a free tool accuses",
        "\n".join(
            f"- {case.file} ({case.recipe}): {name}: {line}"
            for case in cases
            if not case.damage
            for name, line in case.complaints.items()
            if line
        ) or "None.",
        "## Skipped",
        "\n".join(f"- {kind}: {line}" for kind,
        lines in found["skipped"].items() for line in lines) or "Nothing.",
        "\n".join(f"- The tool {name} is not installed." for name in found.get("missing_tools",
        [])),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(cases: list[Case], damaged: list[Case]) -> str:
    kinds = len({case.kind for case in cases})
    return (
        f"{len(cases) - len(damaged)} whole files of {kinds} kinds, {len(damaged)} damaged ones "
        f"({', '.join(DAMAGES)}). In parentheses: all free tools of the kind."
    )


def _by_kind(cases: list[Case]) -> list[tuple[str, int]]:
    counts: dict[str, int] = defaultdict(int)
    for case in cases:
        counts[case.kind] += 1
    return sorted(counts.items())


def _list(title: str, cases: list[Case]) -> str:
    lines = [f"## {title}: {len(cases)}"]
    for case in cases:
        said = "; ".join(f"{name}: {case.complaints[name]}" for name in case.complained)
        lines.append(
            f"- {case.kind}: {case.file} ({case.recipe}), {case.damage or 'whole'}: "
            f"{case.message or case.state} — {said or 'no tool complains'}"
        )
    return "\n".join([lines[0], "", *lines[1:]]) if cases else lines[0]


def failed(found: dict[str, Any]) -> bool:
    """Return True if a whole file fails or a damaged one is called whole against a free tool."""
    return any(case.failing or case.blind for case in cases_of(found))
