"""Throughput of 1, 2 and 3 clusters of one worker each, on one database."""

from typing import Any

from django.conf import settings

from tests.bench.engines.batchsite import Batchsite
from tests.bench.measure import run
from tests.bench.sizes import Sizes
from tests.bench.work import Work

CLUSTERS = (1, 2, 3)


def measure(sizes: Sizes) -> dict[str, Any]:
    """As `workers.measure`, by number of clusters."""
    found: dict[str, Any] = {"noop": {}, "wait": {}}
    engine = Batchsite(settings.DATA_DIR, 1)
    try:
        for count in CLUSTERS:
            engine.open()  # one more
            for _ in range(sizes.runs):
                for kind, rates in found.items():
                    number = sizes.of({"noop": 20_000, "wait": 200 * count}[kind])
                    rates.setdefault(str(count), []).append(run(engine, Work(kind, number)))
    finally:
        engine.close()
    return found
