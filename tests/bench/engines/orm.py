"""What the queue libraries have in common here: the books, kept with the Django ORM."""

import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from tests.bench.app.models import BenchItem, BenchJob
from tests.bench.engines.base import Engine
from tests.bench.work import Work

PYTHON = sys.executable


class OrmEngine(Engine):
    """A queue library with one message an item."""

    slow = True
    backlog = True
    env: dict[str, str] = {}

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        with connection.schema_editor() as editor:
            editor.create_model(BenchJob)
            editor.create_model(BenchItem)

    def commands(self) -> Sequence[Sequence[str]]:
        """The worker programs to start, for `self.count` processes."""
        raise NotImplementedError

    def send(self, item_ids: list[int]) -> None:
        """Put one message for each item into the queue, in order."""
        raise NotImplementedError

    def open(self) -> None:
        for command in self.commands():
            self.workers.start(command, **self.env)

    def submit(self, work: Work) -> BenchJob:
        job = BenchJob.objects.create()
        with transaction.atomic():
            made = BenchItem.objects.bulk_create(
                (BenchItem(job=job, kind=work.kind, key=key) for key in work.item_keys()),
                batch_size=1000,
            )
        self.send([item.pk for item in made])
        return job

    def is_done(self, job: BenchJob) -> bool:
        return not BenchItem.objects.filter(job=job, status="pending").exists()

    def finish_times(self, job: BenchJob) -> list[float]:
        return list(
            BenchItem.objects.filter(job=job, status="succeeded").values_list(
                "finished_at", flat=True
            )
        )

    def cancel(self, job: BenchJob) -> None:
        BenchJob.objects.filter(pk=job.pk).update(status="cancelled")


def broker_url() -> str:
    """The address of the Valkey server, given by the harness to those who need one."""
    return settings.REDIS_URL
