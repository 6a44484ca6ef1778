"""Whether a worker's memory stays flat: the same files again and again in one process.

python -m tests.bench.verifying.memory FOLDER
"""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
from django.conf import settings

import tests.bench.ready  # noqa: F401
from jobs.operations import Item, ItemFailed, get

PASSES = 8
_SETTLED = 2
"""Passes after which every library is loaded, and every buffer has its size."""


def measure(folder: Path) -> list[int]:
    """Return the resident bytes of a process of its own after each pass over the files."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.verifying.memory", str(folder)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[int] = json.loads(done.stdout)
    return found


def growth(passes: list[int]) -> int:
    """Return by how many bytes the last half is above the passes after the first ones."""
    middle = (len(passes) + _SETTLED) // 2
    return max(0, min(passes[middle:]) - min(passes[_SETTLED:middle]))


def main(folder: Path) -> None:
    verify, process = get("verify"), psutil.Process()
    found = []
    for _ in range(PASSES):
        for file in sorted(folder.iterdir()):
            with suppress(ItemFailed):
                verify.process(Item(file.name, root=file.parent), {})
        found.append(process.memory_info().rss)
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
