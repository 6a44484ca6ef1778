"""A recipe makes one file of a kind with one real program or library."""

import importlib.util
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.verify_matrix.producers.sources import SOURCES

SECONDS = 120
_ENVIRONMENT = os.environ | {"LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "1700000000"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """kind    the row of the matrix
    name    what makes the file, for people
    suffix  of the file, without its dot
    needs   programs and modules without which there is no file
    make    gets the path to write and the number of the file; raises anything if it fails
    """

    kind: str
    name: str
    suffix: str
    needs: tuple[str, ...]
    make: Callable[[Path, int], None]

    def missing(self) -> list[str]:
        """Return what is not installed."""
        return [name for name in self.needs if not _is_there(name)]


def library(
    kind: str, suffix: str, module: str, make: Callable[[Path, int], None], name: str = ""
) -> Recipe:
    """Return a recipe that calls a Python library."""
    return Recipe(kind, name or module, suffix, (f"{module}.",), make)


def program(kind: str, suffix: str, *lines: str) -> Recipe:
    """Return a recipe of command lines, which are run one after the other, without a shell.

    `{out}` is the file to make, `{png}` and the like a file of `sources`, made when it is named.
    A line that ends with `> PATH` writes the program's output there.
    """
    needs = tuple(dict.fromkeys(line.split()[0] for line in lines))
    return Recipe(kind, lines[-1].partition(" {")[0], suffix, needs, _runner(lines))


def _runner(lines: Iterable[str]) -> Callable[[Path, int], None]:
    def make(out: Path, number: int) -> None:
        places: dict[str, Any] = {"out": out, "dir": out.parent, "number": number}
        for line in lines:
            for name, write in SOURCES.items():
                if f"{{{name}}}" in line and name not in places:
                    places[name] = out.with_name(f"{out.stem}-source.{name}")
                    write(places[name], number)
            command, _, target = line.partition(" > ")
            run([part.format(**places) for part in shlex.split(command)], target.format(**places))

    return make


def run(command: list[str], target: str = "") -> None:
    """Run a program in the folder of its files. Raises CalledProcessError if it fails."""
    result = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=SECONDS,
        env=_ENVIRONMENT,
    )
    if target:
        Path(target).write_bytes(result.stdout)


def _is_there(name: str) -> bool:
    """Return True if a program, or a module, which is written with a dot at its end, is there."""
    if name.endswith("."):
        return importlib.util.find_spec(name.split(".")[0]) is not None
    return shutil.which(name) is not None
