"""What a cancel does: how soon it answers, what starts after it, when the workers are free."""

import time
from collections.abc import Callable
from typing import Any

from tests.bench.engines.base import Engine
from tests.bench.processes import wait_for
from tests.bench.sizes import Sizes
from tests.bench.work import Work, starts

RUNS = 3


def cancelling(engine: Engine, sizes: Sizes) -> dict[str, list[float]]:
    """Cancels a job of items that take 10 ms each, several times. Seconds, except `after`.

    begin    from the call that makes a job to its first item, with idle workers
    answer   until the cancel call has answered
    after    how many items of the job were started after that answer
    free     from the answer to the first item of the next job, made right after the cancel
    """
    found: dict[str, list[float]] = {"begin": [], "answer": [], "after": [], "free": []}
    for number in range(RUNS):
        for name, value in _cancel(engine, sizes, number).items():
            found[name].append(value)
    return found


def _cancel(engine: Engine, sizes: Sizes, number: int) -> dict[str, float]:
    trace, next_trace = (str(engine.folder / f"{name}-{number}") for name in ("trace", "next"))
    made_at = time.monotonic()
    job = engine.submit(Work("traced", sizes.cancelled_items, trace))
    _wait(lambda: len(starts(trace)) >= 20, engine, "the job has begun")
    called_at = time.monotonic()
    engine.cancel(job)
    answered_at = time.monotonic()
    following = engine.submit(Work("traced", 4, next_trace))
    _wait(lambda: len(starts(next_trace)) == 4, engine, "the next job is done")
    _wait(lambda: engine.is_done(following), engine, "the next job has ended")
    return {
        "begin": starts(trace)[0] - made_at,
        "answer": answered_at - called_at,
        "after": float(sum(stamp > answered_at for stamp in starts(trace))),
        "free": starts(next_trace)[0] - answered_at,
    }


def _wait(condition: Callable[[], Any], engine: Engine, what: str) -> None:
    def checked() -> Any:
        engine.workers.check()
        return condition()

    wait_for(checked, what, seconds=180)
