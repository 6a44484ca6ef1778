"""A model of one job as the contract describes it: plain Python, no database.

`tests.services.test_stateful` does the same to it and to the engine, and compares.
"""

from dataclasses import dataclass, field
from typing import Literal

from tests.services.model_preparation import Item, Preparation

ATTEMPTS = 3
RUNNABLE = {"queued", "processing"}


@dataclass(slots=True)
class Worker:
    """Somebody who holds a place, or who once did and does not know that it is lost."""

    name: int
    held: list[int] = field(default_factory=list)
    """Positions that it has claimed and not given up."""
    waiting: list[int] = field(default_factory=list)
    """Of these, what it may still start, in order."""
    current: int | None = None
    """What it runs now."""
    written_current: int | None = None
    """What the books say that it runs: an item that has ended stays there until the next step."""
    ended: list[tuple[int, str]] = field(default_factory=list)
    """Outcomes that are not written yet."""
    counted: int = 0
    """So many of them are in the books already."""
    fenced: bool = False
    lost: bool = False


@dataclass(slots=True)
class JobModel:
    """Statuses as in the contract; `skipped` items are those that a retry has left out."""

    items: list[Item]
    status: str = "queued"
    preparation: Preparation | None = None
    """What is still to be set back before workers may go on; None when nothing is."""
    workers: list[Worker] = field(default_factory=list)

    # What people do. Each says whether it was allowed.

    def cancel(self) -> bool:
        return self._stop("cancelled", RUNNABLE | {"paused"})

    def pause(self) -> bool:
        return self._stop("paused", RUNNABLE)

    def resume(self, few: int) -> bool:
        """`few`: so many items are set back at once, more of them step by step."""
        if self.status not in ("paused", "completed", "cancelled", "failed"):
            return False
        nothing_left = self.processed == len(self.items)
        if self.status != "paused" and self.preparation is None and nothing_left:
            return False
        skipped = self.count("skipped") if self.status != "paused" else 0
        self.status = "queued"
        if self.preparation is None and skipped:
            self.preparation = Preparation("restore")
            self._set_back(skipped, few)
        return True

    def retry(self, few: int) -> bool:
        if self.status not in ("paused", "completed", "cancelled", "failed"):
            return False
        failed, unprocessed = self.failed, len(self.items) - self.processed
        fresh = self.preparation is None
        if self.preparation is None or self.preparation.kind != "retry":
            if self.preparation is not None or not failed:
                return False
            self.preparation = Preparation("retry", "skip_changed")
        if fresh and self.status == "paused":
            self.preparation.step = "reset"
            unprocessed = 0
        self.status = "queued"
        self._set_back(failed + unprocessed, few)
        return True

    def _stop(self, target: str, sources: set[str]) -> bool:
        if self.status not in sources:
            return False
        self.status = target
        for worker in self.workers:
            worker.fenced = True
        return True

    def _set_back(self, items: int, few: int) -> None:
        if items <= few:
            while self.preparation is not None:
                self.prepare(few)

    def prepare(self, size: int) -> None:
        """One step of what is to be set back."""
        assert self.preparation is not None
        if self.preparation.step_forward(self.items, size):
            self.preparation = None

    # What workers do.

    @property
    def runnable(self) -> bool:
        return self.status in RUNNABLE

    def may_acquire(self) -> bool:
        """Whether one more worker gets a place; somebody who prepares is alone."""
        unfenced = [worker for worker in self.workers if not worker.fenced]
        return self.runnable and (self.preparation is None or not unfenced)

    def acquired(self, worker: Worker) -> None:
        self.workers.append(worker)
        if self.preparation is None and self.status == "queued":
            self.status = "processing"

    def free(self) -> list[int]:
        """Positions that can be claimed."""
        return [
            position
            for position, item in enumerate(self.items)
            if item.status == "pending" and item.holder is None
        ]

    def write(self, worker: Worker) -> None:
        """Its ended items are in the books for good."""
        for position, outcome in worker.ended:
            item = self.items[position]
            item.status, item.holder = outcome, None
            item.attempts += 1
            item.finishes += 1
            worker.held.remove(position)
        worker.ended, worker.counted = [], 0

    def release(self, worker: Worker, positions: list[int]) -> None:
        for position in positions:
            self.items[position].holder = None
            worker.held.remove(position)

    def claim(self, worker: Worker, positions: list[int]) -> None:
        for position in positions:
            assert self.items[position].holder is None, "two workers hold it"
            self.items[position].holder = worker.name
        worker.held += positions
        worker.waiting = positions[1:]
        worker.current = worker.written_current = positions[0] if positions else None

    def release_lease(self, worker: Worker, *, count_attempt: bool) -> None:
        """The lease is free again: what was not written is lost."""
        running = worker.written_current
        if running is not None and count_attempt:
            item = self.items[running]
            item.attempts += 1
            if item.attempts >= ATTEMPTS:
                item.status = "failed"
                item.finishes += 1
        self.release(worker, list(worker.held))
        worker.lost = True
        self.workers.remove(worker)

    def complete_if_done(self) -> bool:
        done = not self.workers and all(item.status != "pending" for item in self.items)
        return self.preparation is None and done and self._stop("completed", RUNNABLE)

    # The books.

    def count(self, status: str) -> int:
        """Items whose end is written, by status."""
        return sum(1 for item in self.items if item.status == status)

    def _counted(self, outcome: Literal["succeeded", "failed"]) -> int:
        return sum(
            1
            for worker in self.workers
            for _, found in worker.ended[: worker.counted]
            if found == outcome
        )

    @property
    def failed(self) -> int:
        return self.count("failed") + self._counted("failed")

    @property
    def processed(self) -> int:
        return self.count("succeeded") + self._counted("succeeded") + self.failed

    def numbers(self) -> dict[str, int]:
        """The contract's numbers of `progress`."""
        in_flight = sum(1 for worker in self.workers if worker.written_current is not None)
        skipped = self.count("skipped")
        rest = len(self.items) - self.processed - in_flight - skipped
        over = self.status in ("completed", "cancelled", "failed")
        return {
            "total": len(self.items),
            "succeeded": self.processed - self.failed,
            "failed": self.failed,
            "in_flight": in_flight,
            "pending": 0 if over else rest,
            "skipped": skipped + (rest if over else 0),
        }
