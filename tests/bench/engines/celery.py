"""Celery: processes, prefetching, no results, no events, no heartbeats between workers."""

import celery

import tests.bench.ready  # noqa: F401
from tests.bench.app import books
from tests.bench.engines.orm import PYTHON, OrmEngine, broker_url

app = celery.Celery("bench", broker=broker_url().replace("unix://", "redis+socket://", 1))
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=64,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="process", ignore_result=True)
def process(item_id: int) -> None:
    books.process(item_id)


class CeleryEngine(OrmEngine):
    label = "Celery"

    def commands(self) -> list[list[str]]:
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"]
        worker = ["worker", "--pool=prefork", f"--concurrency={self.count}", *quiet]
        return [[PYTHON, "-m", "celery", "-A", __name__, *worker]]

    def send(self, item_ids: list[int]) -> None:
        with app.producer_pool.acquire(block=True) as producer:
            for item_id in item_ids:
                process.apply_async((item_id,), producer=producer)


ENGINES = {"celery": CeleryEngine}
