"""The most memory that a process had."""

import threading
from contextlib import suppress
from types import TracebackType

import psutil

from tests.bench.processes import Workers


class PeakMemory:
    """While open, looks 50 times a second at all that the workers' programs have started."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self.peak_bytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self._look()
            if self._over.wait(0.02):
                return

    def _look(self) -> None:
        for program in self.workers.started:
            with suppress(psutil.Error):
                family = psutil.Process(program.pid).children(recursive=True)
                for process in family:
                    with suppress(psutil.Error):
                        self.peak_bytes = max(self.peak_bytes, process.memory_info().rss)
