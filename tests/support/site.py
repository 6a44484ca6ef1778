"""A whole site for one test: folders, database, broker, clusters, web server.

    def test_something(site_factory):
        site = site_factory("sqlite", files={"a.txt": b"x"}, workers=2)
        site.start_cluster()                      # manage.py qcluster, several if called again
        job = site.start_job("act", count=20)     # services, in this process, on its database
        site.wait_for_end(job)
        answer = Client(site.start_web()).get(f"/api/jobs/{job.pk}")

In the test's own process the ORM and the services work on the site's database and broker
from the time it is made until it is closed, so only one site can be open at a time.
Code that must not use the ORM (in an event loop, as Playwright's) uses `site.sql`.
Closing ends every process, and fails if one was left, if a log speaks of a locked
database, or if it holds a traceback that was not announced by `allow_in_logs`.
"""

import shutil
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import Any

import psycopg
from django.db import connection
from django.utils import timezone

from jobs import services
from jobs.backends import job_totals
from jobs.models import Job, LibraryFile
from jobs.progress import progress_of, status_object
from jobs.states import FINISHED
from tests.support.folders import new_folder
from tests.support.in_process import site_in_process
from tests.support.processes import MARK, kill_marked
from tests.support.programs import Programs
from tests.support.stacks import Servers, clean_environment
from tests.support.waiting import wait_until
from tests.testapp import journal

FORBIDDEN = ("database is locked", "Traceback (most recent call last)")


class Site(Programs):
    """See the module."""

    def __init__(
        self, servers: Servers, stack: str = "sqlite", *, workers: int = 2, **env: str
    ) -> None:
        self.servers = servers
        self.stack = stack
        mark = uuid.uuid4().hex
        super().__init__(mark, new_folder("site-"), workers)
        self.library = self.folder / "library"
        self.library.mkdir()
        self.data = self.folder / "data"
        self.journal = self.folder / "journal"
        journal.prepare(self.journal)
        self.database = servers.new_environment(stack, self.data)
        self.env = clean_environment(
            **self.database,
            LIBRARY_ROOT=str(self.library),
            EXTRA_APPS="tests.testapp",
            WORKERS=str(workers),
            **{MARK: mark, journal.VARIABLE: str(self.journal)},
            **env,
        )
        self.allowed: list[str] = []
        self._exits = ExitStack()
        self._exits.enter_context(
            site_in_process(
                self.database, LIBRARY_ROOT=self.library, WORKERS=workers, LOGIN_REQUIRED=False
            )
        )

    # Files.

    def add_files(self, files: dict[str, bytes]) -> None:
        """Write these files into the library, and into its index."""
        rows = []
        for path, content in files.items():
            file = self.library / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            stat = file.stat()
            rows.append(
                LibraryFile(
                    path=path,
                    size=stat.st_size,
                    mtime_ns=stat.st_mtime_ns,
                    modified=timezone.now(),
                    kind=file.suffix.lstrip("."),
                )
            )
        LibraryFile.objects.bulk_create(rows)

    # Jobs.

    def start_job(self, operation: str = "act", **parameters: Any) -> Job:
        """Start a job of an operation with own items; `parameters` are the operation's."""
        return services.start_job(operation, parameters=parameters)

    def status(self, job: Job) -> dict[str, Any]:
        """The job's status object now."""
        return asdict(status_object(Job.objects.get(pk=job.pk)))

    def wait_for(self, job: Job, seconds: float = 30, **wanted: Any) -> dict[str, Any]:
        """Wait until the status object has these values: `status="completed"`, or numbers
        of its `progress` that are reached, as `processed=5`."""

        def reached(status: str, progress: dict[str, int]) -> bool:
            return wanted.get("status", status) == status and all(
                progress[name] >= value for name, value in wanted.items() if name != "status"
            )

        return self._wait(job, reached, seconds, str(wanted))

    def wait_for_end(self, job: Job, seconds: float = 30) -> dict[str, Any]:
        """Wait until the job is finished and none of its items runs."""

        def over(status: str, progress: dict[str, int]) -> bool:
            return status in FINISHED and not progress["in_flight"]

        return self._wait(job, over, seconds, "over")

    def _wait(
        self, job: Job, condition: Callable[[str, dict[str, int]], bool], seconds: float, what: str
    ) -> dict[str, Any]:
        last: dict[str, Any] = {}

        def reached() -> bool:
            nonlocal last
            # Two queries; the whole status object needs many.
            row = Job.objects.get(pk=job.pk)
            if not condition(row.status, asdict(progress_of(row, job_totals([row.pk])[row.pk]))):
                return False
            last = self.status(job)
            return condition(last["status"], last["progress"])

        try:
            wait_until(reached, seconds=seconds, what=what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.status(job)}\n{self.logs()[-4000:]}") from None
        return last

    def let_go(self, job: Job | str) -> None:
        """End the items that wait for this, of a job or of one with this id; see `behaviours`."""
        job_id = job.pk if isinstance(job, Job) else job
        journal.let_go_file(self.journal, job_id).touch()

    def lines(self, job: Job | None = None) -> list[journal.Line]:
        """What the operations wrote down; see `tests.testapp.journal`."""
        return journal.read(self.journal, "" if job is None else job.pk)

    # Looking at it from outside.

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of one statement, on a connection of its own without Django; `?` for parameters."""
        if url := self.database["DATABASE_URL"]:
            with psycopg.connect(url, autocommit=True) as raw:
                cursor = raw.execute(statement.replace("?", "%s").encode(), parameters)
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(self.data / "db.sqlite3", timeout=30)) as lite, lite:
            return lite.execute(statement, parameters).fetchall()

    def allow_in_logs(self, *words: str) -> None:
        """Do not fail for these, of FORBIDDEN: a test that takes the database away needs it."""
        self.allowed += words

    # The end.

    def close(self) -> None:
        """End everything and check what was left; see the module."""
        connection.close()
        try:
            left = self.stop_programs()
            logs = self.logs()
        finally:
            kill_marked(self.mark)
            self._exits.close()
            self.servers.drop(self.database)
            shutil.rmtree(self.folder, ignore_errors=True)
        assert not left, f"these processes were left: {left}\n{logs[-3000:]}"
        for words in set(FORBIDDEN) - set(self.allowed):
            assert words not in logs, logs[max(0, logs.index(words) - 500) :][:4000]
