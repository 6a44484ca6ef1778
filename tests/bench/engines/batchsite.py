"""This engine: real `manage.py qcluster` processes, jobs started through its services."""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.utils import timezone

from jobs import services
from jobs.cluster.registry import live_clusters
from jobs.models import Job, JobItem, Lease, LibraryFile
from jobs.states import FINISHED
from tests.bench.engines.base import Engine
from tests.bench.engines.orm import PYTHON
from tests.bench.processes import wait_for
from tests.bench.work import Work


class Batchsite(Engine):
    label = "this engine"

    def open(self) -> None:
        manage = str(settings.BASE_DIR / "manage.py")
        self.workers.start([PYTHON, manage, "qcluster"], WORKERS=str(self.count))
        shown = len(self.workers.started)
        wait_for(lambda: live_clusters().count() >= shown, "the cluster has shown itself")

    def submit(self, work: Work) -> Job:
        parameters = {"kind": work.kind, "count": work.count, "source": work.source}
        return services.start_job("bench", parameters=parameters)

    def is_done(self, job: Job) -> bool:
        job.refresh_from_db(fields=["status"])
        return job.status in FINISHED and not Lease.objects.held().filter(job=job).exists()

    def finish_times(self, job: Job) -> list[float]:
        times: Iterable = JobItem.objects.filter(job=job, status="succeeded").values_list(
            "finished_at", flat=True
        )
        return [moment.timestamp() for moment in times]

    def cancel(self, job: Job) -> None:
        services.cancel_job(job.pk, actor=services.Actor())


class BatchsiteLibrary(Batchsite):
    """With the index of the library, whose rows tell how each file's last item ended."""

    label = "this engine, library files"
    kinds = ("noop",)
    cancels = False

    def open(self) -> None:
        self.indexed = 0
        super().open()

    def submit(self, work: Work) -> Job:
        if self.indexed != work.count:
            index_missing(work.count)
            self.indexed = work.count
        return services.start_job("bench_library", all=True, actor=services.Actor())


def index_missing(count: int) -> None:
    """Fill the index of the library with so many files, which need not be there for a noop."""
    postgresql = connection.vendor == "postgresql"
    numbers = (
        "generate_series(1, %s) AS numbers(n)"
        if postgresql
        else "(WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < %s) "
        "SELECT n FROM one) AS numbers"
    )
    path = "to_char(n, 'FM0000000')" if postgresql else "printf('%%07d', n)"
    LibraryFile.objects.all().delete()
    first = LibraryFile.objects.create(
        path="0000000.bin", size=0, mtime_ns=0, modified=timezone.now(), kind="bin"
    )
    names = [field.column for field in LibraryFile._meta.concrete_fields]
    others = ", ".join(f'"{name}"' for name in names if name not in ("id", "path"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO jobs_libraryfile (path, {others}) "
            f"SELECT {path} || '.bin', {others} FROM jobs_libraryfile, {numbers} WHERE id = %s",
            [count - 1, first.pk],
        )


ENGINES = {"batchsite": Batchsite, "batchsite_library": BatchsiteLibrary}
