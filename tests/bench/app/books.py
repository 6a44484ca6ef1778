"""One item with the least bookkeeping that can be tracked and cancelled, by the Django ORM.

Every queue library's task calls this: it checks the job's status before the item and
records the item's end. It keeps no counters, no leases and no events.
"""

from time import time

from tests.bench.app.models import BenchItem
from tests.bench.work import PERFORM

TASK = "tests.bench.app.books.process"


def process(item_id: int) -> None:
    item = BenchItem.objects.select_related("job").get(pk=item_id)
    if item.job.status != "processing":
        return
    result = PERFORM[item.kind](item.key)
    BenchItem.objects.filter(pk=item_id, status="pending").update(
        status="succeeded", result=result, finished_at=time()
    )
