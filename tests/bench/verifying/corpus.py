"""Makes the files that are checked, with two processes."""

import signal
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from pathlib import Path

from tests.bench.numbers import WORKERS
from tests.bench.verifying.documents import document
from tests.bench.verifying.media import media
from tests.bench.verifying.photos import photo, png

COUNTS = {"jpeg": 400, "png": 400, "pdf": 200, "media": 100}
"""Files of each kind at full scale."""
LEAST_FILES = 6

_MAKERS: dict[str, Callable[[int], tuple[str, bytes]]] = {
    "jpeg": lambda number: ("jpg", photo(number)),
    "png": lambda number: ("png", png(number)),
    "pdf": lambda number: ("pdf", document(number)),
    "media": media,
}


def make(folder: Path, scale: float = 1.0, kinds: Sequence[str] = tuple(COUNTS)) -> None:
    """Fill `folder` with one folder of files for each kind, at least LEAST_FILES in each."""
    wanted = []
    for kind in kinds:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        wanted += [
            (folder, kind, number) for number in range(max(LEAST_FILES, int(COUNTS[kind] * scale)))
        ]
    # The benchmark's own handler of SIGTERM would keep the processes from ending.
    default = (signal.SIGTERM, signal.SIG_DFL)
    with get_context("fork").Pool(WORKERS, signal.signal, default) as pool:
        pool.map(_make, wanted, chunksize=6)
        pool.close()
        pool.join()


def _make(wanted: tuple[Path, str, int]) -> None:
    folder, kind, number = wanted
    suffix, data = _MAKERS[kind](number)
    (folder / kind / f"{number:04}.{suffix}").write_bytes(data)
