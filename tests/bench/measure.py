"""Measures one engine on one set-up, in a process of its own, and prints JSON to a file.

    python -m tests.bench.measure ENGINE WORKERS OUT

Database and broker come from the environment that the harness has made.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings

import tests.bench.ready  # noqa: F401
from tests.bench.cancelling import cancelling
from tests.bench.engines import engine_class
from tests.bench.engines.base import Engine
from tests.bench.processes import wait_for
from tests.bench.sizes import Sizes
from tests.bench.work import Work


def main(name: str, workers: int, out: Path) -> None:
    engine = engine_class(name)(settings.DATA_DIR, workers)
    try:
        found = measure(name, engine)
    finally:
        engine.close()
    out.write_text(json.dumps({"label": engine.label, **found}))


def measure(name: str, engine: Engine) -> dict[str, Any]:
    """`rates`: items per second of each run of each kind; see `cancelling` for the rest."""
    sizes = Sizes.from_environment()
    root = engine.folder / "files"
    works: dict[str, Work] = {}
    for kind in engine.kinds:
        count = sizes.items(name, kind, slow=engine.slow)
        source = str(Path(root) / kind.removeprefix("sha256_")) if kind != "noop" else ""
        works[kind] = Work(kind.partition("_")[0], count, source)
    rates = _backlog(engine, works, sizes.runs) if engine.backlog else {}
    if not engine.backlog:
        engine.open()
        for _ in range(sizes.runs):
            for kind, work in works.items():
                rates.setdefault(kind, []).append(run(engine, work))
    found: dict[str, Any] = {"rates": rates}
    if engine.cancels:
        found["cancel"] = cancelling(engine, sizes)
    return found


def run(engine: Engine, work: Work) -> float:
    """One job to its end; its items per second."""
    job = engine.submit(work)
    _wait(engine, job)
    return engine.rate(job)


def _backlog(engine: Engine, works: dict[str, Work], runs: int) -> dict[str, list[float]]:
    jobs = [(kind, engine.submit(work)) for _ in range(runs) for kind, work in works.items()]
    engine.open()
    rates: dict[str, list[float]] = {}
    for kind, job in jobs:
        _wait(engine, job)
        rates.setdefault(kind, []).append(engine.rate(job))
    return rates


def _wait(engine: Engine, job: Any) -> None:
    def done() -> bool:
        engine.workers.check()
        return engine.is_done(job)

    wait_for(done, "the job has ended", seconds=300, pause=0.05)


if __name__ == "__main__":
    since = time.monotonic()
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
    print(f"{sys.argv[1]}: {time.monotonic() - since:.1f} s", file=sys.stderr)
