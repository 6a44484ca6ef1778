"""The damage matrix: whole files of each kind, each damaged in six ways.

`verify` and the free tools judge all of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.verify_matrix.damage import DAMAGES, damages
from tests.verify_matrix.judge import BROKEN, CRASHED, NO_TOOLS, WHOLE, Verdict, judge
from tests.verify_matrix.producers import Made, make


@dataclass(slots=True)
class Case:
    """One file: `damage` is empty for a whole one.

    accused  the tools that complain of the whole one as well
    """

    kind: str
    recipe: str
    file: str
    damage: str
    state: str = ""
    depth: str = ""
    message: str = ""
    complaints: dict[str, str] = field(default_factory=dict)
    accused: list[str] = field(default_factory=list)

    @property
    def complained(self) -> list[str]:
        """The tools whose complaint counts."""
        return [name for name, line in self.complaints.items() if line and name not in self.accused]

    @property
    def failing(self) -> bool:
        """True for a whole file that is not called whole."""
        return not self.damage and self.state in (BROKEN, CRASHED)

    @property
    def blind(self) -> bool:
        """True for a damaged file that `verify` calls whole while a free tool complains."""
        return bool(self.damage and self.state == WHOLE and self.complained)


def measure(
    kinds: Iterable[str], count: int, folder: Path, processes: int
) -> Iterator[dict[str, Any]]:
    """Yield {"cases", "skipped"} of each kind, when it is measured.

    Makes `count` whole files of each kind in the folder, and damages them.
    """
    for kind in kinds:
        (_place(kind, folder) / "damaged").mkdir(parents=True, exist_ok=True)
        made = make(kind, count, _place(kind, folder))
        cases = _damaged(made, folder)
        for case, (_, verdict, complaints) in zip(
            cases, judge(_paths(cases, folder), processes), strict=True
        ):
            _note(case, verdict)
            case.complaints = complaints
        wholes = {case.file: case for case in cases if not case.damage}
        for case in cases:
            complaints = wholes[case.file].complaints
            case.accused = [name for name, line in complaints.items() if line]
        print(f"{kind}: {_summary(cases)}", flush=True)
        yield {"cases": [asdict(case) for case in cases], "skipped": {kind: made.skipped}}


def again(found: dict[str, Any], folder: Path, processes: int) -> None:
    """Ask `verify` again about the files of an earlier run; what the tools said is kept."""
    cases = [Case(**case) for case in found["cases"]]
    verdicts = judge(_paths(cases, folder), processes, tools=NO_TOOLS)
    for case, (_, verdict, _) in zip(cases, verdicts, strict=True):
        _note(case, verdict)
    print(_summary(cases), flush=True)
    found["cases"] = [asdict(case) for case in cases]


def _place(kind: str, folder: Path) -> Path:
    return folder / "".join(letter if letter.isalnum() else "-" for letter in kind.lower())


def _paths(cases: list[Case], folder: Path) -> list[Path]:
    numbers = {damage: number for number, damage in enumerate(DAMAGES)}
    return [
        _place(case.kind, folder) / f"damaged/{numbers[case.damage]}-{case.file}"
        if case.damage
        else _place(case.kind, folder) / case.file
        for case in cases
    ]


def _damaged(made: Made, folder: Path) -> list[Case]:
    """Write the damaged files. Returns a case for each of them, and for each whole file."""
    cases = []
    for recipe, path in made.files:
        cases.append(Case(made.kind, recipe, path.name, ""))
        try:
            broken = damages(path.read_bytes())
        except ValueError as reason:
            made.skipped.append(f"{recipe}: not damaged, {reason}")
            continue
        damaged = [Case(made.kind, recipe, path.name, damage) for damage in broken]
        for case, target in zip(damaged, _paths(damaged, folder), strict=True):
            target.write_bytes(broken[case.damage])
        cases += damaged
    return cases


def _note(case: Case, verdict: Verdict) -> None:
    case.state, case.depth, case.message = verdict.state, verdict.depth, verdict.message


def _summary(cases: list[Case]) -> str:
    failing, blind = sum(case.failing for case in cases), sum(case.blind for case in cases)
    return f"{len(cases)} files, {failing} whole ones accused, {blind} damaged ones not seen"
