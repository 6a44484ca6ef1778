"""One django-q2 task per item, tuned: no results kept, messages fetched 25 at a time."""

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

from tests.bench.app.books import TASK
from tests.bench.engines.orm import PYTHON, OrmEngine


class DjangoQ(OrmEngine):
    label = "django-q2, one task per item"
    env = {"BENCH_TASK_PER_ITEM": "1"}

    def commands(self) -> list[list[str]]:
        return [[PYTHON, str(settings.BASE_DIR / "manage.py"), "qcluster"]]

    def send(self, item_ids: list[int]) -> None:
        with transaction.atomic():
            for item_id in item_ids:
                async_task(TASK, item_id, task_name="item", save=False)


ENGINES = {"django_q": DjangoQ}
