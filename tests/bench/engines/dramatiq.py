"""Dramatiq: one thread in each worker process, prefetching, without middleware."""

import dramatiq
from dramatiq.brokers.redis import RedisBroker

import tests.bench.ready  # noqa: F401
from tests.bench.app import books
from tests.bench.engines.orm import PYTHON, OrmEngine, broker_url

broker = RedisBroker(url=broker_url(), middleware=[])
dramatiq.set_broker(broker)


@dramatiq.actor
def process(item_id: int) -> None:
    books.process(item_id)


class DramatiqEngine(OrmEngine):
    label = "Dramatiq"
    env = {"dramatiq_queue_prefetch": "32"}

    def commands(self) -> list[list[str]]:
        options = ["--processes", str(self.count), "--threads", "1"]
        return [[PYTHON, "-m", "dramatiq", __name__, *options, "--skip-logging"]]

    def send(self, item_ids: list[int]) -> None:
        for item_id in item_ids:
            process.send(item_id)


ENGINES = {"dramatiq": DramatiqEngine}
