"""What the harness asks of everything that it compares."""

import abc
from pathlib import Path
from typing import Any

from tests.bench.processes import Workers
from tests.bench.work import Work


class Engine(abc.ABC):
    """One way to process the items of a job in worker processes.

    `open`, then any number of jobs, then `close`. A job is what `submit` returns.
    """

    label: str
    slow = False
    """A few hundred items a second: gets fewer of them."""
    backlog = False
    """All its jobs are submitted before the workers start, and it works them off in order:
    so the cost of submitting, which its workers would share the processors with, is not
    counted as theirs."""
    cancels = True
    kinds: tuple[str, ...] = ("noop", "sha256_64k", "sha256_1m")

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder = folder
        self.count = workers
        self.workers = Workers(folder)

    def open(self) -> None:
        """Start the worker processes."""
        return

    def close(self) -> None:
        """End them."""
        self.workers.stop()

    @abc.abstractmethod
    def submit(self, work: Work) -> Any:
        """Make a job that the workers begin with as soon as they are free."""

    @abc.abstractmethod
    def is_done(self, job: Any) -> bool:
        """Whether all its items have ended, or it was cancelled and nothing of it runs."""

    @abc.abstractmethod
    def finish_times(self, job: Any) -> list[float]:
        """When the items ended, in seconds since the epoch, in any order."""

    def cancel(self, job: Any) -> None:
        """Returns when no further item may start, as far as this engine promises that."""
        raise NotImplementedError

    def rate(self, job: Any) -> float:
        """Items per second, without the first tenth, in which workers may still be starting."""
        times = sorted(self.finish_times(job))
        first = len(times) // 10
        seconds = times[-1] - times[first]
        return (len(times) - 1 - first) / seconds if seconds > 0 else float("inf")
