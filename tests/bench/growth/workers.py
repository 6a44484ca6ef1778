"""Throughput of one cluster with 1, 2 and 4 workers."""

from typing import Any

from django.conf import settings

from tests.bench.engines.batchsite import Batchsite
from tests.bench.measure import run
from tests.bench.sizes import Sizes
from tests.bench.work import Work

WORKERS = (1, 2, 4)


def measure(sizes: Sizes) -> dict[str, Any]:
    """`noop` and `wait`: items per second of each run, by number of workers.

    noop keeps the processors busy; items that wait 10 ms each tell what coordination costs
    when there are more workers than processors.
    """
    found: dict[str, Any] = {"noop": {}, "wait": {}}
    for count in WORKERS:
        engine = Batchsite(settings.DATA_DIR, count)
        try:
            engine.open()
            for _ in range(sizes.runs):
                for kind, rates in found.items():
                    number = sizes.of({"noop": 20_000, "wait": 200 * count}[kind])
                    rates.setdefault(str(count), []).append(run(engine, Work(kind, number)))
        finally:
            engine.close()
    return found
