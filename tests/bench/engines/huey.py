"""Huey: worker processes, no results; its queue is Valkey, or a SQLite file without one."""

import huey
from django.conf import settings

import tests.bench.ready  # noqa: F401
from tests.bench.app import books
from tests.bench.engines.orm import PYTHON, OrmEngine, broker_url

if broker_url():
    queue: huey.Huey = huey.RedisHuey("bench", url=broker_url(), results=False)
else:
    queue = huey.SqliteHuey(
        "bench", filename=str(settings.DATA_DIR / "huey.db"), results=False, fsync=False
    )


@queue.task()
def process(item_id: int) -> None:
    books.process(item_id)


class HueyEngine(OrmEngine):
    label = "Huey"

    def commands(self) -> list[list[str]]:
        options = ["-k", "process", "-w", str(self.count), "-q", "-n", "-C", "-d", "0.01"]
        path = f"{__name__}.queue"
        return [[PYTHON, "-m", "huey.bin.huey_consumer", path, *options, "-m", "0.05"]]

    def send(self, item_ids: list[int]) -> None:
        for item_id in item_ids:
            process(item_id)


ENGINES = {"huey": HueyEngine}
