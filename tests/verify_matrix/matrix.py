"""The damage matrix: whole files of each kind, each damaged in six ways.

`verify` and the free tools judge all of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.verify_matrix.damage import DAMAGES, damages
from tests.verify_matrix.judge import BROKEN, CRASHED, WHOLE, judge
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
    """Yield {"cases", "left_out"} after each kind, of all kinds so far.

    Makes `count` whole files of each kind in the folder, and damages them.
    """
    cases: list[dict[str, Any]] = []
    left_out: dict[str, list[str]] = {}
    for kind in kinds:
        place = folder / "".join(letter if letter.isalnum() else "-" for letter in kind.lower())
        (place / "damaged").mkdir(parents=True, exist_ok=True)
        made = make(kind, count, place)
        found = _judged(made, place, processes)
        cases += map(asdict, found)
        if made.left_out:
            left_out[kind] = made.left_out
        failing = sum(case.failing for case in found)
        blind = sum(case.blind for case in found)
        print(f"{kind}: {len(made.files)} files, {failing} accused, {blind} not seen", flush=True)
        yield {"cases": cases, "left_out": left_out}


def _judged(made: Made, place: Path, processes: int) -> list[Case]:
    cases: dict[Path, Case] = {}
    wholes: dict[str, Case] = {}
    for recipe, path in made.files:
        cases[path] = wholes[path.name] = Case(made.kind, recipe, path.name, "")
        try:
            broken = damages(path.read_bytes())
        except ValueError as reason:
            made.left_out.append(f"{recipe}: not damaged, {reason}")
            continue
        for index, damage in enumerate(DAMAGES):
            damaged = place / "damaged" / f"{index}-{path.name}"
            damaged.write_bytes(broken[damage])
            cases[damaged] = Case(made.kind, recipe, path.name, damage)
    for path, verdict, complaints in judge(cases, processes):
        case = cases[path]
        case.state, case.depth, case.message = verdict.state, verdict.depth, verdict.message
        case.complaints = complaints
    for case in cases.values():
        case.accused = [name for name, line in wholes[case.file].complaints.items() if line]
    return list(cases.values())
