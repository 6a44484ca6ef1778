"""How much is measured. BENCH_SCALE makes all of it larger or smaller."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """`scale` 1 is meant for two processors and a quarter of an hour."""

    scale: float = 1.0

    @classmethod
    def from_environment(cls) -> "Sizes":
        return cls(float(os.environ.get("BENCH_SCALE", "1")))

    def of(self, number: int, least: int = 20) -> int:
        return max(least, int(number * self.scale))

    @property
    def runs(self) -> int:
        """How often each throughput is measured."""
        return 3

    def items(self, engine: str, kind: str, *, slow: bool) -> int:
        """The items of one run: about one to three seconds of work."""
        if slow:
            return self.of(400)
        if engine == "loop":
            return self.of({"noop": 1_000_000, "sha256_64k": 40_000, "sha256_1m": 3_000}[kind])
        if engine in ("raw_50", "batchsite"):
            return self.of({"noop": 60_000, "sha256_64k": 30_000, "sha256_1m": 3_000}[kind])
        return self.of({"noop": 20_000, "sha256_64k": 20_000, "sha256_1m": 3_000}[kind])

    @property
    def cancelled_items(self) -> int:
        """The backlog of a job that is cancelled."""
        return self.of(1_000, least=100)

    @property
    def million(self) -> int:
        """The largest job: a million for half of the work too, because that is the question."""
        return 1_000_000 if self.scale >= 0.5 else self.of(1_000_000, least=2_000)

    @property
    def pages(self) -> tuple[int, ...]:
        """How many pages watch a job at once; the goal is about the last."""
        return (1, 10, 100) if self.scale >= 0.1 else (100,)

    @property
    def watched_seconds(self) -> float:
        """For how long they do."""
        return max(1.0, 8 * self.scale)
