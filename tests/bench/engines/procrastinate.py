"""Procrastinate: the database is its queue; finished jobs are deleted, deferred in batches."""

from typing import Any

from django.conf import settings
from procrastinate.contrib.django import app

from tests.bench.app import books
from tests.bench.engines.orm import PYTHON, OrmEngine


@app.task(name="process")
def process(item_id: int) -> None:
    books.process(item_id)


class ProcrastinateEngine(OrmEngine):
    label = "Procrastinate"

    def commands(self) -> list[list[str]]:
        manage = [PYTHON, str(settings.BASE_DIR / "manage.py"), "procrastinate"]
        worker = [*manage, "worker", "--concurrency", "1", "--delete-jobs", "always"]
        return [worker] * self.count

    def send(self, item_ids: list[int]) -> None:
        arguments: list[dict[str, Any]] = [{"item_id": item_id} for item_id in item_ids]
        for first in range(0, len(arguments), 1000):
            process.batch_defer(*arguments[first : first + 1000])


ENGINES = {"procrastinate": ProcrastinateEngine}
