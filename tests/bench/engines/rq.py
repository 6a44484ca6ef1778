"""RQ: workers that do not fork for each job, no results kept, sent in pipelines."""

import redis
import rq

import tests.bench.ready  # noqa: F401
from tests.bench.app.books import TASK
from tests.bench.engines.orm import PYTHON, OrmEngine, broker_url


class RqEngine(OrmEngine):
    label = "RQ"

    def commands(self) -> list[list[str]]:
        worker = [PYTHON, "-m", "tests.bench.engines.rq"]
        return [worker] * self.count

    def send(self, item_ids: list[int]) -> None:
        with redis.from_url(broker_url()) as client:
            queue = rq.Queue(connection=client)
            prepared = [
                rq.Queue.prepare_data(TASK, (item_id,), result_ttl=0, description="item")
                for item_id in item_ids
            ]
            for first in range(0, len(prepared), 1000):
                queue.enqueue_many(prepared[first : first + 1000])


def work() -> None:
    """One worker process: what `rq worker -w rq.SimpleWorker -q` does, with Django set up."""
    client = redis.from_url(broker_url())
    worker = rq.SimpleWorker([rq.Queue(connection=client)], connection=client)
    worker.log_result_lifespan = False
    worker.work(logging_level="ERROR")


ENGINES = {"rq": RqEngine}

if __name__ == "__main__":
    work()
