"""Measures this build, an older one and the programs in turns, kind by kind."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

from tests.bench.sizes import Sizes
from tests.bench.verifying import memory
from tests.bench.verifying.builds import Build, older_build, this_build
from tests.bench.verifying.corpus import make
from tests.bench.verifying.tools import TOOLS, Spent

MEMORY_FILES = 60


def measure(folder: Path, kinds: Sequence[str], older: str) -> tuple[dict[str, Any], list[str]]:
    """Return what was found, and what was left out, in a line each.

    For each kind: `files`, `bytes`, `memory` (resident bytes after each pass), and `runs`: for each
    build and program `seconds` and `cpu_seconds` of each turn. `folder` is empty.
    """
    sizes, library = Sizes.from_environment(), folder / "library"
    make(library, sizes.scale, kinds)
    found: dict[str, Any] = {}
    skipped: list[str] = []
    with ExitStack() as stack:
        builds = _builds(stack, folder, library, kinds, older, skipped)
        for kind in kinds:
            files = sorted((library / kind).iterdir())
            turns = _turns(kind, files, builds, skipped)
            runs: dict[str, dict[str, list[float]]] = {}
            for _ in range(sizes.runs):
                for label, turn in turns.items():
                    spent = turn()
                    of = runs.setdefault(label, {"seconds": [], "cpu_seconds": []})
                    of["seconds"].append(spent.seconds)
                    of["cpu_seconds"].append(spent.cpu_seconds)
            size = sum(file.stat().st_size for file in files)
            found[kind] = {"files": len(files), "bytes": size, "runs": runs}
            print(f"verify, {kind}: done", flush=True)
    for kind in kinds:
        found[kind]["memory"] = memory.measure(_some(folder / "some", library / kind))
    return found, skipped


def _builds(
    stack: ExitStack,
    folder: Path,
    library: Path,
    kinds: Sequence[str],
    older: str,
    skipped: list[str],
) -> list[Build]:
    builds = [this_build(folder, library)]
    try:
        builds += [older_build(older, folder, library)] if older else []
    except (OSError, SubprocessError) as error:
        skipped.append(f"verify: the older build {older} cannot be made ({type(error).__name__})")
    for build in builds:
        stack.callback(build.close)
        build.open()
        build.warm_up(list(kinds))
    return builds


def _turns(
    kind: str, files: list[Path], builds: list[Build], skipped: list[str]
) -> dict[str, Callable[[], Spent]]:
    turns: dict[str, Callable[[], Spent]] = {
        build.label: (lambda build=build: build.verify(kind))  # type: ignore[misc]
        for build in builds
    }
    for tool in TOOLS[kind]:
        if tool.is_installed:
            turns[tool.label] = lambda tool=tool: tool.run(files)  # type: ignore[misc]
        elif (line := f"verify: {tool.command[0]} is not installed") not in skipped:
            skipped.append(line)
    return turns


def _some(folder: Path, files: Path) -> Path:
    """Return a folder with links to the first files: enough for a leak to show."""
    folder = folder / files.name
    folder.mkdir(parents=True)
    for file in sorted(files.iterdir())[:MEMORY_FILES]:
        (folder / file.name).hardlink_to(file)
    return folder
