"""A plain loop in two processes, with no bookkeeping: nothing can be faster."""

import time
from multiprocessing import get_context
from typing import Any

from tests.bench.engines.base import Engine
from tests.bench.work import PERFORM, Work

_FORK = get_context("fork")


class Loop(Engine):
    label = "plain loop, no bookkeeping"
    cancels = False

    def submit(self, work: Work) -> float:
        """Runs the whole job; its items per second."""
        keys = list(work.item_keys())
        barrier = _FORK.Barrier(self.count + 1)
        processes = [
            _FORK.Process(target=_run, args=(work.kind, keys[number :: self.count], barrier))
            for number in range(self.count)
        ]
        for process in processes:
            process.start()
        barrier.wait()
        since = time.monotonic()
        for process in processes:
            process.join()
            if process.exitcode:
                raise RuntimeError(f"a loop ended with {process.exitcode}")
        return work.count / (time.monotonic() - since)

    def is_done(self, job: float) -> bool:
        return True

    def finish_times(self, job: float) -> list[float]:
        return []

    def rate(self, job: float) -> float:
        return job


def _run(kind: str, keys: list[str], barrier: Any) -> None:
    perform = PERFORM[kind]
    barrier.wait()
    for key in keys:
        perform(key)


ENGINES = {"loop": Loop}
